package search

import (
	"slices"
	"strings"
	"unicode"
)

// Part is a piece of a snippet: text, and whether it is a word that was looked for.
type Part struct {
	Text string
	Hit  bool
}

// How much of a text a snippet shows, in bytes.
const (
	before = 60
	around = 200
)

// span is where a word stands in a text.
type span struct {
	from, to int
	hit      bool
}

// Snippet is the part of a text around the first word that the query looks for, with all
// such words marked; nil if there is none. White space becomes single spaces, and … stands
// for what is left out.
func (q Query) Snippet(text string) []Part {
	text = strings.Join(strings.Fields(text), " ")
	words := spans(text, q.hits)
	first := slices.IndexFunc(words, func(w span) bool { return w.hit })
	if first < 0 {
		return nil
	}
	begin := first
	for begin > 0 && words[first].from-words[begin-1].from <= before {
		begin--
	}
	end := first + 1
	for end < len(words) && words[end].to-words[begin].from <= around {
		end++
	}
	from, to := 0, len(text)
	var parts []Part
	add := func(s string, hit bool) {
		if n := len(parts); n > 0 && parts[n-1].Hit == hit {
			parts[n-1].Text += s
		} else if s != "" {
			parts = append(parts, Part{s, hit})
		}
	}
	if begin > 0 {
		from = words[begin].from
		add("…", false)
	}
	if end < len(words) {
		to = words[end-1].to
	}
	for _, w := range words[begin:end] {
		add(text[from:w.from], false)
		add(text[w.from:w.to], w.hit)
		from = w.to
	}
	add(text[from:to], false)
	if to < len(text) {
		add("…", false)
	}
	return parts
}

// hits reports whether a word as it is written is looked for: it, a beginning of it or
// its stem.
func (q Query) hits(word string) bool {
	return slices.ContainsFunc(Words(word), func(w string) bool {
		return slices.ContainsFunc(q.Tokens, func(t string) bool {
			if one, other, pair := strings.Cut(t, " "); pair {
				return clip(w) == one || clip(w) == other
			}
			return strings.HasPrefix(w, t) || clip(stemOf(q.Language, w)) == t
		})
	})
}

// spans are the words of a text.
func spans(text string, hit func(string) bool) []span {
	var out []span
	from := -1
	for i, r := range text + " " {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		switch {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			out = append(out, span{from, i, hit(text[from:i])})
			from = -1
		}
	}
	return out
}
