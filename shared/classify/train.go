package classify

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// Example is a text whose class is known.
type Example struct {
	Text  string
	Label string
}

// settings are the one configuration for all data. They were chosen by cross-validation
// on public sets, never on a test split.
var settings = struct {
	grams  grams
	cost   float32 // of a text on the wrong side of a class; more fits closer
	rounds int     // over all examples
	folds  int     // of the cross-validation that chooses a way and calibrates
	many   int     // examples from which on one part is enough to choose
	ways   []way   // the one that decides better is taken, the first in doubt
}{grams{2, 2, 5}, 0.5, 6, 3, 4000, []way{{0.85, 1, false}, {0.5, 2, true}}}

// way is how features are weighed.
type way struct {
	rarity  float64 // how much being rare counts: a power
	rare    int32   // a feature in fewer texts isn't learned
	telling bool    // whether features that are telling about a class learn faster
}

// own is how much more a text of a class costs than one of the others. The more classes,
// the fewer texts are its own.
func own(classes int) float32 { return max(1, float32(math.Sqrt(float64(classes-1))/2)) }

// most is how many classes a model may have.
const most = 1000

var (
	errFewClasses  = errors.New("at least two different labels are needed to learn from")
	errManyClasses = errors.New("there are more labels than a model can have (1000)")
)

// Train learns from examples. The same examples in the same order give the same model.
func Train(examples []Example) (*Model, error) {
	labels := labelsOf(examples)
	switch {
	case len(labels) < 2:
		return nil, errFewClasses
	case len(labels) > most:
		return nil, errManyClasses
	}
	texts := make([][]count, len(examples))
	class := make([]int, len(examples))
	for i, e := range examples {
		texts[i] = settings.grams.counts(e.Text)
		class[i], _ = slices.BinarySearch(labels, e.Label)
	}
	w, judged := choose(examples, texts, class, len(labels))
	m := fit(texts, class, len(labels), w).pack(labels)
	m.sure = calibrate(judged)
	m.lowest = lowest(judged)
	m.threshold = threshold(judged, m.sure, m.lowest)
	return m, nil
}

// labelsOf are the different labels in order.
func labelsOf(examples []Example) []string {
	var out []string
	for _, e := range examples {
		out = append(out, e.Label)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// machine is what is learned, before it is packed into a model: a row of weights, one
// for each class, for each feature that is known.
type machine struct {
	vocabulary
	classes int
	weights []float32 // row by row
	pace    []float32 // of each weight: how fast it learns; nil if all do alike
	bias    []float32
}

// fit trains a linear support vector machine for each class against the others, all at
// once, by dual coordinate descent (squared hinge loss; Hsieh and others, 2008): it
// needs no learning rate, and most texts soon change nothing any more.
func fit(texts [][]count, class []int, classes int, w way) *machine {
	m := &machine{vocabulary: learn(texts, w), classes: classes}
	m.weights = make([]float32, len(m.rarity)*classes)
	m.bias = make([]float32, classes)
	vectors := make([]vector, len(texts))
	for i, t := range texts {
		vectors[i] = m.vector(t)
	}
	if w.telling {
		m.pace = m.telling(vectors, class)
	}
	size := m.sizes(vectors)
	alpha := make([]float32, len(texts)*classes)
	scores := make([]float32, classes)
	random := rand.New(rand.NewPCG(1, 2)) // always the same, so that training is
	order := random.Perm(len(texts))
	var steps []step
	for range settings.rounds {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			m.score(vectors[i], scores)
			at := i * classes
			steps = solve(steps[:0], scores, alpha[at:at+classes], size[at:at+classes], class[i], own(classes))
			m.add(vectors[i], steps)
		}
	}
	return m
}

// step is by how much of a text a class's weights move.
type step struct {
	class int
	by    float32
}

// solve finds the best step for one text in each class, the others being as they are.
func solve(steps []step, scores, alpha, size []float32, class int, weight float32) []step {
	for c, score := range scores {
		side, slack := float32(-1), 1/(2*settings.cost)
		if c == class {
			side, slack = 1, slack/weight
		}
		gradient := side*score - 1 + alpha[c]*slack
		if alpha[c] == 0 && gradient >= 0 {
			continue
		}
		old := alpha[c]
		alpha[c] = max(old-gradient/(size[c]+slack), 0)
		if by := (alpha[c] - old) * side; by != 0 {
			steps = append(steps, step{c, by})
		}
	}
	return steps
}

// add moves the weights.
func (m *machine) add(v vector, steps []step) {
	if len(steps) == 0 {
		return
	}
	for j, row := range v.rows {
		at := int(row) * m.classes
		weights := m.weights[at:][:m.classes]
		if m.pace == nil {
			for _, s := range steps {
				weights[s.class] += s.by * v.values[j]
			}
			continue
		}
		pace := m.pace[at:][:m.classes]
		for _, s := range steps {
			weights[s.class] += s.by * v.values[j] * pace[s.class]
		}
	}
	for _, s := range steps {
		m.bias[s.class] += s.by
	}
}

// score writes the score of each class.
func (m *machine) score(v vector, scores []float32) {
	copy(scores, m.bias)
	for j, row := range v.rows {
		x := v.values[j]
		for c, w := range m.weights[int(row)*m.classes:][:len(scores)] {
			scores[c] += x * w
		}
	}
}
