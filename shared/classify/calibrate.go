package classify

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// goal is how often a decision without a person should be right.
const goal = 0.95

// judgement is what a machine said about a text that it hadn't seen.
type judgement struct {
	best, second float64 // scores
	right        bool
}

// Fold puts texts that are alike but for case and spaces into the same of n parts, as
// even as it can within each label, and the same ones each time.
func Fold(examples []Example, n int) []int {
	type group struct {
		hash  uint64
		first int
	}
	keys := make([]uint64, len(examples))
	seen := map[uint64]bool{}
	var groups []group
	for i, e := range examples {
		h := fnv.New64a()
		h.Write([]byte(strings.Join(strings.Fields(strings.ToLower(e.Text)), " ")))
		keys[i] = h.Sum64()
		if !seen[keys[i]] {
			seen[keys[i]] = true
			groups = append(groups, group{keys[i], i})
		}
	}
	slices.SortFunc(groups, func(a, b group) int {
		if a.hash < b.hash {
			return -1
		}
		return 1
	})
	next := map[string]int{}
	part := map[uint64]int{}
	for _, g := range groups {
		label := examples[g.first].Label
		if _, ok := next[label]; !ok {
			next[label] = int(g.hash % uint64(n))
		}
		part[g.hash] = next[label] % n
		next[label]++
	}
	out := make([]int, len(examples))
	for i, k := range keys {
		out[i] = part[k]
	}
	return out
}

// choose finds the way that decides better about texts that it hadn't seen, and what it
// said about them.
func choose(examples []Example, texts [][]count, class []int, classes int) (way, []judgement) {
	fold := Fold(examples, settings.folds)
	parts := settings.folds
	if len(examples) > settings.many {
		parts = 1
	}
	best, most := 0, -1
	said := make([][]judgement, len(settings.ways))
	for i, w := range settings.ways {
		right := 0
		for part := range parts {
			said[i] = append(said[i], judge(texts, class, classes, fold, part, w)...)
		}
		for _, j := range said[i] {
			if j.right {
				right++
			}
		}
		if right > most {
			best, most = i, right
		}
	}
	for part := parts; part < settings.folds; part++ {
		said[best] = append(said[best], judge(texts, class, classes, fold, part, settings.ways[best])...)
	}
	return settings.ways[best], said[best]
}

// judge trains on all parts but one and asks about that one.
func judge(texts [][]count, class []int, classes int, fold []int, part int, w way) []judgement {
	var known [][]count
	var label []int
	for i, f := range fold {
		if f != part {
			known, label = append(known, texts[i]), append(label, class[i])
		}
	}
	m := fit(known, label, classes, w)
	scores := make([]float32, classes)
	var out []judgement
	for i, f := range fold {
		if f == part {
			m.score(m.vector(texts[i]), scores)
			first, second := topTwo(scores)
			out = append(out, judgement{float64(scores[first]), float64(scores[second]), first == class[i]})
		}
	}
	return out
}

// topTwo are the classes with the highest scores.
func topTwo(scores []float32) (first, second int) {
	second = -1
	for c, s := range scores {
		switch {
		case c == 0:
		case s > scores[first]:
			first, second = c, first
		case second < 0 || s > scores[second]:
			second = c
		}
	}
	return first, second
}

// certainty turns scores into the probability that the best class is right: a logistic
// curve over the best score and its lead.
type certainty struct{ best, lead, base float64 }

// of is the probability.
func (c certainty) of(best, second float64) float64 {
	return 1 / (1 + math.Exp(-(c.best*best + c.lead*(best-second) + c.base)))
}

// calibrate fits the curve by Newton's method, held a little so that it exists even
// where all judgements are right.
func calibrate(judged []judgement) certainty {
	const hold = 0.01
	var w [3]float64
	for range 30 {
		g := [3]float64{-hold * w[0], -hold * w[1], -hold * w[2]}
		h := [3][3]float64{{hold, 0, 0}, {0, hold, 0}, {0, 0, hold}}
		for _, j := range judged {
			x := [3]float64{j.best, j.best - j.second, 1}
			p := certainty{w[0], w[1], w[2]}.of(j.best, j.second)
			miss := -p
			if j.right {
				miss = 1 - p
			}
			for a := range x {
				g[a] += miss * x[a]
				for b := range x {
					h[a][b] += p * (1 - p) * x[a] * x[b]
				}
			}
		}
		for i, d := range solve3(h, g) {
			w[i] += d
		}
	}
	return certainty{w[0], w[1], w[2]}
}

// solve3 solves three linear equations of a positive definite matrix.
func solve3(h [3][3]float64, g [3]float64) [3]float64 {
	for i := range 3 {
		for k := i + 1; k < 3; k++ {
			by := h[k][i] / h[i][i]
			for j := range 3 {
				h[k][j] -= by * h[i][j]
			}
			g[k] -= by * g[i]
		}
	}
	for i := 2; i >= 0; i-- {
		for j := i + 1; j < 3; j++ {
			g[i] -= h[i][j] * g[j]
		}
		g[i] /= h[i][i]
	}
	return g
}

// strange is the share of what a machine is right about that may be left to people so
// that texts of no class are: what scores lower than nearly all of it is like nothing
// that was learned.
const strange = 0.015

// lowest is the best score below which a text is like nothing that was learned.
func lowest(judged []judgement) float64 {
	var right []float64
	for _, j := range judged {
		if j.right {
			right = append(right, j.best)
		}
	}
	if len(right) == 0 {
		return math.MaxFloat64
	}
	slices.Sort(right)
	return right[int(strange*float64(len(right)))]
}

// threshold is the lowest certainty from which on decisions are right as often as they
// should be, among texts that score enough; above 1 if they never are.
func threshold(judged []judgement, c certainty, lowest float64) float64 {
	type one struct {
		p     float64
		right bool
	}
	var all []one
	for _, j := range judged {
		if j.best >= lowest {
			all = append(all, one{c.of(j.best, j.second), j.right})
		}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Compare(b.p, a.p) })
	least, right := 2.0, 0.0
	for i, o := range all {
		if o.right {
			right++
		}
		if last := i+1 == len(all) || all[i+1].p != o.p; last && right >= goal*float64(i+1) {
			least = o.p
		}
	}
	return least
}
