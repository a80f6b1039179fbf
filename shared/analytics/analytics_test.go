package analytics_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// office is a small organisation on the in-memory twin, with a clock that tests move.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
}

var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newOffice(t *testing.T) *office {
	t.Helper()
	at, store := morning, docdb.NewMemory()
	o := &office{desk.New(docdb.Open(store, desk.Indexes()).Twice(), func() time.Time { return at }), t, store, &at}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "triage", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true},
		{ID: "network", Name: "Network", Parent: "it", Active: true, Categories: []desk.Category{{ID: "vpn", Name: "VPN", Active: true}, {ID: "a~b", Name: "Odd", Active: true}}},
		{ID: "finance", Name: "Finance", Active: true},
		{ID: "triage", Name: "Triage", Active: true},
	}}))
	for _, p := range []desk.Person{
		{ID: "ada", Role: desk.RoleAdmin}, {ID: "mia", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}},
		{ID: "nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}},
		{ID: "liam", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"finance", "triage"}},
		{ID: "uma", Role: desk.RoleUser, Departments: []desk.DepartmentID{"network"}}, {ID: "otto", Role: desk.RoleUser},
	} {
		p.Name, p.Email, p.Zone, p.Locale = string(p.ID), string(p.ID)+"@demo.example", "UTC", "en"
		o.must(o.SavePerson(t.Context(), p))
	}
	return o
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

func (o *office) later(d time.Duration) { *o.clock = o.clock.Add(d) }

// open creates a ticket of uma's in network.
func (o *office) open() desk.Ticket {
	o.t.Helper()
	t, err := o.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer", Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	return t
}

func (o *office) patch(t desk.Ticket, p desk.Patch) {
	o.t.Helper()
	_, err := o.Update(o.t.Context(), o.as("ada"), string(t.ID), p, desk.Options{})
	o.must(err)
}

// facts are the events in the outbox.
func (o *office) facts() []event.Event {
	o.t.Helper()
	var out []event.Event
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		out = append(out, e)
	}
	return out
}

// deliver hands every fact over, each twice, in an order of the given seed's.
func (o *office) deliver(seed uint64) {
	o.t.Helper()
	all := append(o.facts(), o.facts()...)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, e := range all {
		o.must(analytics.Handle(o.t.Context(), o.Desk, e))
	}
}

func TestFactsAreCountedOncePerDayAndDepartment(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.Comment(t.Context(), o.as("nora"), ticket.Number, desk.NewComment{Body: "x"}, desk.Options{})
	o.must(err)
	for _, s := range []desk.Status{desk.StatusResolved, desk.StatusReopened, desk.StatusClosed} {
		o.later(time.Hour)
		o.patch(ticket, desk.Patch{Status: &s})
	}
	o.deliver(7)
	got, err := analytics.Trend(t.Context(), o.Desk, o.as("nora"), analytics.Range{From: morning, To: morning})
	o.must(err)
	want := analytics.Point{Day: morning.Truncate(24 * time.Hour), Created: 1, Resolved: 2, Closed: 1, Reopened: 1, Replies: 1}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAFactFromBeforeOutlinesIsPassedOver(t *testing.T) {
	o := newOffice(t)
	e := event.Event{Schema: 1, ID: "old-000001", Type: desk.TicketCreated, Subject: "old", Sequence: 1, At: morning, Data: []byte(`{"number":"TKT-202601-0001","department":"it","status":"new","changes":[]}`)}
	o.must(analytics.Handle(t.Context(), o.Desk, e))
	if n := len(o.store.Dump("days")); n != 0 {
		t.Errorf("%d days", n)
	}
}

func TestAnUnreadableFactIsHopeless(t *testing.T) {
	o := newOffice(t)
	err := analytics.Handle(t.Context(), o.Desk, event.Event{ID: "x", Type: desk.TicketCreated, Data: []byte(`[]`)})
	if !fault.Is(err, fault.Permanent) {
		t.Errorf("got %v", err)
	}
}

func TestReportsStayWithinTheDepartmentsOfThePerson(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.deliver(1)
	for who, want := range map[desk.PersonID]int64{"ada": 1, "mia": 1, "nora": 1, "liam": 0} {
		w, err := analytics.Backlog(t.Context(), o.Desk, o.as(who), "")
		o.must(err)
		if w.Open != want {
			t.Errorf("%s sees %d open, want %d", who, w.Open, want)
		}
	}
	for name, c := range map[string]struct {
		who        desk.PersonID
		department desk.DepartmentID
		want       fault.Kind
	}{
		"a user":              {"uma", "", fault.Forbidden},
		"a user's own home":   {"uma", "network", fault.Forbidden},
		"another department":  {"liam", "network", fault.Forbidden},
		"the one above":       {"nora", "it", fault.Forbidden},
		"no department":       {"ada", "moon", fault.Invalid},
		"one below one's own": {"mia", "network", ""},
	} {
		_, err := analytics.Performance(t.Context(), o.Desk, o.as(c.who), analytics.Range{Department: c.department})
		if got := fault.KindOf(err); err != nil && got != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestAReportsSpanIsLimited(t *testing.T) {
	o := newOffice(t)
	for name, r := range map[string]analytics.Range{
		"too long":  {From: morning.AddDate(-2, 0, 0), To: morning},
		"backwards": {From: morning, To: morning.AddDate(0, 0, -1)},
	} {
		if _, err := analytics.Trend(t.Context(), o.Desk, o.as("ada"), r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	points, err := analytics.Trend(t.Context(), o.Desk, o.as("ada"), analytics.Range{})
	o.must(err)
	if len(points) != 30 || !points[29].Day.Equal(morning.Truncate(24*time.Hour)) {
		t.Errorf("%d points by default", len(points))
	}
}

func TestReadsDependOnDaysAndDepartmentsAlone(t *testing.T) {
	reads := func(tickets int) int {
		o := newOffice(t)
		for range tickets {
			o.open()
		}
		o.deliver(3)
		n := 0
		o.store.Before = func(op string) error { n++; return nil }
		_, err := analytics.Performance(t.Context(), o.Desk, o.as("ada"), analytics.Range{})
		o.must(err)
		return n
	}
	if few, many := reads(1), reads(40); few != many {
		t.Errorf("%d calls with one ticket, %d with forty", few, many)
	}
}
