package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Desk is the help desk over a database. It is safe for concurrent use.
type Desk struct {
	DB    *docdb.DB
	Now   func() time.Time // the injected clock
	NewID func() string    // random ids

	Files     blob.Store // of attachments; nil for a desk that handles none
	FileTypes FileTypes  // what may be attached; nil for DefaultFileTypes

	numbers numbers
	tree    tree
}

// New returns a desk over a database and a clock.
func New(db *docdb.DB, now func() time.Time) *Desk {
	return &Desk{DB: db, Now: now, NewID: newID}
}

// Restart drops all that the desk remembers beside the database (the tree, the numbers it
// leased), as the end of its process would. It is for simulations, where nobody may be
// using it just then.
func (d *Desk) Restart() { d.numbers, d.tree = numbers{}, tree{} }

// Options are what a caller may ask of a change beyond the change itself.
type Options struct {
	// IfVersion, when not 0, is the version (as the actor knows it) that the ticket
	// must still have.
	IfVersion int64
	// Request, when set, makes a repetition of the same request return the first
	// outcome instead of doing it again.
	Request *Request
	// Trace is the trace id of the request, for the event.
	Trace string
}

// Request identifies a request that may be repeated.
type Request struct {
	ID          string        // digest of who asked, for what, under which key
	Fingerprint string        // digest of the content
	Keep        time.Duration // how long a repetition is recognised; 0 for two days
	Replayed    bool          // set when the outcome is the first one's
}

// Organisation is the tree of departments, at most treeAge old.
func (d *Desk) Organisation(ctx context.Context) (*Organisation, error) {
	return d.tree.get(ctx, d.DB, d.Now())
}

// moment is now, in the precision that is stored.
func (d *Desk) moment() time.Time { return d.Now().UTC().Truncate(time.Microsecond) }

// work is one change of one ticket under way.
type work struct {
	ctx    context.Context
	tx     *docdb.Tx
	org    *Organisation
	actor  Actor
	opt    Options
	now    time.Time
	before *Ticket // as read; its zero value for a new ticket
	ticket *Ticket // as it will be written

	kind      string // type of the act
	changes   []Change
	comment   CommentID
	mentioned []PersonID
	internal  bool
	alarm     string // key of the one that is fired
	given     []string
	picked    *Agent // the agent whom routing chose, as read in tx

	name   string      // of a new ticket's requester
	said   []Comment   // what search learns: comments that are new or new in words
	unsaid []CommentID // and what it forgets
}

// change runs do on a ticket inside one transaction and saves what came of it. What
// the actor may not see is NotFound, an outdated version is Stale.
func (d *Desk) change(ctx context.Context, a Actor, ref string, opt Options, do func(*work) error) (Ticket, error) {
	var out Ticket
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		if err := do(w); err != nil {
			return err
		}
		if err := w.save(); err != nil {
			return err
		}
		out = *w.ticket
		return nil
	})
	return out, err
}

// alter is change for an outcome other than the ticket: do saves by itself and fills
// *result, which a repeated request gets again.
func (d *Desk) alter(ctx context.Context, a Actor, ref string, opt Options, result any, do func(*work) error) error {
	return d.repeatable(ctx, opt.Request, result, func(tx *docdb.Tx) error {
		w, err := d.begin(ctx, tx, a, ref, opt)
		if err != nil {
			return err
		}
		return do(w)
	})
}

// begin reads the ticket for a change, if the actor may see it in that version.
func (d *Desk) begin(ctx context.Context, tx *docdb.Tx, a Actor, ref string, opt Options) (*work, error) {
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	before, err := load(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	if err := Allow(a, TicketShow, before); err != nil {
		return nil, err
	}
	if now := before.VersionFor(a); opt.IfVersion != 0 && opt.IfVersion != now {
		return nil, fault.New(fault.Stale, "stale", "Somebody changed this in the meantime. Read it again, then repeat your change.")
	}
	now := d.moment()
	if now.Before(before.UpdatedAt) { // instances' clocks differ a little, but a ticket's time never goes back
		now = before.UpdatedAt
	}
	return &work{ctx: ctx, tx: tx, org: org, actor: a, opt: opt, now: now, before: before, ticket: before.clone(), kind: TicketUpdated}, nil
}

// load finds a ticket by id or number, deleted or not.
func load(ctx context.Context, r docdb.Reader, ref string) (*Ticket, error) {
	if IsNumber(ref) {
		found, err := docdb.Find[Ticket](ctx, r, docdb.Query{
			Collection: tickets,
			Where:      []docdb.Where{{Field: "number", Cmp: docdb.Equal, Value: ref}},
			Limit:      1,
		})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fault.Missing("ticket")
		}
		return &found[0], nil
	}
	if !ValidID(ref) {
		return nil, fault.Missing("ticket")
	}
	t, err := docdb.Get[Ticket](ctx, r, ticketKey(TicketID(ref)))
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Missing("ticket")
	}
	return &t, err
}

// save writes the ticket, the act, the event, the agents' counts and the search entry
// together. A
// change that changes nothing writes nothing.
func (w *work) save() error {
	if err := w.record(); err != nil || w.ticket.Version == w.before.Version {
		return err
	}
	return w.store()
}

// record writes the act and the event of what differs from before, if anything does, and
// gives the ticket its next version.
func (w *work) record() error {
	w.changes = diff(w.before, w.ticket)
	if len(w.changes) == 0 && w.comment == "" && w.kind == TicketUpdated {
		return nil
	}
	if w.before.Status == StatusMerged && w.kind != TicketUnmerged {
		return w.before.moved()
	}
	t := w.ticket
	t.setClocks(w.org) // a deadline that moved may be missed or not, which is a change too
	w.changes = diff(w.before, t)
	t.Version, t.UpdatedAt = w.before.Version+1, w.now
	if !w.internal {
		t.PublicVersion, t.PublicUpdatedAt = w.before.PublicVersion+1, w.now
	}
	t.setAudience(w.org)
	a, e, err := w.act()
	if err != nil {
		return err
	}
	stored, err := w.chained(a)
	if err != nil {
		return err
	}
	return first(
		func() error { return w.tx.Create(docdb.Key{Collection: acts, ID: a.ID}, stored) },
		func() error { return event.Append(w.tx, e) },
	)
}

// store writes the ticket and the agents' counts.
func (w *work) store() error {
	put := w.tx.Put
	if w.before.Version == 0 {
		put = w.tx.Create
	}
	return first(
		func() error { return put(ticketKey(w.ticket.ID), w.ticket) },
		w.count,
		w.index,
	)
}

// count moves the open counts of the agents whom the change concerns. Deltas need no
// read and never collide; only the agent whom routing picked as the least loaded is
// written on the condition that the count is still the one it was picked by.
func (w *work) count() error {
	delta := map[PersonID]int64{}
	if w.before.busy() {
		delta[w.before.Assignee]--
	}
	if w.ticket.busy() {
		delta[w.ticket.Assignee]++
	}
	for id, n := range delta {
		var err error
		switch {
		case n == 0:
		case w.picked != nil && w.picked.Person == id:
			w.picked.Open += int(n)
			err = w.tx.Put(agentKey(id), w.picked)
		default:
			err = w.tx.Add(agentKey(id), map[string]int64{"open": n})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// first runs steps until one fails.
func first(steps ...func() error) error {
	for _, s := range steps {
		if err := s(); err != nil {
			return err
		}
	}
	return nil
}
