package view_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/view"
)

// office is a small organisation on the in-memory twin, with a clock that tests move.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
}

var (
	morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	staff   = []desk.PersonID{"ada", "mia", "nora", "liam"}
	people  = append(staff, "uma", "otto")
	places  = []desk.DepartmentID{"it", "network", "finance", "triage"}
)

func newOffice(t *testing.T) *office {
	t.Helper()
	at, store := morning, docdb.NewMemory()
	o := &office{desk.New(docdb.Open(store, desk.Indexes(), view.Indexes()).Twice(), func() time.Time { return at }), t, store, &at}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "triage", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true}, {ID: "network", Name: "Network", Parent: "it", Active: true},
		{ID: "finance", Name: "Finance", Active: true}, {ID: "triage", Name: "Triage", Active: true},
	}}))
	o.employ("ada", desk.RoleAdmin)
	o.employ("mia", desk.RoleStaff, "it")
	o.employ("nora", desk.RoleStaff, "network", "finance")
	o.employ("liam", desk.RoleStaff, "finance")
	o.employ("uma", desk.RoleUser, "network")
	o.employ("otto", desk.RoleUser)
	return o
}

func (o *office) employ(id desk.PersonID, role desk.Role, departments ...desk.DepartmentID) {
	o.t.Helper()
	o.must(o.SavePerson(o.t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: departments, Zone: "UTC", Locale: "en"}))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(id desk.PersonID) desk.Actor {
	o.t.Helper()
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

func (o *office) save(who desk.PersonID, draft view.Draft) (view.View, error) {
	o.t.Helper()
	if draft.Name == "" {
		draft.Name = "View"
	}
	return view.Create(o.t.Context(), o.Desk, o.as(who), draft, desk.Options{})
}

// deliver hands over the facts that wait, each twice and in any order, until there are no
// more; some stay away if all is false.
func (o *office) deliver(seed uint64, all bool) {
	o.t.Helper()
	source := rand.New(rand.NewPCG(seed, 1))
	for range 50 {
		var waiting []event.Event
		for _, r := range o.store.Dump(event.OutboxCollection) {
			var e event.Event
			o.must(docdb.Decode(r, &e))
			if all || source.IntN(2) == 0 {
				waiting = append(waiting, e, e)
				o.must(o.DB.Run(o.t.Context(), func(tx *docdb.Tx) error { return tx.Delete(r.Key) }))
			}
		}
		source.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
		for _, e := range waiting {
			o.must(view.Handle(o.t.Context(), o.Desk, e))
		}
		if len(waiting) == 0 || !all {
			return
		}
	}
	o.t.Fatal("facts make facts for ever")
}

// compare checks the counts of everyone's views against what the list shows them.
func (o *office) compare(fail func(string, ...any)) {
	ctx := o.t.Context()
	for _, who := range people {
		a := o.as(who)
		all, err := view.List(ctx, o.Desk, a)
		o.must(err)
		got, err := view.Counts(ctx, o.Desk, a, all)
		o.must(err)
		for _, v := range all {
			var listed int64
			o.must(o.Each(ctx, a, v.Filter.For(who), func(page []desk.Ticket) error { listed += int64(len(page)); return nil }))
			if n, ok := got[v.ID]; !ok || n != listed {
				fail("%s: the view %+v has %d (known: %v), the list shows %d", who, v.Filter, n, ok, listed)
			}
		}
	}
}

// TestCountsEqualTheList lives through random changes of tickets, views, roles and
// departments, with facts that come late, twice and in any order.
func TestCountsEqualTheList(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		var made []desk.TicketID
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			o.step(r, &made)
		}
		o.deliver(rapid.Uint64().Draw(r, "last"), true)
		o.compare(r.Fatalf)
	})
}

