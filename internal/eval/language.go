package eval

import (
	"strings"

	"ticketsystem.example/shared/classify"
)

// Tongues are the files of texts whose language is the label.
var Tongues = []string{"language-pairs", "language-sentences-1", "language-sentences-2"}

// Languages trains one model on four fifths of all texts in the folder, and judges it on
// the rest: pairs of words and sentences apart.
func Languages(folder string) (pairs, sentences Figures, err error) {
	var known, asked []classify.Example
	var isPair []bool
	var all []classify.Example
	for _, name := range Tongues {
		some, err := Load(folder, false, name)
		if err != nil {
			return pairs, sentences, err
		}
		for range some {
			isPair = append(isPair, strings.HasSuffix(name, "pairs"))
		}
		all = append(all, some...)
	}
	two, one := tally{labels: map[string]int{}}, tally{labels: map[string]int{}}
	var pair []bool
	for i, part := range classify.Fold(all, folds) {
		if part > 0 {
			known = append(known, all[i])
			continue
		}
		asked, pair = append(asked, all[i]), append(pair, isPair[i])
	}
	m, err := two.train(known, nil)
	if err != nil {
		return pairs, sentences, err
	}
	one.bytes = two.bytes
	for i, e := range asked {
		if pair[i] {
			two.add(e.Label, m.Predict(e.Text))
		} else {
			one.add(e.Label, m.Predict(e.Text))
		}
	}
	return two.figures("languages of pairs of words"), one.figures("languages of sentences"), nil
}
