package search

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// stemmers are the languages whose stems are known, by ISO 639-1 code.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem, "it": italian.Stem,
	"nl": dutch.Stem, "no": norwegian.Stem, "pt": portuguese.Stem, "ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// minStem is how many letters a stem must have: a shorter one begins too many words.
const minStem = 3

// Language is the first known language of an Accept-Language header or a language tag,
// and English where there is none. Weights are passed over: people list what they read
// in order.
func Language(accepted string) string {
	for tag := range strings.SplitSeq(accepted, ",") {
		tag, _, _ = strings.Cut(tag, ";")
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if code == "nb" || code == "nn" {
			code = "no"
		}
		if stemmers[code] != nil {
			return code
		}
	}
	return "en"
}

// stemOf is what a folded word has in common with its other forms in a language. In a
// language that isn't known, and where little would be left, it is the word.
func stemOf(language, word string) string {
	stem := stemmers[language]
	if stem == nil {
		return word
	}
	env := snowballstem.NewEnv(word)
	stem(env)
	if s := env.Current(); len([]rune(s)) >= minStem {
		return s
	}
	return word
}

// root is the beginning of a word that its stem has too. It is what a query asks for:
// every text with the word has it, in whatever language the text is taken to be.
func root(language, word string) string {
	letters, stem := []rune(word), []rune(stemOf(language, word))
	n := 0
	for n < min(len(letters), len(stem)) && letters[n] == stem[n] {
		n++
	}
	if n < minStem {
		return word
	}
	return string(letters[:n])
}
