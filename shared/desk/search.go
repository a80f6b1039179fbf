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

// Search returns the tickets that the actor may see, that pass the filter and that have
// all the words of the line, last opened first. It costs a bounded number of reads a
// page, however many tickets there are and however many have the words; where -words or
// overdue take some away, a page may have fewer than asked for, and still a next one.
//
// A number, such as TKT-202611-0042, finds that ticket and nothing else.
func (d *Desk) Search(ctx context.Context, a Actor, f Filter, line string, page Page) ([]Ticket, string, error) {
	if number := strings.ToUpper(strings.TrimSpace(line)); IsNumber(number) {
		return d.jump(ctx, a, f, number)
	}
	h := hunt{desk: d, ctx: ctx, actor: a, filter: f, query: search.Parse(line, operators...)}
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
func (d *Desk) jump(ctx context.Context, a Actor, f Filter, number string) ([]Ticket, string, error) {
	t, err := d.Show(ctx, a, number)
	if fault.Is(err, fault.NotFound) || (err == nil && !f.Matches(t.outline())) {
		return []Ticket{}, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return []Ticket{t}, "", nil
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

// candidate is an entry that was found, by the name under which its words stand.
type candidate struct {
	docdb.Record
	word string
}

// page finds one page: the same question for each way of looking, and the first of all
// answers.
func (h *hunt) page(page Page) ([]Ticket, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	after, err := parseCursor(page.Cursor, docdb.Query{})
	if err != nil || h.never {
		return []Ticket{}, "", err
	}
	if until := h.filter.CreatedUntil; !until.IsZero() {
		if start := backwards(until) + "-~"; len(after) == 0 || after[0].(string) < start {
			after = []any{start}
		}
	}
	var found []candidate
	for _, r := range readers(h.actor) {
		recs, err := h.desk.DB.Query(h.ctx, docdb.Query{Collection: entries, Where: h.conditions(r), After: after, Limit: limit + 1})
		if err != nil {
			return nil, "", err
		}
		for _, rec := range recs {
			found = append(found, candidate{rec, r.word})
		}
	}
	found, more := h.cut(found, limit)
	next := ""
	if more {
		if next, err = formatCursor([]any{found[len(found)-1].Key.ID}); err != nil {
			return nil, "", err
		}
	}
	list, err := h.tickets(found)
	return list, next, err
}

// cut sorts what was found, takes each ticket once and leaves out what is before
// CreatedFrom or too much for the page. Of two ways to a ticket the one with its notes
// counts: an excluded word may stand there.
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
func (h *hunt) tickets(found []candidate) ([]Ticket, error) {
	var keys []docdb.Key
	for _, c := range found {
		if id, ok := c.Fields["ticket"].(string); ok && !h.query.Excludes(func(t string) bool { return c.Fields[c.word+t] == true }) {
			keys = append(keys, ticketKey(TicketID(id)))
		}
	}
	out := []Ticket{}
	if len(keys) == 0 {
		return out, nil
	}
	recs, err := h.desk.DB.Read(h.ctx, keys...)
	if err != nil {
		return nil, err
	}
	for _, r := range recs {
		var t Ticket
		if !r.Exists() {
			continue
		}
		if err := docdb.Decode(r, &t); err != nil {
			return nil, err
		}
		// The entry was read a moment before the ticket, which may have changed hands since.
		if Allow(h.actor, TicketShow, &t) == nil && (!h.overdue || t.Status.Open() && t.DueAt.Before(h.desk.Now())) {
			out = append(out, t)
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
