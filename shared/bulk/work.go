package bulk

import (
	"context"
	"errors"
	"strings"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "bulk"

// Kinds are the types of facts that Handle acts on.
var Kinds = []string{StepDue}

// Handle does the next part of a job. It may be done again at any time.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	j, err := docdb.Get[Job](ctx, d.DB, jobKey(e.Subject))
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(err, fault.Permanent, "no_job", "there is no job %s", e.Subject)
	}
	if err != nil {
		return err
	}
	if !j.Active() || j.Step != e.Sequence { // it has ended, or somebody has done this step
		return event.Done(ctx, d.DB, Consumer, e, d.Now())
	}
	a, reason, err := owner(ctx, d, j)
	if err != nil {
		return err
	}
	if reason != "" {
		return stop(ctx, d, e, reason)
	}
	if j.State == Collecting {
		return collect(ctx, d, a, j, e)
	}
	if j.Next >= j.Parts {
		return next(ctx, d, e, nil, func(*docdb.Tx, *Job) error { return nil })
	}
	return work(ctx, d, a, j, e)
}

// owner is whoever ordered the job, as they are now, or why it can't go on.
func owner(ctx context.Context, d *desk.Desk, j Job) (desk.Actor, string, error) {
	p, err := d.Person(ctx, j.Owner)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return desk.Actor{}, "", err
	case err != nil || p.Disabled || !desk.May(p.Actor(), desk.BulkRun, nil):
		return desk.Actor{}, "Whoever began it may not do this any more.", nil
	case d.Now().Sub(j.CreatedAt) > Patience: // what was done under a key is not known for ever
		return desk.Actor{}, "It could not go on for a day. Begin a new job for the rest.", nil
	}
	return p.Actor(), "", nil
}

func stop(ctx context.Context, d *desk.Desk, e event.Event, reason string) error {
	return next(ctx, d, e, nil, func(_ *docdb.Tx, j *Job) error {
		j.State, j.Reason = Stopped, reason
		return nil
	})
}

// next ends a step: what it found, the job and the fact for the next step are one
// transaction. Somebody may have cancelled the job meanwhile; then there is no next.
func next(ctx context.Context, d *desk.Desk, e event.Event, p *part, change func(*docdb.Tx, *Job) error) error {
	_, err := event.Once(ctx, d.DB, Consumer, e, d.Now(), func(tx *docdb.Tx) error {
		j, err := docdb.Get[Job](ctx, tx, jobKey(e.Subject))
		if err != nil {
			return err
		}
		if err := change(tx, &j); err != nil {
			return err
		}
		if p != nil {
			if err := tx.Set(partKey(j.ID, j.Next), p); err != nil {
				return err
			}
			j.count(p.Items)
			j.Next++
		}
		if j.State == Running && j.Next >= j.Parts {
			j.State = Done
		}
		j.Step, j.UpdatedAt = j.Step+1, d.Now().UTC()
		if err := tx.Put(jobKey(j.ID), j); err != nil || !j.Active() {
			return err
		}
		f := e // with its depth: the steps of a job don't cause each other
		f.ID, f.Sequence, f.At = stepID(j), j.Step, j.UpdatedAt
		return event.Append(tx, f)
	})
	return err
}

func (j *Job) count(items []Item) {
	for _, it := range items {
		switch it.Outcome {
		case Changed:
			j.Changed++
		case Unchanged:
			j.Unchanged++
		case Failed:
			j.Failed++
		case Skipped:
			j.Skipped++
		}
	}
}

