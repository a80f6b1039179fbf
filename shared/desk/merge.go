package desk

import (
	"context"
	"slices"
	"time"

	"ticketsystem.example/shared/fault"
)

// Merging declares two tickets to be about one matter. Nothing is moved or rewritten:
// the source says into what it was merged and takes no more changes; the target names
// what was merged into it, and from that follow, as long as it is so, the comments
// that it shows and the people who see it. So unmerging has nothing to put back.

// Merged is a ticket in the target that it was merged into.
type Merged struct {
	Ticket TicketID   `json:"ticket"`
	Number string     `json:"number"`
	Thread []TicketID `json:"thread"` // the ticket, and what had been merged into it
	People []PersonID `json:"people"` // who followed it, and now follow the target
}

// MergedInto is the target in the ticket that was merged.
type MergedInto struct {
	Ticket TicketID  `json:"ticket"`
	Number string    `json:"number"`
	Status Status    `json:"status"` // of the source until then
	By     PersonID  `json:"by"`
	At     time.Time `json:"at"`
}

// MaxThread is how many tickets one can consist of: with itself, what one query of
// their comments takes.
const MaxThread = 30

// Merge merges a ticket into another. Whoever followed the source follows the target.
func (d *Desk) Merge(ctx context.Context, a Actor, ref, into string, opt Options) (Ticket, error) {
	return d.both(ctx, a, ref, into, "into", TicketMerge, opt, func(w, v *work) error {
		from, to := w.ticket, v.ticket
		for _, t := range []*Ticket{from, to} {
			if t.Status == StatusMerged {
				return t.moved()
			}
		}
		if to.Status == StatusClosed {
			return fault.New(fault.Conflict, "target_closed", "%s is closed. Reopen it, or merge the other way round.", to.Number)
		}
		m := Merged{Ticket: from.ID, Number: from.Number, Thread: from.thread(), People: from.concerned()}
		if len(to.thread())+len(m.Thread) > MaxThread {
			return fault.New(fault.Conflict, "too_many_merged", "A ticket can hold %d others at most.", MaxThread-1)
		}
		v.kind, to.Merged = TicketAbsorbed, append(to.Merged, m)
		if len(to.followers()) > MaxWatchers {
			return fault.New(fault.Conflict, "too_many_watchers", "Together more than %d people would watch it. Remove some watchers first.", MaxWatchers)
		}
		w.kind, from.MergedInto = TicketMerged, &MergedInto{Ticket: to.ID, Number: to.Number, Status: from.Status, By: a.ID, At: w.now}
		from.Status = StatusMerged
		return nil
	})
}

// Unmerge undoes a merge: both tickets are again as they would be without it.
func (d *Desk) Unmerge(ctx context.Context, a Actor, ref string, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		if err := Allow(a, TicketMerge, w.before); err != nil {
			return err
		}
		m := w.before.MergedInto
		if m == nil {
			return fault.New(fault.Conflict, "not_merged", "This ticket is not merged into another.")
		}
		v, err := d.begin(ctx, w.tx, a, string(m.Ticket), Options{Trace: opt.Trace})
		if err != nil {
			return err
		}
		if err := Allow(a, TicketMerge, v.before); err != nil {
			return err
		}
		v.kind, w.kind = TicketReleased, TicketUnmerged
		v.ticket.Merged = slices.DeleteFunc(v.ticket.Merged, func(x Merged) bool { return x.Ticket == w.before.ID })
		if len(v.ticket.Merged) == 0 {
			v.ticket.Merged = nil
		}
		w.ticket.Status, w.ticket.MergedInto = m.Status, nil
		return v.save()
	})
}

// thread is the ticket and all that was merged into it: whose comments it shows.
func (t *Ticket) thread() []TicketID {
	out := []TicketID{t.ID}
	for _, m := range t.Merged {
		out = append(out, m.Thread...)
	}
	return out
}

// mergedNumbers are the numbers of what was merged into the ticket; nil for nothing.
func (t *Ticket) mergedNumbers() []string {
	var out []string
	for _, m := range t.Merged {
		out = append(out, m.Number)
	}
	return out
}

// mergedInto is the number of what the ticket was merged into, "" for nothing.
func (t *Ticket) mergedInto() string {
	if t.MergedInto == nil {
		return ""
	}
	return t.MergedInto.Number
}

// followers are the watchers, and those who followed what was merged into the ticket.
func (t *Ticket) followers() []PersonID {
	if len(t.Merged) == 0 {
		return t.Watchers
	}
	out := slices.Clone(t.Watchers)
	for _, m := range t.Merged {
		out = append(out, m.People...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *Ticket) follows(id PersonID) bool {
	return contains(t.Watchers, id) || slices.ContainsFunc(t.Merged, func(m Merged) bool { return contains(m.People, id) })
}

// concerned are all people of the ticket.
func (t *Ticket) concerned() []PersonID {
	out := append(slices.Clone(t.followers()), t.Requester)
	if t.Assignee != "" {
		out = append(out, t.Assignee)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moved refuses a change of a ticket that was merged, and says where it goes on.
func (t *Ticket) moved() error {
	if t.MergedInto == nil {
		return fault.New(fault.Conflict, "merged", "This ticket was merged into another; please go on there.")
	}
	e := fault.New(fault.Conflict, "merged", "This ticket was merged into %s; please go on there.", t.MergedInto.Number)
	e.Allowed = []string{t.MergedInto.Number}
	return e
}

// apart refuses to delete one side of a merge.
func (t *Ticket) apart() error {
	switch {
	case t.MergedInto != nil:
		return fault.New(fault.Conflict, "merged", "This ticket was merged into %s. Unmerge it first.", t.MergedInto.Number)
	case len(t.Merged) > 0:
		return fault.New(fault.Conflict, "merged", "%s was merged into this ticket. Unmerge it first.", t.Merged[0].Number)
	}
	return nil
}
