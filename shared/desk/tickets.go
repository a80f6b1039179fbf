package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// NewTicket is what somebody asks for.
type NewTicket struct {
	Title       string
	Description string
	Department  DepartmentID // "" lets routing decide
	Category    string
	Subcategory string
	Priority    Priority // "" lets routing decide; medium until then
	Source      Source   // "" means api
	Requester   PersonID // "" means the actor
	Tags        []string
	Watchers    []PersonID
	Language    string         // BCP 47; "" if unknown
	Values      map[string]any // of the category's custom fields
}

// Create opens a ticket. Where the person leaves the department open, the ticket lies
// in triage until routing has decided.
func (d *Desk) Create(ctx context.Context, a Actor, n NewTicket, opt Options) (Ticket, error) {
	if err := Allow(a, TicketCreate, nil); err != nil {
		return Ticket{}, err
	}
	if n.Requester != "" && n.Requester != a.ID && !May(a, TicketCreateAs, nil) {
		return Ticket{}, fault.New(fault.Forbidden, "not_allowed", "You can open tickets for yourself only; leave out requester.")
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return Ticket{}, err
	}
	number, err := d.numbers.take(ctx, d.DB, d.moment())
	if err != nil {
		return Ticket{}, err
	}
	id := TicketID(d.NewID())
	var out Ticket
	err = d.repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		w := &work{ctx: ctx, tx: tx, org: org, actor: a, opt: opt, now: d.moment(), before: &Ticket{}, kind: TicketCreated}
		if err := w.open(id, number, n); err != nil {
			return err
		}
		err := w.save()
		out = *w.ticket
		return err
	})
	return out, err
}

// open fills a new ticket and checks it.
func (w *work) open(id TicketID, number string, n NewTicket) error {
	w.ticket = &Ticket{
		ID: id, Number: number, Requester: n.Requester, Status: StatusNew, Priority: PriorityMedium, Source: "api",
		Department: w.org.Triage, CreatedAt: w.now, Tags: []string{}, Watchers: []PersonID{},
	}
	p := Patch{Title: &n.Title, Description: &n.Description, Category: &n.Category, Subcategory: &n.Subcategory, Language: &n.Language, Tags: &n.Tags, Watchers: &n.Watchers}
	if n.Department != "" {
		p.Department, w.given = &n.Department, append(w.given, "department")
	}
	if n.Priority != "" {
		p.Priority, w.given = &n.Priority, append(w.given, "priority")
	}
	source := setOne(&w.ticket.Source, optional(n.Source), "source", Sources)
	if err := fault.Join(w.assignFields(p), source); err != nil {
		return err
	}
	place := w.ticket.Department
	if owner, ok := w.org.Owner(n.Category); ok && n.Department == "" {
		place = owner // routing will move it there
	}
	if err := w.org.place(place, w.ticket.Category, w.ticket.Subcategory); err != nil {
		return err
	}
	if err := fault.Join(w.setValues(n.Values), w.required(func(f CustomField) bool { return f.ToOpen })); err != nil {
		return err
	}
	return w.checkPeople()
}

// checkPeople makes sure that a requester other than the actor, and the watchers, are
// active people.
func (w *work) checkPeople() error {
	switch {
	case w.ticket.Requester == "":
		w.ticket.Requester, w.name = w.actor.ID, w.actor.Name
	case w.ticket.Requester != w.actor.ID:
		if err := w.active("requester", w.ticket.Requester); err != nil {
			return err
		}
		p, err := docdb.Get[Person](w.ctx, w.tx, personKey(w.ticket.Requester))
		if err != nil {
			return err
		}
		w.name = p.Name
	default:
		w.name = w.actor.Name
	}
	return w.active("watchers", w.ticket.Watchers...)
}

// optional is nil for a zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Show returns a ticket by id or number, if the actor may see it.
func (d *Desk) Show(ctx context.Context, a Actor, ref string) (Ticket, error) {
	t, err := load(ctx, d.DB, ref)
	if err == nil {
		err = Allow(a, TicketShow, t)
	}
	if err != nil {
		return Ticket{}, err
	}
	return *t, nil
}

// Update changes a ticket.
func (d *Desk) Update(ctx context.Context, a Actor, ref string, p Patch, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error { return w.apply(p) })
}

// Decision is what routing found for a ticket. Empty fields leave the ticket as it is.
type Decision struct {
	Department DepartmentID
	Category   string
	Priority   Priority
	Language   string // "" leaves it
	Agent      *Agent // as read in the same transaction; nil assigns nobody
	Why        Routing
}

