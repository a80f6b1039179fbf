package classify

import (
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

// buckets is how many places features are hashed into: a power of two. More places
// collide less and cost four bytes of memory each while a model is loaded.
const (
	bits    = 19
	buckets = 1 << bits
)

// longest is how many bytes of a text are read. What a ticket is about stands at its
// beginning; a pasted log of a megabyte must not take a second.
const longest = 6000

// bucket is where a feature is kept.
type bucket uint32

// grams says which pieces of a text are features: words and word pairs up to words in a
// row, and runs of charMin to charMax letters of one word with its borders.
type grams struct {
	words, charMin, charMax int
}

// word is one word of a text: a run of letters or of digits.
type word struct {
	text  string // in small letters
	runes []rune // the same with a space at either end
}

// split finds the words of a text. Signs that can mean something by themselves, such as
// a question mark, are not words.
func split(text string) []word {
	if len(text) > longest {
		end := longest
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	var words []word
	runes := make([]rune, 0, len(text)+len(text)/4+2)
	start := -1
	finish := func() {
		if start >= 0 {
			runes = append(runes, ' ')
			one := runes[start:len(runes):len(runes)]
			words = append(words, word{string(one[1 : len(one)-1]), one})
			start = -1
		}
	}
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			if r != '\'' && r != '\u2019' {
				finish()
			}
			continue
		}
		if start < 0 {
			start = len(runes)
			runes = append(runes, ' ')
		}
		runes = append(runes, unicode.ToLower(r))
	}
	finish()
	return words
}

// each calls yield with every feature of the words: the first and last word that it
// comes from, and whether it is made of whole words.
func (g grams) each(words []word, yield func(b bucket, first, last int, whole bool)) {
	for i, w := range words {
		h := uint64(offset)
		for n := 0; n < g.words && i+n < len(words); n++ {
			for _, r := range words[i+n].runes {
				h = mix(h, r)
			}
			yield(place(h^uint64(n+1)), i, i+n, true)
		}
		for at := range w.runes {
			h := uint64(offset) ^ 0xabcdef
			for n := 0; n < g.charMax && at+n < len(w.runes); n++ {
				h = mix(h, w.runes[at+n])
				if n+1 >= g.charMin {
					yield(place(h), i, i, false)
				}
			}
		}
	}
}

const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// mix adds a letter to a hash (FNV-1a, a letter at a time).
func mix(h uint64, r rune) uint64 { return (h ^ uint64(r)) * prime }

// place folds a hash into a bucket; its high bits are the well-mixed ones.
func place(h uint64) bucket {
	h ^= h >> 32
	h *= 0x9E3779B97F4A7C15
	return bucket(h >> (64 - bits))
}

// count is how often a feature is in a text.
type count struct {
	bucket bucket
	whole  bool // made of whole words
	n      int
}

// key is a feature as one number, in the order of buckets.
func key(b bucket, whole bool) uint32 {
	if whole {
		return uint32(b)<<1 | 1
	}
	return uint32(b) << 1
}

// counts are a text's features, by bucket.
func (g grams) counts(text string) []count { return g.countsOf(split(text)) }

// countsOf are the features of words, by bucket.
func (g grams) countsOf(words []word) []count {
	var keys []uint32
	g.each(words, func(b bucket, _, _ int, whole bool) { keys = append(keys, key(b, whole)) })
	slices.Sort(keys)
	var out []count
	for i, k := range keys {
		if i > 0 && keys[i-1] == k {
			out[len(out)-1].n++
			continue
		}
		out = append(out, count{bucket(k >> 1), k&1 == 1, 1})
	}
	return out
}

// term is what n occurrences in one text weigh: the second says less than the first.
func term(n int) float32 {
	if n == 1 {
		return 1
	}
	return float32(1 + math.Log(float64(n)))
}
