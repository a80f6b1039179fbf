// Package search turns text into words that can be compared: folded in case and
// accents, split at whatever isn't a letter or digit.
//
// It is pure, keeps nothing and knows no ticket.
package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes text comparable: lower case, no accents, dotless and dotted i alike.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r): // an accent, apart from its letter after NFKD
		case r == 'ı':
			b.WriteByte('i')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Words are the folded words of a text, in order.
func Words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Text is a text that phrases can be looked for in.
type Text struct{ words string }

// NewText prepares texts, in which a phrase never runs from one into the next.
func NewText(parts ...string) Text {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(" ")
		b.WriteString(strings.Join(Words(p), " "))
		b.WriteString(" \n")
	}
	return Text{b.String()}
}

// Has reports whether the words of the phrase stand in the text one after another,
// each whole. An empty phrase is in no text.
func (t Text) Has(phrase string) bool {
	words := strings.Join(Words(phrase), " ")
	return words != "" && strings.Contains(t.words, " "+words+" ")
}
