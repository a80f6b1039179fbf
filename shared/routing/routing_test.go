package routing_test

import (
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/routing"
)

var rules = []desk.Rule{
	{ID: "vpn", Name: "VPN", Words: []string{"vpn", "remote access"}, Then: desk.Outcome{Department: "network", Priority: desk.PriorityHigh}},
	{ID: "turkish", Name: "Turkish", Language: "tr", Words: []string{"fatura"}, Then: desk.Outcome{Department: "billing"}},
	{ID: "rooms", Name: "Rooms", Category: "rooms", Then: desk.Outcome{Department: "billing"}},
	{ID: "finance", Name: "Finance people", RequesterDepartment: "billing", Then: desk.Outcome{Department: "billing"}},
	{ID: "empty", Name: "Says nothing", Then: desk.Outcome{Department: "network"}},
}

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	for name, c := range map[string]struct {
		in   routing.Case
		want string
	}{
		"word in the title":         {routing.Case{Title: "My VPN is down"}, "vpn"},
		"phrase across punctuation": {routing.Case{Description: "No Remote-Access since noon"}, "vpn"},
		"part of a word":            {routing.Case{Title: "vpns"}, ""},
		"phrase across title":       {routing.Case{Title: "remote", Description: "access"}, ""},
		"both conditions":           {routing.Case{Title: "Fatura yanlış", Language: "tr"}, "turkish"},
		"one of two conditions":     {routing.Case{Title: "fatura", Language: "en"}, ""},
		"accents and case":          {routing.Case{Title: "FÂTURA", Language: "tr"}, "turkish"},
		"category":                  {routing.Case{Category: "rooms"}, "rooms"},
		"requester's department":    {routing.Case{RequesterDepartments: []desk.DepartmentID{"billing"}}, "finance"},
		"order":                     {routing.Case{Title: "vpn", Category: "rooms"}, "vpn"},
		"nothing":                   {routing.Case{Title: "Hello"}, ""},
	} {
		rule, why, ok := routing.Match(rules, c.in)
		if rule.ID != c.want || ok != (c.want != "") || ok != (why != "") {
			t.Errorf("%s: got %q because %q", name, rule.ID, why)
		}
	}
}

// office is a desk on the twin whose events are handled as they come.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
}

func newOffice(t *testing.T, agents map[desk.PersonID]int) *office {
	store := docdb.NewMemory()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &office{desk.New(docdb.Open(store, desk.Indexes()).Twice(), func() time.Time { return now }), t, store}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "triage", Rules: rules, Departments: []desk.Department{
		{ID: "triage", Name: "Triage", Active: true}, {ID: "network", Name: "Network", Active: true},
		{ID: "billing", Name: "Billing", Active: true, Categories: []desk.Category{{ID: "rooms", Name: "Rooms", Active: true}}},
	}}))
	o.person("uma", desk.RoleUser, 0)
	for id, capacity := range agents {
		o.person(id, desk.RoleStaff, capacity, "network")
	}
	return o
}

func (o *office) person(id desk.PersonID, role desk.Role, capacity int, departments ...desk.DepartmentID) {
	o.must(o.SavePerson(o.t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: departments, Zone: "UTC", Present: capacity > 0, Capacity: capacity}))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// create opens a ticket and returns it with its event.
func (o *office) create(n desk.NewTicket) (desk.Ticket, event.Event) {
	o.t.Helper()
	n.Description = "x"
	ticket, err := o.Create(o.t.Context(), desk.Actor{ID: "uma", Role: desk.RoleUser}, n, desk.Options{})
	o.must(err)
	e, err := docdb.Get[event.Event](o.t.Context(), o.DB, docdb.Key{Collection: event.OutboxCollection, ID: string(ticket.ID) + "-000001"})
	o.must(err)
	return ticket, e
}

func (o *office) show(t desk.Ticket) desk.Ticket {
	o.t.Helper()
	got, err := o.Show(o.t.Context(), desk.Actor{ID: "ada", Role: desk.RoleAdmin}, string(t.ID))
	o.must(err)
	return got
}

func TestATicketIsRoutedAssignedAndExplained(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 10})
	ticket, e := o.create(desk.NewTicket{Title: "VPN is down"})
	o.must(routing.Handle(t.Context(), o.Desk, e))
	got := o.show(ticket)
	if got.Department != "network" || got.Assignee != "nora" || got.Status != desk.StatusAssigned || got.Priority != desk.PriorityHigh {
		t.Errorf("got %s, %s, %s, %s", got.Department, got.Assignee, got.Status, got.Priority)
	}
	if r := got.Routing; r.By != "rule:vpn" || r.Reason != "Rule “VPN”: it says “vpn”." || r.Assigned == "" || r.Department != "network" {
		t.Errorf("routing %+v", r)
	}
}

