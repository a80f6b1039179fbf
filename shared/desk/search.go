package desk

import (
	"context"
	"slices"
	"strings"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// MaxTerms is how many words and operators one search takes.
const MaxTerms = 12

// Question is what somebody looks for.
type Question struct {
	Line     string // words and operators, or a ticket's number
	Language string // of the words: a tag, or an Accept-Language header
}

// Hit is a ticket that was found.
type Hit struct {
	Ticket
	Snippet *Snippet // nil where no words were looked for
}

// Snippet shows where a ticket has the words.
type Snippet struct {
	In      string    // title, description, reply, note, tag, file or requester
	Comment CommentID // of a reply or a note
	Parts   []search.Part
}

// Search returns the tickets that the actor may see, that pass the filter and that have
// all the words of the question. Of each window of the last opened matches, those come
// first that match best. It costs a bounded number of reads a page, however many tickets
// there are and however many have the words; where -words or overdue take some away, a
// page may have fewer than asked for, and still a next one.
//
// A number, such as TKT-202611-0042, finds that ticket and nothing else.
func (d *Desk) Search(ctx context.Context, a Actor, f Filter, q Question, page Page) ([]Hit, string, error) {
	if number := strings.ToUpper(strings.TrimSpace(q.Line)); IsNumber(number) {
		return d.jump(ctx, a, f, number)
	}
	h := hunt{desk: d, ctx: ctx, actor: a, filter: f, query: search.Parse(search.Language(q.Language), q.Line, operators...)}
	if len(h.query.Tokens)+len(h.query.Without)+len(h.query.Is) > MaxTerms {
		return nil, "", fault.Bad("q", "A search takes at most %d words.", MaxTerms)
	}
	for _, o := range h.query.Is {
		if err := h.narrow(o); err != nil {
			return nil, "", err
		}
	}
	return h.page(page)
}

// jump is the ticket of that number, if it is the actor's to see.
func (d *Desk) jump(ctx context.Context, a Actor, f Filter, number string) ([]Hit, string, error) {
	t, err := d.Show(ctx, a, number)
	if fault.Is(err, fault.NotFound) || (err == nil && !f.Matches(t.outline())) {
		return []Hit{}, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return []Hit{{Ticket: t}}, "", nil
}

// hunt is one search under way.
type hunt struct {
	desk    *Desk
	ctx     context.Context
	actor   Actor
	filter  Filter
	query   search.Query
	open    *bool
	overdue bool
	never   bool // it contradicts itself
}

// reader is one way in which an actor may look: as whom, and at which words.
type reader struct{ field, word string }

// readers are all ways of an actor. Who reads a ticket as its requester or watcher asks
// for other fields than who reads it as staff, so that a note's words can't match.
func readers(a Actor) []reader {
	var out []reader
	if a.Role == RoleAdmin || a.Role == RoleRobot {
		return []reader{{innerReader + everyAdmin, innerWord}}
	}
	if a.Role == RoleStaff {
		for _, p := range a.Principals() {
			out = append(out, reader{innerReader + p, innerWord})
		}
	}
	return append(out, reader{publicReader + personPrincipal(a.ID), publicWord})
}

// window is how many of the last opened matches are ranked among themselves: more than
// anybody leafs through, and few enough to read for each page.
const window = 60

// place is where a page begins: in the window after a key, at one of its ranks.
type place struct {
	after string // "" for the first window
	rank  int
}

// placeQuery has the shape of a place, for reading cursors.
var placeQuery = docdb.Query{Order: []docdb.Order{{Field: "rank"}}}

func parsePlace(cursor string) (place, error) {
	at, err := parseCursor(cursor, placeQuery)
	if err != nil || at == nil {
		return place{}, err
	}
	rank, ok := at[0].(int64)
	if !ok || rank < 0 || rank > MaxLimit+window {
		return place{}, fault.Bad("cursor", "This cursor is not from a page of this list; start again without it.")
	}
	p := place{at[1].(string), int(rank)}
	if p.after == firstWindow {
		p.after = ""
	}
	return p, nil
}

// firstWindow stands in a cursor for the beginning. It is before every entry's key.
const firstWindow = "0"

func (p place) cursor() (string, error) {
	if p.after == "" {
		p.after = firstWindow
	}
	return formatCursor([]any{p.rank, p.after})
}

// page finds one page of a window.
func (h *hunt) page(page Page) ([]Hit, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	at, err := parsePlace(page.Cursor)
	if err != nil || h.never {
		return []Hit{}, "", err
	}
	found, more, err := h.window(at.after, max(window, limit))
	if err != nil {
		return nil, "", err
	}
	var next *place
	switch {
	case at.rank+limit < len(found):
		next = &place{at.after, at.rank + limit}
	case more:
		next = &place{found[len(found)-1].Key.ID, 0}
	}
	h.rank(found)
	list, err := h.tickets(found[min(at.rank, len(found)):min(at.rank+limit, len(found))])
	if err != nil || next == nil {
		return list, "", err
	}
	cursor, err := next.cursor()
	return list, cursor, err
}

// window asks the same question for each way of looking, and returns the first of all
// answers, last opened first, and whether there are others behind them.
func (h *hunt) window(after string, size int) ([]candidate, bool, error) {
	if until := h.filter.CreatedUntil; !until.IsZero() {
		after = max(after, backwards(until)+"-~")
	}
	var from []any
	if after != "" {
		from = []any{after}
	}
	var found []candidate
	for _, r := range readers(h.actor) {
		recs, err := h.desk.DB.Query(h.ctx, docdb.Query{Collection: entries, Where: h.conditions(r), After: from, Limit: size + 1})
		if err != nil {
			return nil, false, err
		}
		for _, rec := range recs {
			found = append(found, candidate{Record: rec, word: r.word})
		}
	}
	found, more := h.cut(found, size)
	return found, more, nil
}

// cut sorts what was found, takes each ticket once and leaves out what is before
// CreatedFrom or too much. Of two ways to a ticket the one with its notes counts: an
// excluded word may stand there.
func (h *hunt) cut(found []candidate, limit int) ([]candidate, bool) {
	slices.SortStableFunc(found, func(x, y candidate) int { return strings.Compare(x.Key.ID, y.Key.ID) })
	found = slices.CompactFunc(found, func(x, y candidate) bool { return x.Key == y.Key })
	if from := h.filter.CreatedFrom; !from.IsZero() {
		last := backwards(from) + "-~"
		found = slices.DeleteFunc(found, func(c candidate) bool { return c.Key.ID > last })
	}
	if len(found) <= limit {
		return found, false
	}
	return found[:limit], true
}

// tickets reads what was found, without what the query excludes.
func (h *hunt) tickets(found []candidate) ([]Hit, error) {
	found = slices.DeleteFunc(slices.Clone(found), func(c candidate) bool {
		return h.query.Excludes(func(t string) bool { return c.Fields[c.word+t] == true })
	})
	out := []Hit{}
	if len(found) == 0 {
		return out, nil
	}
	keys := make([]docdb.Key, len(found))
	for i, c := range found {
		_, id, _ := strings.Cut(c.Key.ID, "-")
		keys[i] = ticketKey(TicketID(id))
	}
	recs, err := h.desk.DB.Read(h.ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, r := range recs {
		var t Ticket
		if !r.Exists() {
			continue
		}
		if err := docdb.Decode(r, &t); err != nil {
			return nil, err
		}
		// The entry was read a moment before the ticket, which may have changed hands since.
		if Allow(h.actor, TicketShow, &t) == nil && (!h.overdue || t.Status.Open() && t.DueAt.Before(h.desk.Now())) {
			snippet, err := h.snippet(found[i], &t)
			if err != nil {
				return nil, err
			}
			out = append(out, Hit{t, snippet})
		}
	}
	return out, nil
}

// conditions are what an entry must have to be found in one way of looking.
func (h *hunt) conditions(r reader) []docdb.Where {
	var where []docdb.Where
	has := func(field string, value any) {
		where = append(where, docdb.Where{Field: field, Cmp: docdb.Equal, Value: value})
	}
	has(r.field, true)
	for _, t := range h.query.Tokens {
		has(r.word+t, true)
	}
	for _, w := range h.filter.equalities() {
		has(w.Field, w.Value)
	}
	if h.filter.Tag != "" {
		has(withTag+h.filter.Tag, true)
	}
	if h.open != nil {
		has(isOpen, *h.open)
	}
	return where
}
