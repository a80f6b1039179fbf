package bulk

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

// StepDue is the type of the fact that a job's next part is to be done.
const StepDue = "bulk.step"

// Order is what somebody wants to be done, and to which tickets.
type Order struct {
	Filter  *Selection      // this, or Tickets
	Tickets []desk.TicketID // up to MaxTickets
	Changes preset.Changes  // this, or Macro
	Macro   string
}

// check refuses an order that can't be carried out for any ticket.
func (o *Order) check(ctx context.Context, d *desk.Desk, a desk.Actor) error {
	if err := desk.Allow(a, desk.BulkRun, nil); err != nil {
		return err
	}
	if (o.Filter == nil) == (len(o.Tickets) == 0) {
		return fault.Bad("filter", "Say which tickets: by filter, or by ids.")
	}
	if len(o.Tickets) > MaxTickets {
		return fault.Bad("ids", "A job takes at most %d tickets.", MaxTickets)
	}
	for _, id := range o.Tickets {
		if !desk.ValidID(string(id)) || desk.IsNumber(string(id)) {
			return fault.Bad("ids", "%q can't be the id of a ticket.", id)
		}
	}
	o.Tickets = slices.Clone(o.Tickets)
	slices.Sort(o.Tickets)
	o.Tickets = slices.Compact(o.Tickets)
	if (o.Macro != "") != o.Changes.Empty() {
		return fault.Bad("changes", "Say what to do: by changes, or by a macro.")
	}
	if o.Macro != "" {
		_, err := preset.Show(ctx, d, a, preset.Macro, o.Macro)
		if fault.Is(err, fault.NotFound) {
			return fault.Bad("macro", "There is no such macro.")
		}
		return err
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return err
	}
	return o.Changes.Wish(a.ID).Check(org)
}

// Start begins a job. It reads the person's last jobs and writes the job, its first fact,
// and a document for each hundred ids.
func Start(ctx context.Context, d *desk.Desk, a desk.Actor, o Order, opt desk.Options) (Job, error) {
	if err := o.check(ctx, d, a); err != nil {
		return Job{}, err
	}
	j := Job{Owner: a.ID, State: Collecting, Macro: o.Macro, Changes: o.Changes, Total: len(o.Tickets)}
	if o.Filter != nil {
		j.Filter = *o.Filter
	}
	return begin(ctx, d, a, j, opt, func(tx *docdb.Tx, j *Job) error {
		for some := range slices.Chunk(o.Tickets, partSize) {
			p := part{}
			for _, id := range some {
				p.Items = append(p.Items, Item{Ticket: id})
			}
			if err := tx.Create(partKey(j.ID, j.Parts), p); err != nil {
				return err
			}
			j.State = Running
			j.Parts++
		}
		return nil
	})
}

// Undo begins the job that takes another back, once that has ended.
func Undo(ctx context.Context, d *desk.Desk, a desk.Actor, id string, opt desk.Options) (Job, error) {
	if err := desk.Allow(a, desk.BulkRun, nil); err != nil {
		return Job{}, err
	}
	return begin(ctx, d, a, Job{Owner: a.ID, State: Running, Undoes: id}, opt, func(tx *docdb.Tx, j *Job) error {
		of, err := Show(ctx, tx, a, id)
		switch {
		case err != nil:
			return err
		case of.Active() || of.State == Cancelled && d.Now().Sub(of.UpdatedAt) < settling:
			return fault.New(fault.Conflict, "still_running", "This job still goes on. Wait for its end, or cancel it first.")
		case of.Undoes != "" || of.UndoneBy != "":
			return fault.New(fault.Conflict, "already_undone", "This job takes another back, or has been taken back itself.")
		}
		of.UndoneBy, j.Total, j.Parts = j.ID, of.Changed, of.Next
		return tx.Put(jobKey(id), of)
	})
}

// begin writes a new job and its first fact, unless the person has too many that go on.
func begin(ctx context.Context, d *desk.Desk, a desk.Actor, j Job, opt desk.Options, fill func(*docdb.Tx, *Job) error) (Job, error) {
	now := d.Now().UTC()
	j.ID, j.Step, j.CreatedAt, j.UpdatedAt = d.NewID(), 1, now, now
	var out Job
	err := d.Repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		last, err := docdb.Find[Job](ctx, tx, docdb.Query{
			Collection: jobs, Where: []docdb.Where{{Field: "owner", Cmp: docdb.Equal, Value: string(a.ID)}},
			Order: []docdb.Order{{Field: "created_at", Desc: true}}, Limit: 2 * MaxActive,
		})
		if err != nil {
			return err
		}
		if n := len(slices.DeleteFunc(last, func(j Job) bool { return !j.Active() })); n >= MaxActive {
			return fault.New(fault.Conflict, "too_many_jobs", "You have %d jobs that still go on, which is all you can. Wait for one to end.", n)
		}
		made := j
		if err := fill(tx, &made); err != nil {
			return err
		}
		out = made
		if err := tx.Create(jobKey(made.ID), made); err != nil {
			return err
		}
		return event.Append(tx, event.Event{ID: stepID(made), Type: StepDue, Subject: made.ID, Sequence: 1, At: now, Actor: string(a.ID), Trace: opt.Trace})
	})
	return out, err
}