func TestAnEventDeliveredFiveTimesRoutesOnce(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 10})
	ticket, e := o.create(desk.NewTicket{Title: "VPN is down"})
	for range 5 {
		o.must(routing.Handle(t.Context(), o.Desk, e))
	}
	if got := o.show(ticket); got.Version != 2 {
		t.Errorf("version %d after one creation and one routing", got.Version)
	}
	if n := len(o.store.Dump(event.OutboxCollection)); n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestWhatThePersonDecidedStays(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 10})
	ticket, e := o.create(desk.NewTicket{Title: "VPN is down", Department: "billing", Priority: desk.PriorityLow})
	o.must(routing.Handle(t.Context(), o.Desk, e))
	if got := o.show(ticket); got.Department != "billing" || got.Priority != desk.PriorityLow || got.Routing.By != "person" {
		t.Errorf("got %s, %s, %+v", got.Department, got.Priority, got.Routing)
	}
}

func TestWhatSomebodyDidInTheMeantimeStays(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 10})
	o.person("liam", desk.RoleStaff, 5, "billing")
	ticket, e := o.create(desk.NewTicket{Title: "VPN is down"})
	billing, liam := desk.DepartmentID("billing"), desk.PersonID("liam")
	_, err := o.Update(t.Context(), desk.Actor{ID: "ada", Role: desk.RoleAdmin}, string(ticket.ID), desk.Patch{Department: &billing, Assignee: &liam}, desk.Options{})
	o.must(err)
	o.must(routing.Handle(t.Context(), o.Desk, e))
	if got := o.show(ticket); got.Department != "billing" || got.Assignee != "liam" {
		t.Errorf("got %s, %s", got.Department, got.Assignee)
	}
}

func TestACategoryLeadsToItsDepartment(t *testing.T) {
	o := newOffice(t, nil)
	ticket, e := o.create(desk.NewTicket{Title: "A room, please", Category: "rooms"})
	o.must(routing.Handle(t.Context(), o.Desk, e))
	if got := o.show(ticket); got.Department != "billing" || got.Category != "rooms" {
		t.Errorf("got %s, %s", got.Department, got.Category)
	}
}

func TestWhatNoRuleKnowsStaysInTriage(t *testing.T) {
	o := newOffice(t, nil)
	ticket, e := o.create(desk.NewTicket{Title: "Hello there"})
	o.must(routing.Handle(t.Context(), o.Desk, e))
	if got := o.show(ticket); got.Department != "triage" || got.Assignee != "" || got.Routing.By != "triage" {
		t.Errorf("got %s, %+v", got.Department, got.Routing)
	}
}

func TestATicketGetsTheLanguageItIsWrittenIn(t *testing.T) {
	o := newOffice(t, nil)
	for _, c := range []struct{ title, given, want string }{
		{"Faturam yanlış hesaplanmış, lütfen düzeltir misiniz?", "", "tr"},
		{"Faturam yanlış hesaplanmış, lütfen düzeltir misiniz?", "en", "en"},
		{"Zzyzx", "", ""},
	} {
		ticket, e := o.create(desk.NewTicket{Title: c.title, Language: c.given})
		o.must(routing.Handle(t.Context(), o.Desk, e))
		if got := o.show(ticket); got.Language != c.want {
			t.Errorf("%q, given %q: the language is %q, not %q", c.title, c.given, got.Language, c.want)
		}
	}
}

func TestADeletedTicketIsLeftAlone(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 10})
	ticket, e := o.create(desk.NewTicket{Title: "VPN is down"})
	o.must(o.Delete(t.Context(), desk.Actor{ID: "ada", Role: desk.RoleAdmin}, string(ticket.ID), desk.Options{}))
	o.must(routing.Handle(t.Context(), o.Desk, e))
}

// TestEqualAgentsDifferByAtMostOne routes many tickets at once, with an absent agent
// and one with little room among the agents.
func TestEqualAgentsDifferByAtMostOne(t *testing.T) {
	o := newOffice(t, map[desk.PersonID]int{"nora": 100, "noah": 100, "nele": 100, "away": 0, "part": 2})
	var events []event.Event
	for range 32 {
		_, e := o.create(desk.NewTicket{Title: "VPN is down"})
		events = append(events, e)
	}
	done := make(chan error)
	for _, e := range events {
		go func() {
			err := routing.Handle(t.Context(), o.Desk, e)
			for range 20 { // what Pub/Sub does when a delivery fails
				if err == nil {
					break
				}
				err = routing.Handle(t.Context(), o.Desk, e)
			}
			done <- err
		}()
	}
	for range events {
		o.must(<-done)
	}
	open := map[string]any{}
	for _, r := range o.store.Dump("agents") {
		open[r.Key.ID] = r.Fields["open"]
	}
	if open["nora"] != int64(10) || open["noah"] != int64(10) || open["nele"] != int64(10) || open["part"] != int64(2) || open["away"] != int64(0) {
		t.Errorf("got %v", open)
	}
}