// collect finds the next tickets that the job is about.
func collect(ctx context.Context, d *desk.Desk, a desk.Actor, j Job, e event.Event) error {
	var found []part
	total, cursor := j.Total, j.Cursor
	for more := true; more && len(found) < pages; more = cursor != "" {
		list, after, err := d.List(ctx, a, j.Filter.list(a.ID), desk.Page{Limit: partSize, Cursor: cursor})
		if err != nil {
			return err
		}
		p := part{Items: make([]Item, len(list))}
		for i, t := range list {
			p.Items[i].Ticket = t.ID
		}
		found, total, cursor = append(found, p), total+len(list), after
	}
	return next(ctx, d, e, nil, func(tx *docdb.Tx, j *Job) error {
		if j.State != Collecting {
			return nil
		}
		j.Total, j.Cursor = total, cursor
		if total > MaxTickets {
			j.State, j.Reason = Stopped, "More than 10,000 tickets pass the filter. Nothing was changed; narrow it."
			return nil
		}
		for i, p := range found {
			if err := tx.Create(partKey(j.ID, j.Parts+i), p); err != nil {
				return err
			}
		}
		j.Parts += len(found)
		if cursor == "" {
			j.State = Running
		}
		return nil
	})
}

// work changes the tickets of a part.
func work(ctx context.Context, d *desk.Desk, a desk.Actor, j Job, e event.Event) error {
	of := j.ID
	if j.Undoes != "" {
		of = j.Undoes
	}
	p, err := docdb.Get[part](ctx, d.DB, partKey(of, j.Next))
	if err != nil {
		return err
	}
	do, err := doer(ctx, d, a, j)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		return stop(ctx, d, e, "Its macro is gone.")
	}
	if err != nil {
		return err
	}
	if j.Undoes != "" {
		p = undoable(p)
	}
	if err := each(ctx, p.Items, do); err != nil {
		return err
	}
	return next(ctx, d, e, &p, func(*docdb.Tx, *Job) error { return nil })
}

// undoable are the tickets of a part that were changed.
func undoable(p part) part {
	out := part{Items: []Item{}}
	for _, it := range p.Items {
		if it.Outcome == Changed {
			out.Items = append(out.Items, Item{Ticket: it.Ticket, Trail: it.Trail})
		}
	}
	return out
}

// doer does the job's work on one ticket, once.
func doer(ctx context.Context, d *desk.Desk, a desk.Actor, j Job) (func(context.Context, *Item) error, error) {
	opt := func(it *Item) desk.Options {
		return desk.Options{Request: &desk.Request{ID: "bulk~" + j.ID + "~" + string(it.Ticket), Fingerprint: j.ID}}
	}
	if j.Undoes != "" {
		return func(ctx context.Context, it *Item) error {
			r, err := d.Revert(ctx, a, it.Trail, opt(it))
			if it.Outcome = Changed; len(r.Kept) > 0 {
				it.Outcome, it.Code, it.Message = Skipped, "changed_since", "Somebody changed this since: "+strings.Join(r.Kept, ", ")+"."
			}
			return it.failed(err)
		}, nil
	}
	wish, err := wishes(ctx, d, a, j)
	return func(ctx context.Context, it *Item) error {
		w, err := wish(ctx, it.Ticket)
		if err == nil {
			it.Trail, err = d.ApplyTraced(ctx, a, string(it.Ticket), w, opt(it))
		}
		if it.Outcome = Changed; it.Trail.Last < it.Trail.First {
			it.Outcome = Unchanged
		}
		return it.failed(err)
	}, err
}

// wishes says what a job wants of a ticket; it reads the macro once.
func wishes(ctx context.Context, d *desk.Desk, a desk.Actor, j Job) (func(context.Context, desk.TicketID) (desk.Wish, error), error) {
	m := preset.Preset{Draft: preset.Draft{Changes: j.Changes}}
	var err error
	if j.Macro != "" {
		m, err = preset.Show(ctx, d, a, preset.Macro, j.Macro)
	}
	return func(ctx context.Context, id desk.TicketID) (desk.Wish, error) {
		return m.WishFor(ctx, d, a, string(id), "")
	}, err
}

// failed notes why a ticket can't be changed. It returns the error if trying again may help.
func (it *Item) failed(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Unavailable || f.Kind == fault.Internal {
		return err
	}
	it.Outcome, it.Code, it.Message, it.Trail = Failed, f.Code, f.Message, desk.Trail{}
	if len(f.Fields) > 0 {
		it.Message = f.Fields[0].Name + ": " + f.Fields[0].Message
	}
	return nil
}
