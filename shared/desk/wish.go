package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Wish is a set of changes and words for a ticket, which come true in one go or not at
// all. Each part takes the right that it would take by itself.
type Wish struct {
	Patch      Patch    // but for its tags
	AddTags    []string // whatever others the ticket has
	RemoveTags []string
	Escalate   string // why; "" doesn't
	Reply      string // Markdown; "" says nothing
	Note       string // Markdown, for staff
}

// Trail is what a wish did to a ticket: enough to take its changes back with the help of
// the history.
type Trail struct {
	Ticket TicketID `json:"ticket"`
	Number string   `json:"number"`
	First  int64    `json:"first"` // sequence of its first act
	Last   int64    `json:"last"`  // and of its last; less than First if it did nothing

	// What of the ticket before it no act tells.
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`
	Reopened   int       `json:"reopened,omitzero"`
	Pauses     []Pause   `json:"pauses,omitzero"`
}

// Apply makes a wish come true in one transaction. What is said is said first, before the
// ticket may leave the actor's sight; the reply, the note and the changes are an act each.
func (d *Desk) Apply(ctx context.Context, a Actor, ref string, wish Wish, opt Options) (Ticket, error) {
	var out Ticket
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		_, err := w.grant(wish)
		out = *w.ticket
		return err
	})
	return out, err
}

// ApplyTraced is Apply for those who may want to take it back.
func (d *Desk) ApplyTraced(ctx context.Context, a Actor, ref string, wish Wish, opt Options) (Trail, error) {
	var out Trail
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) (err error) {
		out, err = w.grant(wish)
		return err
	})
	return out, err
}

// Judge says whether a wish would come true for a ticket as it is, and changes nothing.
func (d *Desk) Judge(ctx context.Context, a Actor, ref string, wish Wish) error {
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		w, err := d.begin(ctx, tx, a, ref, Options{})
		if err == nil {
			_, err = w.grant(wish)
		}
		if err == nil {
			err = errJudged
		}
		return err
	})
	if errors.Is(err, errJudged) {
		return nil
	}
	return err
}

// errJudged ends a transaction whose writes must not happen.
var errJudged = errors.New("desk: only judged")

// grant does what is wished, act by act, and writes the ticket once.
func (w *work) grant(wish Wish) (Trail, error) {
	origin := w.before
	trail := Trail{
		Ticket: origin.ID, Number: origin.Number, First: origin.Version + 1,
		ResolvedAt: origin.ResolvedAt, ClosedAt: origin.ClosedAt, Reopened: origin.Reopened, Pauses: origin.Pauses,
	}
	for _, say := range []NewComment{{Body: wish.Reply}, {Body: wish.Note, Internal: true}} {
		if say.Body == "" {
			continue
		}
		c, err := w.comments(say)
		if err != nil {
			return trail, err
		}
		if err := first(w.record, func() error { return w.tx.Create(c.key(), c.stored()) }); err != nil {
			return trail, err
		}
		w.again()
	}
	if err := first(func() error { return w.fulfil(wish) }, w.record); err != nil {
		return trail, err
	}
	trail.Last = w.ticket.Version
	if w.before = origin; trail.Last == origin.Version {
		return trail, nil
	}
	return trail, w.store()
}

// again makes the work ready for one more act in the same transaction.
func (w *work) again() {
	w.before, w.ticket = w.ticket, w.ticket.clone()
	w.kind, w.changes, w.comment, w.mentioned, w.internal = TicketUpdated, nil, "", nil, false
}

// fulfil makes the changes of a wish.
func (w *work) fulfil(wish Wish) error {
	p := wish.Patch
	if len(wish.AddTags)+len(wish.RemoveTags) > 0 {
		tags, err := w.retagged(wish.AddTags, wish.RemoveTags)
		if err != nil {
			return err
		}
		p.Tags = &tags
	}
	if wish.Escalate != "" {
		if err := w.escalate(wish.Escalate); err != nil {
			return err
		}
	}
	return w.apply(p)
}

// Check refuses a wish that can't come true for any ticket, as far as can be said
// without one.
func (x Wish) Check(org *Organisation) error {
	w := &work{ticket: &Ticket{}, before: &Ticket{}, org: org}
	_, badTags := w.retagged(x.AddTags, x.RemoveTags)
	var bad error
	text := func(field, s string, most int) {
		_, err := Text(field, s, 0, most, true)
		bad = fault.Join(bad, err)
	}
	text("escalate", x.Escalate, MaxReason)
	text("reply", x.Reply, MaxComment)
	text("note", x.Note, MaxComment)
	if s := x.Patch.Status; s != nil && *s == StatusMerged {
		bad = fault.Join(bad, fault.Bad("status", "A ticket becomes merged by merging it."))
	}
	if d := x.Patch.Department; d != nil {
		bad = fault.Join(bad, org.place(*d, "", ""))
	}
	if a := x.Patch.Assignee; a != nil && *a != "" && !ValidID(string(*a)) {
		bad = fault.Join(bad, fault.Bad("assignee", "This can't be an id."))
	}
	return fault.Join(w.assignFields(x.Patch), badTags, bad, checkValues(x.Patch.Values))
}

// checkValues refuses values that no custom field takes.
func checkValues(values map[string]any) error {
	if len(values) > MaxFields {
		return fault.Bad("values", "A ticket takes at most %d values.", MaxFields)
	}
	var bad []error
	for _, id := range slices.Sorted(maps.Keys(values)) {
		name := "values." + id
		switch v := values[id].(type) {
		case nil, bool:
		case string:
			_, err := Text(name, v, 1, MaxReason, true)
			bad = append(bad, err)
		default:
			if _, ok := number(v); !ok {
				bad = append(bad, fault.Bad(name, "This takes a text, a number, true, false or null."))
			}
		}
		if !ValidID(id) {
			bad = append(bad, fault.Bad("values", "%q can't be the id of a field.", id))
		}
	}
	return fault.Join(bad...)
}