// RouteIn asks decide where the ticket belongs and records the answer, as part of the
// transaction of an event's consumer. A person's decision always wins: apply refuses
// nothing that decide left out.
func (d *Desk) RouteIn(ctx context.Context, tx *docdb.Tx, a Actor, id TicketID, decide func(*Organisation, Ticket) (Decision, error)) error {
	w, err := d.begin(ctx, tx, a, string(id), Options{})
	if err != nil {
		return err
	}
	if w.before.Status == StatusMerged {
		return nil // there is nothing to find any more
	}
	made, err := decide(w.org, *w.before)
	if err != nil {
		return err
	}
	w.kind, w.picked = TicketRouted, made.Agent
	p := Patch{Department: optional(made.Department), Category: optional(made.Category), Priority: optional(made.Priority), Language: optional(made.Language)}
	if made.Agent != nil {
		p.Assignee = &made.Agent.Person
	}
	if err := w.apply(p); err != nil {
		return err
	}
	made.Why.At, made.Why.Department = w.now, w.ticket.Department
	w.ticket.Routing = &made.Why
	return w.save()
}

// Delete takes a ticket away from everyone. Its number is never used again, and its
// history stays in the database.
func (d *Desk) Delete(ctx context.Context, a Actor, ref string, opt Options) error {
	_, err := d.change(ctx, a, ref, opt, func(w *work) error {
		w.kind, w.ticket.DeletedAt = TicketDeleted, w.now
		if err := Allow(a, TicketDelete, w.before); err != nil {
			return err
		}
		return w.before.apart()
	})
	return err
}

// Filter narrows a list of tickets; zero values don't.
type Filter struct {
	Status       Status
	Priority     Priority
	Department   DepartmentID
	Category     string
	Assignee     PersonID // Nobody for tickets without one
	Requester    PersonID
	Escalated    *bool
	Breached     *bool // a deadline passed, or was missed
	Tag          string
	CreatedFrom  time.Time // inclusive
	CreatedUntil time.Time // exclusive
	ByCreation   bool      // newest first, rather than last changed first
}

// List returns the tickets that the actor may see, last changed first, and the
// cursor of the next page ("" on the last). It costs one read an item, however many
// tickets there are.
//
// Only changes that the requester may know of count, for everyone: a note that moved
// its ticket to the top of the requester's list, or showed its time in the cursor,
// would be given away by it.
func (d *Desk) List(ctx context.Context, a Actor, f Filter, page Page) ([]Ticket, string, error) {
	q := docdb.Query{Collection: tickets, Where: f.conditions(a)}
	if !f.ByCreation {
		q.Order = append(q.Order, docdb.Order{Field: "public_updated_at", Desc: true})
	}
	q.Order = append(q.Order, docdb.Order{Field: "created_at", Desc: true})
	return Find[Ticket](ctx, d.DB, q, page)
}

// conditions are the filter's, and the actor's audience: the permission is part of
// the query.
func (f Filter) conditions(a Actor) []docdb.Where {
	principals := make([]any, 0, 30)
	for _, p := range a.Principals() {
		if f.Tag != "" {
			p = tagged(p, f.Tag)
		}
		principals = append(principals, p)
	}
	where := []docdb.Where{{Field: "audience", Cmp: docdb.ContainsAny, Value: principals}}
	where = append(where, f.equalities()...)
	if !f.CreatedFrom.IsZero() {
		where = append(where, docdb.Where{Field: "created_at", Cmp: docdb.MoreEqual, Value: docdb.Stamp(f.CreatedFrom)})
	}
	if !f.CreatedUntil.IsZero() {
		where = append(where, docdb.Where{Field: "created_at", Cmp: docdb.Less, Value: docdb.Stamp(f.CreatedUntil)})
	}
	return where
}

// equalities are the conditions that ask for one value of a field.
func (f Filter) equalities() []docdb.Where {
	var where []docdb.Where
	equal := func(field, value string) {
		if value != "" {
			where = append(where, docdb.Where{Field: field, Cmp: docdb.Equal, Value: value})
		}
	}
	equal("status", string(f.Status))
	equal("priority", string(f.Priority))
	equal("department", string(f.Department))
	equal("category", f.Category)
	equal("requester", string(f.Requester))
	if f.Assignee == Nobody {
		where = append(where, docdb.Where{Field: "assignee", Cmp: docdb.Equal, Value: ""})
	} else {
		equal("assignee", string(f.Assignee))
	}
	if f.Escalated != nil {
		where = append(where, docdb.Where{Field: "escalated", Cmp: docdb.Equal, Value: *f.Escalated})
	}
	if f.Breached != nil {
		where = append(where, docdb.Where{Field: "sla_breached", Cmp: docdb.Equal, Value: *f.Breached})
	}
	return where
}
