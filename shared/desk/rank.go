package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/search"
)

// candidate is an entry that was found, by the name under which its words stand.
type candidate struct {
	docdb.Record
	word  string
	match float64
}

// What makes a match better, for each word of the query; the best that holds counts.
const (
	inTitle    = 6.0 // the title has the word
	beginTitle = 4.0 // a word of the title begins with it
	asTag      = 4.0
	asWritten  = 2.0 // the word stands somewhere as it was written
	asForm     = 1.0 // another form of the word does
)

// What is newest in a window is worth as much more as freshness says, and what is older
// than it by fading half of that.
const (
	freshness = 3.0
	fading    = 30 * 24 * time.Hour
)

// rank puts what matches best first; of equal ones the last opened. It counts nothing but
// what the window holds, so that all pages of the window agree.
func (h *hunt) rank(found []candidate) {
	if len(found) == 0 || len(h.query.Words) == 0 {
		return // the order of opening says all
	}
	newest := opened(found[0].Key)
	for i := range found {
		c := &found[i]
		for _, w := range h.query.Words {
			c.match += c.worth(w) / float64(len(h.query.Words))
		}
		c.match += freshness / (1 + float64(newest.Sub(opened(c.Key)))/float64(fading))
	}
	slices.SortStableFunc(found, func(x, y candidate) int { return cmp.Compare(y.match, x.match) })
}

// worth is how well one word matches.
func (c *candidate) worth(word string) float64 {
	title, _ := c.Fields["title"].(string)
	worth := asForm
	if c.Fields[c.word+word] == true {
		worth = asWritten
	}
	for _, w := range search.Words(title) {
		if w == word {
			return inTitle
		}
		if strings.HasPrefix(w, word) {
			worth = beginTitle
		}
	}
	if c.Fields[withTag+word] == true {
		worth = max(worth, asTag)
	}
	return worth
}

// snippet is the first text of the ticket in which the words stand. Texts that the
// reader's way of looking doesn't reach are not looked at.
func (h *hunt) snippet(c candidate, t *Ticket) (*Snippet, error) {
	if len(h.query.Tokens) == 0 {
		return nil, nil
	}
	var e entry
	if err := docdb.Decode(c.Record, &e); err != nil {
		return nil, err
	}
	inner := c.word == innerWord
	texts := []Snippet{{In: "description"}}
	say := []string{t.Description}
	add := func(s Snippet, text string) { texts, say = append(texts, s), append(say, text) }
	for _, s := range e.Said {
		switch {
		case !s.Internal:
			add(Snippet{In: "reply", Comment: s.Comment}, s.Text)
		case inner:
			add(Snippet{In: "note", Comment: s.Comment}, s.Text)
		}
	}
	for _, name := range t.fileNames(false) {
		add(Snippet{In: "file"}, name)
	}
	if inner {
		for _, name := range t.fileNames(true) {
			add(Snippet{In: "file"}, name)
		}
	}
	add(Snippet{In: "title"}, t.Title)
	add(Snippet{In: "tag"}, strings.Join(t.Tags, ", "))
	add(Snippet{In: "requester"}, e.Name)
	for i, s := range texts {
		if s.Parts = h.query.Snippet(say[i]); s.Parts != nil {
			return &s, nil
		}
	}
	return nil, nil
}

// opened is when the ticket of an entry was opened, by the entry's key.
func opened(key docdb.Key) time.Time {
	digits, _, _ := strings.Cut(key.ID, "-")
	n, _ := strconv.ParseInt(digits, 10, 64) // entryKey wrote it
	return time.UnixMicro(lastMoment - n)
}
