package desk_test

import (
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// office is a small organisation on the in-memory twin, with a clock that tests move.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
}

// morning is when tests begin.
var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newOffice(t *testing.T) *office {
	t.Helper()
	at := morning
	store := docdb.NewMemory()
	db := docdb.Open(store, desk.Indexes()).Twice()
	o := &office{Desk: desk.New(db, func() time.Time { return at }), t: t, store: store, clock: &at}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{
		Triage: "service-desk",
		Departments: []desk.Department{
			{ID: "it", Name: "IT", Active: true, Managers: []desk.PersonID{"mia"}},
			{ID: "network", Name: "Network", Parent: "it", Active: true, Categories: []desk.Category{
				{ID: "vpn", Name: "VPN", Active: true, Subcategories: []desk.Subcategory{{ID: "client", Name: "Client", Active: true}, {ID: "old", Name: "Old"}}},
				{ID: "fax", Name: "Fax"},
				{ID: "laptop", Name: "Laptop", Active: true, Fields: laptopFields},
			}},
			{ID: "finance", Name: "Finance", Active: true},
			{ID: "billing", Name: "Billing", Parent: "finance", Active: true, Managers: []desk.PersonID{"liam"}},
			{ID: "service-desk", Name: "Service desk", Active: true, Managers: []desk.PersonID{"ada"}},
			{ID: "closed-down", Name: "Closed down"},
		},
	}))
	for _, p := range []desk.Person{
		{ID: "ada", Role: desk.RoleAdmin}, {ID: "mia", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}},
		{ID: "nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}, Present: true, Capacity: 50},
		{ID: "noah", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}, Present: true, Capacity: 50},
		{ID: "liam", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"billing"}, Present: true, Capacity: 50},
		{ID: "uma", Role: desk.RoleUser, Departments: []desk.DepartmentID{"network"}}, {ID: "otto", Role: desk.RoleUser},
		{ID: "gone", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}, Disabled: true},
	} {
		p.Name, p.Email, p.Zone, p.Locale = "Name of "+string(p.ID), string(p.ID)+"@demo.example", "UTC", "en"
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

// as is a person of the office, acting.
func (o *office) as(id desk.PersonID) desk.Actor {
	o.t.Helper()
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

// later moves the clock.
func (o *office) later(d time.Duration) { *o.clock = o.clock.Add(d) }

// open creates a ticket for uma in the network department.
func (o *office) open(change ...func(*desk.NewTicket)) desk.Ticket {
	o.t.Helper()
	n := desk.NewTicket{Title: "Printer on fire", Description: "It smells.", Department: "network"}
	for _, c := range change {
		c(&n)
	}
	t, err := o.Create(o.t.Context(), o.as("uma"), n, desk.Options{})
	o.must(err)
	return t
}

func (o *office) patch(who desk.PersonID, t desk.Ticket, p desk.Patch) (desk.Ticket, error) {
	return o.Update(o.t.Context(), o.as(who), string(t.ID), p, desk.Options{})
}

func (o *office) history(who desk.PersonID, t desk.Ticket) []desk.Act {
	o.t.Helper()
	list, _, err := o.History(o.t.Context(), o.as(who), string(t.ID), desk.Page{Limit: 100})
	o.must(err)
	return list
}

func to[T any](v T) *T { return &v }

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Fatalf("got %q (%v), want %q", got, err, kind)
	}
}

// laptopFields has a custom field of each kind.
var laptopFields = []desk.CustomField{
	{ID: "serial", Name: "Serial number", Kind: desk.FieldText, ToOpen: true, Active: true},
	{ID: "age", Name: "Age", Kind: desk.FieldNumber, Active: true},
	{ID: "bought", Name: "Bought on", Kind: desk.FieldDate, Active: true},
	{ID: "cause", Name: "Cause", Kind: desk.FieldChoice, Choices: []string{"hardware", "software"}, ToResolve: true, Active: true},
	{ID: "returned", Name: "Returned", Kind: desk.FieldCheckbox, ToResolve: true, Active: true},
	{ID: "colour", Name: "Colour", Kind: desk.FieldText},
}
