// Package language tells which language a text is written in: one of 21, without any
// service and without a dictionary.
//
// A linear classifier (package classify) over words and runs of letters, trained on
// public sentences and pairs of words, lies in this package as one text file. It is read
// at the first question: 0.5 MB and a few milliseconds, so a function that starts anew
// doesn't wait for it. How often it is right is in docs/routing.md.
//
//	go run ./internal/eval/cmd/languages     # trains anew; the same data gives the same file
//
// It answers "" rather than guess: a number, a name or a language that it doesn't know
// should leave a ticket without a language. Of a text in several languages it names one.
package language

import (
	_ "embed" // the model
	"encoding/base64"
	"strings"
	"sync"
	"unicode"

	"ticketsystem.example/shared/classify"
)

//go:embed model.base64
var file string

// model reads the file once.
var model = sync.OnceValues(read)

func read() (*classify.Model, error) {
	binary, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(file, "\n", ""))
	if err != nil {
		return nil, err
	}
	return classify.Decode(binary)
}

// longest is how many bytes of a text are read; more doesn't make the answer better.
const longest = 1000

// Detect returns the language of a text as in BCP 47 ("en", "tr"), and "" where it isn't
// clear.
func Detect(text string) string {
	d, ok := ask(text)
	if !ok || !d.Sure || !enough(d.Guesses[0].Label, text) {
		return ""
	}
	return d.Guesses[0].Label
}

// scripts are those of the languages that aren't written in Latin letters.
var scripts = map[string][]*unicode.RangeTable{
	"ar": {unicode.Arabic}, "el": {unicode.Greek}, "ja": {unicode.Hiragana, unicode.Katakana, unicode.Han},
	"ru": {unicode.Cyrillic}, "uk": {unicode.Cyrillic}, "zh": {unicode.Han},
}

// latinLetters is how many letters it takes to tell languages in Latin letters apart.
const latinLetters = 12

// enough reports whether a text has enough letters of a language's script: what was
// learned knows nothing of numbers, ticket numbers and made-up words.
func enough(language, text string) bool {
	script, other := scripts[language]
	least := 2
	if !other {
		script, least = []*unicode.RangeTable{unicode.Latin}, latinLetters
	}
	n := 0
	for _, r := range text {
		if unicode.In(r, script...) {
			n++
		}
	}
	return n >= least
}

// Guess returns the likeliest language of a text however unclear it is, and how likely
// it is.
func Guess(text string) (language string, probability float64) {
	d, ok := ask(text)
	if !ok {
		return "", 0
	}
	return d.Guesses[0].Label, d.Guesses[0].Probability
}

func ask(text string) (classify.Decision, bool) {
	m, err := model()
	if err != nil {
		return classify.Decision{}, false // the file is part of the program and read by its tests
	}
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return m.Predict(text), true
}

// Known are the languages that Detect can tell apart.
func Known() []string {
	m, err := model()
	if err != nil {
		return nil
	}
	return m.Labels()
}
