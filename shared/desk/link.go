package desk

import (
	"context"
	"slices"

	"ticketsystem.example/shared/fault"
)

// LinkKind says what a ticket is to another one.
type LinkKind string

// The kinds of links. A ticket has one parent at most, and a child has no children:
// a deeper tree could only be kept free of circles by reading all of it.
const (
	Relates      LinkKind = "relates"
	Blocks       LinkKind = "blocks"
	BlockedBy    LinkKind = "blocked_by"
	Duplicates   LinkKind = "duplicates"
	DuplicatedBy LinkKind = "duplicated_by"
	ParentOf     LinkKind = "parent_of"
	ChildOf      LinkKind = "child_of"
)

// mirrors is each kind as the other ticket has it.
var mirrors = map[LinkKind]LinkKind{
	Relates: Relates, Blocks: BlockedBy, BlockedBy: Blocks, Duplicates: DuplicatedBy, DuplicatedBy: Duplicates, ParentOf: ChildOf, ChildOf: ParentOf,
}

// MaxLinks is how many links a ticket takes.
const MaxLinks = 50

// Link is one ticket's end of a link.
type Link struct {
	Kind   LinkKind `json:"kind"`
	Ticket TicketID `json:"ticket"`
	Number string   `json:"number"`
}

// Link links two tickets, on both in one transaction. Two tickets have one link: another
// kind takes the place of the first.
func (d *Desk) Link(ctx context.Context, a Actor, ref string, kind LinkKind, other string, opt Options) (Ticket, error) {
	if _, ok := mirrors[kind]; !ok {
		return Ticket{}, fault.Bad("kind", "%q is not a kind of link.", kind)
	}
	return d.both(ctx, a, ref, other, "ticket", TicketLink, opt, func(w, v *work) error {
		return fault.Join(w.link(kind, v.ticket), v.link(mirrors[kind], w.ticket))
	})
}

// Unlink removes the link of two tickets from both. If the other has been deleted, its
// end went with it.
func (d *Desk) Unlink(ctx context.Context, a Actor, ref, other string, opt Options) error {
	_, err := d.change(ctx, a, ref, opt, func(w *work) error {
		if err := Allow(a, TicketLink, w.before); err != nil {
			return err
		}
		i := slices.IndexFunc(w.before.Links, func(l Link) bool { return string(l.Ticket) == other || l.Number == other })
		if i < 0 {
			return fault.Missing("link")
		}
		t, err := load(ctx, w.tx, string(w.before.Links[i].Ticket))
		if err != nil {
			return err
		}
		w.unlink(t.ID)
		if !t.DeletedAt.IsZero() {
			return nil
		}
		v, err := d.begin(ctx, w.tx, a, string(t.ID), Options{Trace: opt.Trace})
		if err != nil {
			return err
		}
		if err := Allow(a, TicketLink, v.before); err != nil {
			return err
		}
		v.unlink(w.ticket.ID)
		return v.save()
	})
	return err
}

// link puts one end of a link.
func (w *work) link(kind LinkKind, other *Ticket) error {
	w.unlink(other.ID)
	for _, l := range w.ticket.Links {
		switch {
		case kind == ChildOf && l.Kind == ChildOf:
			return fault.New(fault.Conflict, "has_parent", "%s has a parent already, %s.", w.ticket.Number, l.Number)
		case kind == ChildOf && l.Kind == ParentOf, kind == ParentOf && l.Kind == ChildOf:
			return fault.New(fault.Conflict, "nested_parent", "%s can't have both a parent and children.", w.ticket.Number)
		}
	}
	if len(w.ticket.Links) >= MaxLinks {
		return fault.New(fault.Conflict, "too_many_links", "%s has %d links; no ticket takes more.", w.ticket.Number, MaxLinks)
	}
	w.ticket.Links = append(w.ticket.Links, Link{kind, other.ID, other.Number})
	return nil
}

// unlink takes away the end that leads to another ticket.
func (w *work) unlink(other TicketID) {
	w.kind, w.internal = TicketLinked, true
	w.ticket.Links = slices.DeleteFunc(w.ticket.Links, func(l Link) bool { return l.Ticket == other })
	if len(w.ticket.Links) == 0 {
		w.ticket.Links = nil
	}
}

// both runs do on two tickets that the actor may do need to, in one transaction, and
// saves both. The result is the first; the input named the other one in field.
func (d *Desk) both(ctx context.Context, a Actor, ref, other, field string, need Action, opt Options, do func(w, v *work) error) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		if err := Allow(a, need, w.before); err != nil {
			return err
		}
		v, err := d.begin(ctx, w.tx, a, other, Options{Trace: opt.Trace})
		if fault.Is(err, fault.NotFound) {
			return fault.Bad(field, "There is no such other ticket, or it isn't yours to see.")
		}
		if err != nil {
			return err
		}
		if v.before.ID == w.before.ID {
			return fault.Bad(field, "This needs another ticket, not the same.")
		}
		if err := Allow(a, need, v.before); err != nil {
			return err
		}
		if err := do(w, v); err != nil {
			return err
		}
		return v.save()
	})
}
