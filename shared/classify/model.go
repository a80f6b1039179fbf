package classify

import (
	"cmp"
	"math"
	"slices"
)

// Model is what was learned. It is safe for use by many at once.
type Model struct {
	labels    []string
	scale     []float32 // of each class: what a weight of 1 means
	bias      []float32
	unknown   float32 // the rarity of features never seen
	sure      certainty
	threshold float64
	lowest    float64  // the best score below which a text is like none that was learned
	rows      []byte   // as in the file, see file.go
	at        []uint32 // where the row of each bucket begins, plus one
}

// Guess is a class and how likely it is.
type Guess struct {
	Label       string
	Probability float64
}

// Decision is what a model says about a text.
type Decision struct {
	// Guesses are the three likeliest classes, the best first.
	Guesses []Guess
	// Sure says that the best guess is likely enough to act on without a person.
	Sure bool
	// Reasons are up to five words of the text that speak most for the best guess.
	Reasons []string
}

const (
	guesses = 3
	reasons = 5
)

// Labels are the classes that the model knows, in order.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Threshold is the probability from which on a decision is sure; above 1 if none is.
func (m *Model) Threshold() float64 { return m.threshold }

// Predict says which class a text belongs to.
func (m *Model) Predict(text string) Decision {
	words := split(text)
	seen := m.look(settings.grams.countsOf(words))
	scores := m.scores(seen)
	first, second := topTwo(scores)
	p := m.sure.of(float64(scores[first]), float64(scores[second]))
	known := slices.ContainsFunc(seen, func(s sight) bool { return s.row != nil })
	return Decision{
		Guesses: m.guesses(scores, first, p),
		Sure:    known && p >= m.threshold && float64(scores[first]) >= m.lowest,
		Reasons: m.reasons(words, seen, first),
	}
}

// sight is a feature of a text with its weight there and its row in the model.
type sight struct {
	bucket bucket
	whole  bool
	value  float32
	row    []byte // pairs of class and weight
}

// look finds the features in the model and weighs them.
func (m *Model) look(text []count) []sight {
	out := make([]sight, len(text))
	var n norms
	for i, f := range text {
		rare, row := m.row(f.bucket)
		out[i] = sight{f.bucket, f.whole, term(f.n) * rare, row}
		n.add(f.whole, out[i].value)
	}
	whole, part := n.scale(true), n.scale(false)
	for i := range out {
		if out[i].whole {
			out[i].value *= whole
		} else {
			out[i].value *= part
		}
	}
	return out
}

// scores are the scores of all classes.
func (m *Model) scores(text []sight) []float32 {
	sum := make([]float32, len(m.labels))
	for _, s := range text {
		m.weights(s.row, func(class int, weight int8) { sum[class] += s.value * float32(weight) })
	}
	for c := range sum {
		sum[c] = m.bias[c] + sum[c]*m.scale[c]
	}
	return sum
}

// guesses are the likeliest classes. What the best one leaves is shared by the others
// after their scores, and none gets more than the best.
func (m *Model) guesses(scores []float32, first int, p float64) []Guess {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var all float64
	weigh := func(c int) float64 { return math.Exp(4 * float64(scores[c]-scores[first])) }
	for _, c := range order[1:] {
		all += weigh(c)
	}
	out := []Guess{{m.labels[first], p}}
	for _, c := range order[1:min(guesses, len(order))] {
		out = append(out, Guess{m.labels[c], min(p, (1-p)*weigh(c)/all)})
	}
	return out
}

// reasons are the words that speak most for a class, each once: a feature speaks for
// every word that it is part of.
func (m *Model) reasons(words []word, text []sight, class int) []string {
	speaks := make(map[uint32]float32, len(text))
	for _, s := range text {
		m.weights(s.row, func(c int, weight int8) {
			if c == class {
				speaks[key(s.bucket, s.whole)] = s.value * float32(weight)
			}
		})
	}
	sum := map[string]float32{}
	settings.grams.each(words, func(b bucket, first, last int, whole bool) {
		said := speaks[key(b, whole)]
		for i := first; i <= last; i++ {
			sum[words[i].text] += said / float32(last-first+1)
		}
	})
	var out []string
	for text, said := range sum {
		if said > 0 {
			out = append(out, text)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(sum[b], sum[a]), cmp.Compare(a, b))
	})
	return out[:min(reasons, len(out))]
}