func stepID(j Job) string { return fmt.Sprintf("%s-%06d", j.ID, j.Step) }

// Show returns a job of the actor's own; admins see all.
func Show(ctx context.Context, r docdb.Reader, a desk.Actor, id string) (Job, error) {
	if !desk.ValidID(id) {
		return Job{}, fault.Missing("job")
	}
	j, err := docdb.Get[Job](ctx, r, jobKey(id))
	if fault.Is(err, fault.NotFound) || err == nil && j.Owner != a.ID && a.Role != desk.RoleAdmin {
		return Job{}, fault.Missing("job")
	}
	return j, err
}

// Cancel ends a job; the part that is being done is still done.
func Cancel(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (Job, error) {
	var out Job
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		j, err := Show(ctx, tx, a, id)
		if out = j; err != nil || j.State == Cancelled {
			return err
		}
		if !j.Active() {
			return fault.New(fault.Conflict, "ended", "This job has ended already.")
		}
		j.State, j.UpdatedAt = Cancelled, d.Now().UTC()
		out = j
		return tx.Put(jobKey(id), j)
	})
	return out, err
}

// Items lists a part of a job's tickets with what came of each. n counts the parts from 0.
func Items(ctx context.Context, d *desk.Desk, a desk.Actor, id string, n int) ([]Item, bool, error) {
	j, err := Show(ctx, d.DB, a, id)
	if err != nil || n >= j.Parts {
		return nil, false, err
	}
	p, err := docdb.Get[part](ctx, d.DB, partKey(id, n))
	if fault.Is(err, fault.NotFound) { // of an undo whose turn has not come
		return nil, false, nil
	}
	return p.Items, n+1 < j.Parts, err
}

// Preview is what a job would do.
type Preview struct {
	Count   int  // tickets; at least, if there are More
	More    bool // than were looked at
	Blocked int  // of those that were looked at, how many can't be changed
	Items   []Item
}

// Try looks at the first tickets of an order and says what would come of each, without
// changing any: at most 200, with two reads and those of the change for each.
func Try(ctx context.Context, d *desk.Desk, a desk.Actor, o Order) (Preview, error) {
	if err := o.check(ctx, d, a); err != nil {
		return Preview{}, err
	}
	ids, out := o.Tickets, Preview{Count: len(o.Tickets)}
	if o.Filter != nil {
		for page := (desk.Page{Limit: partSize}); len(ids) < examined; {
			found, next, err := d.List(ctx, a, o.Filter.list(a.ID), page)
			if err != nil {
				return out, err
			}
			for _, t := range found {
				ids = append(ids, t.ID)
			}
			out.Count, out.More, page.Cursor = len(ids), next != "", next
			if next == "" {
				break
			}
		}
	}
	out.More = out.More || len(ids) > examined
	items := make([]Item, min(len(ids), examined))
	for i := range items {
		items[i].Ticket = ids[i]
	}
	wish, err := wishes(ctx, d, a, Job{Macro: o.Macro, Changes: o.Changes})
	if err != nil {
		return out, err
	}
	err = each(ctx, items, func(ctx context.Context, it *Item) error {
		w, err := wish(ctx, it.Ticket)
		if err == nil {
			err = d.Judge(ctx, a, string(it.Ticket), w)
		}
		it.Outcome = Changed
		return it.failed(err)
	})
	for _, it := range items {
		if it.Outcome == Failed {
			out.Blocked++
		}
	}
	slices.SortStableFunc(items, func(x, y Item) int { return rank(x) - rank(y) })
	out.Items = items[:min(len(items), previewed)]
	return out, err
}

// rank puts what can't be changed first.
func rank(it Item) int {
	if it.Outcome == Failed {
		return 0
	}
	return 1
}

// OneByOne lets Handle change one ticket after the other. It is for simulations, which have
// one thread.
func OneByOne(ctx context.Context) context.Context { return context.WithValue(ctx, oneByOne{}, true) }

type oneByOne struct{}

// each does something for every item, some at a time.
func each(ctx context.Context, items []Item, do func(context.Context, *Item) error) error {
	if ctx.Value(oneByOne{}) != nil {
		for i := range items {
			if err := do(ctx, &items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range items {
		g.Go(func() error { return do(ctx, &items[i]) })
	}
	return g.Wait()
}
