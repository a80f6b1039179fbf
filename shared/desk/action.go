package desk

import (
	"context"
	"slices"

	"ticketsystem.example/shared/fault"
)

// Claim makes the actor the assignee of an open ticket that nobody has. Two who claim
// at once can't both get it.
func (d *Desk) Claim(ctx context.Context, a Actor, ref string, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		b := w.before
		if err := Allow(a, TicketClaim, b); err != nil {
			return err
		}
		if b.Status == StatusMerged {
			return b.moved()
		}
		if !b.Status.Open() {
			return fault.New(fault.Conflict, "not_open", "Only an open ticket can be claimed; this one is %s.", b.Status)
		}
		if b.Assignee != "" && b.Assignee != a.ID {
			return fault.New(fault.Conflict, "already_assigned", "Somebody has this ticket already. Assign it to yourself if you mean to take it over.")
		}
		return w.apply(Patch{Assignee: &a.ID})
	})
}

// Resolution is how a ticket was solved.
type Resolution struct {
	Text   string         // "" keeps the text that the ticket has
	Values map[string]any // of custom fields, which may be required to resolve
}

// Resolve resolves a ticket, best with a text that says what solved it.
func (d *Desk) Resolve(ctx context.Context, a Actor, ref string, r Resolution, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		return w.apply(Patch{Status: ptr(StatusResolved), Resolution: optional(r.Text), Values: r.Values})
	})
}

// Escalation is a call for more help.
type Escalation struct {
	Reason     string       // why; for staff
	Department DepartmentID // where it goes; "" leaves it where it is
	Person     PersonID     // who takes it; "" leaves that to the department
}

// Escalate marks a ticket as escalated, with the reason, and hands it on if wished.
// Its assignee, the department's manager and, when it is critical, the admins hear of it.
func (d *Desk) Escalate(ctx context.Context, a Actor, ref string, e Escalation, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		if err := w.escalate(e.Reason); err != nil {
			return err
		}
		return w.apply(Patch{Department: optional(e.Department), Assignee: optional(e.Person)})
	})
}

// escalate marks the ticket, with the reason.
func (w *work) escalate(why string) error {
	b := w.before
	if err := Allow(w.actor, TicketEscalate, b); err != nil {
		return err
	}
	if b.Status == StatusMerged {
		return b.moved()
	}
	if !b.Status.Open() {
		return fault.New(fault.Conflict, "not_open", "Only an open ticket can be escalated; this one is %s.", b.Status)
	}
	reason, err := Text("reason", why, 1, MaxReason, true)
	if err != nil {
		return err
	}
	w.kind, w.ticket.Escalated, w.ticket.Escalation = TicketEscalated, true, reason
	return nil
}

// Deescalate takes an escalation back.
func (d *Desk) Deescalate(ctx context.Context, a Actor, ref string, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		w.ticket.Escalated, w.ticket.Escalation = false, ""
		return Allow(a, TicketEscalate, w.before)
	})
}

// Watch adds watchers to a ticket and removes others. Anyone who may see it may add and
// remove themselves; others are for those who work on it. Asking for what already is
// so changes nothing.
func (d *Desk) Watch(ctx context.Context, a Actor, ref string, add, remove []PersonID, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		b := w.before
		need := TicketWatch
		if slices.ContainsFunc(slices.Concat(add, remove), func(p PersonID) bool { return p != a.ID }) {
			need = TicketWork
		}
		if err := Allow(a, need, b); err != nil {
			return err
		}
		list := slices.DeleteFunc(slices.Concat(b.Watchers, add), func(p PersonID) bool { return contains(remove, p) })
		if err := w.setPeople(Patch{Watchers: &list}); err != nil {
			return err
		}
		return w.active("add", slices.DeleteFunc(added(b.Watchers, w.ticket.Watchers), func(p PersonID) bool { return p == a.ID })...)
	})
}

// Tag adds tags to a ticket and removes others, whatever others it has meanwhile.
func (d *Desk) Tag(ctx context.Context, a Actor, ref string, add, remove []string, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		tags, err := w.retagged(add, remove)
		if err != nil {
			return err
		}
		return w.apply(Patch{Tags: &tags})
	})
}

// retagged are the ticket's tags with some more and without others.
func (w *work) retagged(add, remove []string) ([]string, error) {
	plus, bad := tidyTags(add)
	minus, worse := tidyTags(remove)
	if err := fault.Join(bad, worse); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Concat(w.before.Tags, plus), func(t string) bool { return contains(minus, t) }), nil
}

func ptr[T any](v T) *T { return &v }
