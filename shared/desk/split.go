package desk

import (
	"context"
	"slices"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// MaxSplit is how many comments can become a ticket of their own at once.
const MaxSplit = 20

// NewSplit says what of a ticket becomes a ticket of its own.
type NewSplit struct {
	Title       string
	Description string      // "" takes the words of the first reply among the comments
	Comments    []CommentID // at least one, at most MaxSplit
}

// Split opens a ticket for another matter that came up in this one, and moves the
// comments about it there. The new ticket has the same requester, watchers and place,
// so that nobody gains or loses sight of a comment; the two are linked. The result
// is the new ticket.
func (d *Desk) Split(ctx context.Context, a Actor, ref string, n NewSplit, opt Options) (Ticket, error) {
	number, err := d.numbers.take(ctx, d.DB, d.moment())
	if err != nil {
		return Ticket{}, err
	}
	id := TicketID(d.NewID())
	var out Ticket
	err = d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		if err := Allow(a, TicketSplit, w.before); err != nil {
			return err
		}
		if w.before.Status == StatusMerged {
			return w.before.moved()
		}
		moved, err := w.take(n.Comments)
		if err != nil {
			return err
		}
		v, err := w.part(id, number, n, moved)
		if err != nil {
			return err
		}
		w.kind = TicketDivided
		w.unsaid = n.Comments
		if err := first(func() error { return w.relate(v) }, w.save, v.save); err != nil {
			return err
		}
		out = *v.ticket
		return w.move(moved, id)
	})
	return out, err
}

// relate links the two parts. The split itself, unlike a link, may be known to all.
func (w *work) relate(v *work) error {
	err := fault.Join(w.link(Relates, v.ticket), v.link(Relates, w.ticket))
	w.kind, w.internal = TicketDivided, false
	v.kind, v.internal = TicketCreated, false
	return err
}

// take reads the comments that are to be moved. Those of merged tickets stay, because
// unmerging must find them.
func (w *work) take(ids []CommentID) ([]Comment, error) {
	if len(ids) == 0 || len(ids) > MaxSplit {
		return nil, fault.Bad("comments", "Name 1 to %d comments.", MaxSplit)
	}
	var out []Comment
	for _, id := range ids {
		if slices.ContainsFunc(out, func(c Comment) bool { return c.ID == id }) {
			continue
		}
		c, err := commentOf(w.ctx, w.tx, w.actor, w.before, id)
		if fault.Is(err, fault.NotFound) || (err == nil && c.Ticket != w.before.ID) {
			return nil, fault.Bad("comments", "%q is not a comment of this ticket.", id)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// part is the new ticket.
func (w *work) part(id TicketID, number string, n NewSplit, moved []Comment) (*work, error) {
	b := w.before
	requester, err := docdb.Get[Person](w.ctx, w.tx, personKey(b.Requester))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	v := &work{ctx: w.ctx, tx: w.tx, org: w.org, actor: w.actor, opt: Options{Trace: w.opt.Trace}, now: w.now, before: &Ticket{}, kind: TicketCreated, given: []string{"department", "priority"}, name: requester.Name}
	v.ticket = &Ticket{
		ID: id, Number: number, Requester: b.Requester, Status: StatusNew, Priority: b.Priority, Source: b.Source, Language: b.Language,
		Department: b.Department, Category: b.Category, Subcategory: b.Subcategory, CreatedAt: w.now,
		Tags: slices.Clone(b.Tags), Watchers: b.followers(), Values: b.clone().Values,
	}
	if i := slices.IndexFunc(moved, func(c Comment) bool { return !c.Internal }); n.Description == "" && i >= 0 {
		n.Description = moved[i].Body // never a note's: the requester reads it
	}
	err = fault.Join(
		setText(&v.ticket.Title, &n.Title, "title", MinTitle, MaxTitle, false),
		setText(&v.ticket.Description, &n.Description, "description", 1, MaxDescription, true),
	)
	v.said = moved
	for _, c := range moved {
		if c.Internal {
			w.ticket.Notes--
			v.ticket.Notes++
		} else {
			w.ticket.Replies--
			v.ticket.Replies++
		}
	}
	return v, err
}

// move puts the comments to the new ticket. An answer to what stays behind is an
// answer no more.
func (w *work) move(moved []Comment, to TicketID) error {
	for _, c := range moved {
		if !slices.ContainsFunc(moved, func(x Comment) bool { return x.ID == c.Parent }) {
			c.Parent = ""
		}
		c.Ticket, c.Thread = to, []TicketID{to}
		if err := w.tx.Put(c.key(), c); err != nil {
			return err
		}
	}
	return nil
}
