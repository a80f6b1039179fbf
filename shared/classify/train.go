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
	rare   int32   // a feature in fewer texts isn't learned
	folds  int     // of the cross-validation that calibrates
}{grams{2, 2, 5}, 0.5, 6, 2, 3}

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
	judged := judge(examples, texts, class, len(labels))
	m := fit(texts, class, len(labels)).pack(labels)
	m.sure = calibrate(judged)
	m.threshold = threshold(judged, m.sure)
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
	bias    []float32
}

// fit trains a linear support vector machine for each class against the others, all at
// once, by dual coordinate descent (squared hinge loss; Hsieh and others, 2008): it
// needs no learning rate, and most texts soon change nothing any more.
func fit(texts [][]count, class []int, classes int) *machine {
	m := &machine{vocabulary: learn(texts), classes: classes}
	m.weights = make([]float32, len(m.rarity)*classes)
	m.bias = make([]float32, classes)
	vectors := make([]vector, len(texts))
	size := make([]float32, len(texts))
	for i, t := range texts {
		vectors[i] = m.vector(t)
		size[i] = 1
		for _, x := range vectors[i].values {
			size[i] += x * x
		}
	}
	alpha := make([]float32, len(texts)*classes)
	scores := make([]float32, classes)
	random := rand.New(rand.NewPCG(1, 2)) // always the same, so that training is
	order := random.Perm(len(texts))
	var steps []step
	for range settings.rounds {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			m.score(vectors[i], scores)
			steps = solve(steps[:0], scores, alpha[i*classes:(i+1)*classes], class[i], size[i], own(classes))
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
func solve(steps []step, scores, alpha []float32, class int, size, weight float32) []step {
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
		alpha[c] = max(old-gradient/(size+slack), 0)
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
		weights := m.weights[int(row)*m.classes:][:m.classes]
		for _, s := range steps {
			weights[s.class] += s.by * v.values[j]
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