// step does one random thing. What the rules refuse is refused.
func (o *office) step(r *rapid.T, made *[]desk.TicketID) {
	ctx := o.t.Context()
	*o.clock = o.clock.Add(time.Duration(rapid.IntRange(1, 90_000).Draw(r, "pause")) * time.Second)
	who := o.as(rapid.SampledFrom(people).Draw(r, "who"))
	person := rapid.SampledFrom(people).Draw(r, "person")
	place := rapid.SampledFrom(places).Draw(r, "place")
	tags := rapid.SampledFrom([][]string{{}, {"red"}, {"red", "blue"}}).Draw(r, "tags")
	what := rapid.IntRange(0, 12).Draw(r, "what")
	if len(*made) == 0 && what > 3 {
		what = 0
	}
	switch what {
	case 0, 1:
		t, err := o.Create(ctx, who, desk.NewTicket{Title: "Ticket", Description: "x", Department: place, Tags: tags, Watchers: []desk.PersonID{person}, Priority: rapid.SampledFrom(desk.Priorities).Draw(r, "priority")}, desk.Options{})
		o.must(err)
		*made = append(*made, t.ID)
		return
	case 2:
		_, err := view.Create(ctx, o.Desk, who, view.Draft{Name: "View", Everyone: rapid.Bool().Draw(r, "shared"), Filter: anyFilter(r)}, desk.Options{})
		if err != nil && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Conflict) {
			r.Fatal(err)
		}
		return
	case 3:
		o.deliver(rapid.Uint64().Draw(r, "order"), false)
		return
	case 4:
		o.employ(rapid.SampledFrom(staff[1:]).Draw(r, "member"), desk.RoleStaff, place)
		return
	}
	ref := string(rapid.SampledFrom(*made).Draw(r, "ticket"))
	switch what {
	case 5, 6, 7:
		s := rapid.SampledFrom(desk.Statuses).Draw(r, "status")
		_, _ = o.Update(ctx, who, ref, desk.Patch{Status: &s}, desk.Options{})
	case 8:
		_, _ = o.Update(ctx, who, ref, desk.Patch{Assignee: &person}, desk.Options{})
	case 9:
		_, _ = o.Update(ctx, who, ref, desk.Patch{Department: &place}, desk.Options{})
	case 10:
		_, _ = o.Update(ctx, who, ref, desk.Patch{Tags: &tags, Watchers: &[]desk.PersonID{person}}, desk.Options{})
	case 11:
		_, _ = o.Comment(ctx, who, ref, desk.NewComment{Body: "x", Internal: rapid.Bool().Draw(r, "note")}, desk.Options{})
	case 12:
		_ = o.Delete(ctx, who, ref, desk.Options{})
	}
}

// anyFilter is a random filter of few values, so that equal ones come up.
func anyFilter(r *rapid.T) view.Filter {
	var f view.Filter
	if rapid.Bool().Draw(r, "by status") {
		f.Status = rapid.SampledFrom(desk.Statuses).Draw(r, "status")
	}
	switch rapid.IntRange(0, 8).Draw(r, "filter") {
	case 0:
		f.Priority = rapid.SampledFrom(desk.Priorities).Draw(r, "priority")
	case 1:
		f.Department = rapid.SampledFrom(places).Draw(r, "department")
	case 2:
		f.Assignee = rapid.SampledFrom([]desk.PersonID{view.Me, desk.Nobody, "nora", "uma"}).Draw(r, "assignee")
	case 3:
		f.Requester = rapid.SampledFrom([]desk.PersonID{view.Me, "uma"}).Draw(r, "requester")
	case 4:
		f.Tag = rapid.SampledFrom([]string{"red", "blue"}).Draw(r, "tag")
	case 5:
		f.CreatedFrom = morning.Add(time.Duration(rapid.IntRange(0, 100).Draw(r, "from")) * time.Hour)
	case 6:
		f.CreatedUntil = morning.Add(time.Duration(rapid.IntRange(0, 100).Draw(r, "until")) * time.Hour)
	case 7:
		f.Assignee, f.Requester = view.Me, view.Me
	}
	return f
}

// TestABatchedRecountReachesEveryTicket adds a view to more tickets than one event's
// share.
func TestABatchedRecountReachesEveryTicket(t *testing.T) {
	o := newOffice(t)
	for range 510 {
		_, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Ticket", Description: "x", Department: "network"}, desk.Options{})
		o.must(err)
	}
	o.deliver(1, true)
	v, err := o.save("nora", view.Draft{Filter: view.Filter{Status: desk.StatusNew}})
	o.must(err)
	got, err := view.Counts(t.Context(), o.Desk, o.as("nora"), []view.View{v})
	o.must(err)
	if n, ok := got[v.ID]; ok {
		t.Errorf("%d before it was counted", n)
	}
	o.deliver(2, true)
	o.compare(t.Fatalf)
}

// TestAFilterThatComesWhileATicketIsCountedMissesNothing adds a view between the moment
// when a counter looks for filters and the one when it writes.
func TestAFilterThatComesWhileATicketIsCountedMissesNothing(t *testing.T) {
	o := newOffice(t)
	_, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Ticket", Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	added := false
	slow := desk.New(docdb.Open(interrupted{o.store, func() {
		if added {
			return
		}
		added = true
		_, err := o.save("nora", view.Draft{Filter: view.Filter{Status: desk.StatusNew}})
		o.must(err)
		for _, r := range o.store.Dump(event.OutboxCollection) {
			var e event.Event
			o.must(docdb.Decode(r, &e))
			if e.Type == view.FilterAdded {
				o.must(view.Handle(t.Context(), o.Desk, e))
			}
		}
	}}), o.Now)
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		o.must(view.Handle(t.Context(), slow, e))
	}
	o.compare(t.Fatalf)
}

// interrupted is a store where something else happens just before each commit.
type interrupted struct {
	docdb.Store
	before func()
}

func (s interrupted) Commit(ctx context.Context, writes []docdb.Write) error {
	s.before()
	return s.Store.Commit(ctx, writes)
}
