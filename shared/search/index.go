package search

import (
	"slices"
	"strings"
)

// The bounds of an index entry.
const (
	Letters   = 12   // of a word that count; what follows makes no difference
	MaxTokens = 3000 // tokens of one Set
)

// Set is the tokens of texts: each word by all its beginnings and its stem, and each two
// words that stand side by side. What is added first stays when it becomes too much.
type Set map[string]bool

// Add puts in the tokens of the first words of a text in a language, at most limit of
// them, or all for 0. Two words of different texts are never neighbours.
func (s Set) Add(language, text string, limit int) {
	before, words := "", Words(text)
	if limit > 0 {
		words = words[:min(len(words), limit)]
	}
	for _, w := range words {
		letters := []rune(clip(w))
		for n := min(2, len(letters)); n <= len(letters); n++ {
			s.put(string(letters[:n]))
		}
		s.put(clip(stemOf(language, w))) // which need not be a beginning: battery, batteri
		if before != "" {
			s.put(pair(before, w))
		}
		before = w
	}
}

func (s Set) put(token string) {
	if len(s) < MaxTokens {
		s[token] = true
	}
}

// clip is the part of a word that counts.
func clip(word string) string {
	if r := []rune(word); len(r) > Letters {
		return string(r[:Letters])
	}
	return word
}

func pair(a, b string) string { return clip(a) + " " + clip(b) }

// phrase is the tokens that a text has where words stand side by side in it.
func phrase(words []string) []string {
	var out []string
	for i, w := range words {
		out = append(out, clip(w))
		if i > 0 {
			out = append(out, pair(words[i-1], w))
		}
	}
	return out
}

// Query is what somebody looks for.
type Query struct {
	Language string     // of the words, as far as stems go
	Tokens   []string   // all of which an entry must have
	Words    []string   // what was written for them; phrases are not among them
	Without  [][]string // an entry that has all of one of these is out
	Is       []Operator // what else they say of it
}

// Operator is a word like status:open in a query.
type Operator struct{ Name, Value string }

// Empty reports whether the query asks for nothing.
func (q Query) Empty() bool { return len(q.Tokens) == 0 && len(q.Without) == 0 && len(q.Is) == 0 }

// Excludes reports whether an entry with these tokens is out.
func (q Query) Excludes(has func(token string) bool) bool {
	return slices.ContainsFunc(q.Without, func(group []string) bool {
		return !slices.ContainsFunc(group, func(t string) bool { return !has(t) })
	})
}

// Parse reads a query as people of a language type it: words, beginnings of words, "words
// side by side", -without, and operators of the given names. It reads anything. A word
// stands for all forms of it, unless it is in quotes.
func Parse(language, line string, operators ...string) Query {
	q := Query{Language: language}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		var not bool
		if line[0] == '-' {
			not, line = true, line[1:]
		}
		if name, rest, ok := strings.Cut(line, ":"); ok && !not && slices.Contains(operators, strings.ToLower(name)) {
			var value string
			value, _, line = next(rest)
			q.Is = append(q.Is, Operator{strings.ToLower(name), value})
			continue
		}
		text, quoted, rest := next(line)
		line = rest
		words := Words(text)
		switch {
		case len(words) == 0:
		case not:
			q.Without = append(q.Without, phrase(words))
		case quoted:
			q.Tokens = append(q.Tokens, phrase(words)...)
		default:
			for _, w := range words {
				q.Tokens, q.Words = append(q.Tokens, clip(root(language, w))), append(q.Words, clip(w))
			}
		}
	}
	slices.Sort(q.Tokens)
	q.Tokens = slices.Compact(q.Tokens)
	return q
}

// next takes a word, or what stands in quotes, from the front of a line.
func next(line string) (text string, quoted bool, rest string) {
	if strings.HasPrefix(line, `"`) {
		text, rest, _ = strings.Cut(line[1:], `"`)
		return text, true, rest
	}
	end := strings.IndexAny(line, " \t\n\r\"")
	if end < 0 {
		return line, false, ""
	}
	return line[:end], false, line[end:]
}
