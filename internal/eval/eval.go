// Package eval judges the learned router on data that nobody here wrote
// (testdata/datasets): by cross-validation in which texts that are alike never stand on
// both sides, with fixed seeds, and always beside what naming the commonest label reaches.
// Its figures are kept in docs/routing.md and compared, so that a change which makes
// routing worse is seen. It measures and judges; it deploys nothing.
package eval

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"ticketsystem.example/shared/classify"
)

// folds of the outer cross-validation.
const folds = 5

// Figures are what was measured on one set of data.
type Figures struct {
	Name                string
	Examples, Labels    int
	Majority            float64 // share right by naming the commonest label
	Accuracy            float64
	Sure, RightWhenSure float64 // coverage, and accuracy there
	Calibration         float64 // expected calibration error of the best guess
	Outside             float64 // share of texts of no label that are left to people; 0 if not asked
	Bytes               int     // of the largest model's file
}

// Row is the figures as a row of the table.
func (f Figures) Row() string {
	outside := ""
	if f.Outside > 0 {
		outside = fmt.Sprintf("%.1f", 100*f.Outside)
	}
	return fmt.Sprintf("| %s | %d | %d | %.1f | %.1f | %.1f | %.1f | %.3f | %s | %d |", f.Name, f.Examples, f.Labels,
		100*f.Majority, 100*f.Accuracy, 100*f.Sure, 100*f.RightWhenSure, f.Calibration, outside, f.Bytes>>10)
}

// Load reads a set's files below a folder. With domain, the domain is the label.
func Load(folder string, domain bool, names ...string) ([]classify.Example, error) {
	var out []classify.Example
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name+".tsv"))
		if err != nil {
			return nil, err
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
			part := strings.SplitN(line, "\t", 3)
			if len(part) != 3 {
				return nil, fmt.Errorf("%s.tsv:%d: not three columns", name, i+1)
			}
			label := part[0]
			if domain {
				label = part[1]
			}
			out = append(out, classify.Example{Text: part[2], Label: label})
		}
	}
	return out, nil
}

// Cross judges by cross-validation.
func Cross(name string, all []classify.Example) (Figures, error) {
	t := tally{labels: map[string]int{}}
	fold := classify.Fold(all, folds)
	for part := range folds {
		var known, asked []classify.Example
		for i, e := range all {
			if fold[i] == part {
				asked = append(asked, e)
			} else {
				known = append(known, e)
			}
		}
		if _, err := t.train(known, asked); err != nil {
			return Figures{}, err
		}
	}
	return t.figures(name), nil
}

// Held judges one model on examples that are not among those it learned from, and on
// texts that belong to no label, if there are any.
func Held(name string, known, asked, outside []classify.Example) (Figures, error) {
	t := tally{labels: map[string]int{}}
	seen := map[string]bool{}
	for _, e := range known {
		seen[e.Text] = true
	}
	var fresh []classify.Example
	for _, e := range asked {
		if !seen[e.Text] {
			fresh = append(fresh, e)
		}
	}
	m, err := t.train(known, fresh)
	if err != nil {
		return Figures{}, err
	}
	f := t.figures(name)
	for _, e := range outside {
		if !m.Predict(e.Text).Sure {
			f.Outside += 1 / float64(len(outside))
		}
	}
	return f, nil
}

// tally counts answers.
type tally struct {
	labels             map[string]int
	all, right         int
	sure, rightIfSure  int
	bins, said, actual [10]float64
	bytes              int
}

// train learns and asks.
func (t *tally) train(known, asked []classify.Example) (*classify.Model, error) {
	trained, err := classify.Train(known)
	if err != nil {
		return nil, err
	}
	file := trained.Encode() // what is judged is what is kept, rounded weights and all
	t.bytes = max(t.bytes, len(file))
	m, err := classify.Decode(file)
	if err != nil {
		return nil, err
	}
	for _, e := range asked {
		t.add(e.Label, m.Predict(e.Text))
	}
	return m, nil
}

func (t *tally) add(label string, d classify.Decision) {
	t.labels[label]++
	t.all++
	best := d.Guesses[0]
	bin := min(int(best.Probability*10), 9)
	t.bins[bin]++
	t.said[bin] += best.Probability
	if d.Sure {
		t.sure++
	}
	if best.Label == label {
		t.right++
		t.actual[bin]++
		if d.Sure {
			t.rightIfSure++
		}
	}
}

func (t *tally) figures(name string) Figures {
	f := Figures{Name: name, Examples: t.all, Labels: len(t.labels), Bytes: t.bytes}
	n := float64(t.all)
	for _, count := range t.labels {
		f.Majority = max(f.Majority, float64(count)/n)
	}
	f.Accuracy, f.Sure = float64(t.right)/n, float64(t.sure)/n
	f.RightWhenSure = float64(t.rightIfSure) / max(float64(t.sure), 1)
	for b := range t.bins {
		f.Calibration += math.Abs(t.said[b]-t.actual[b]) / n
	}
	return f
}
