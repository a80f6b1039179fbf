package simulate

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// week is when the network team works; the others always do.
var week = desk.Calendar{ID: "office", Name: "Office", Zone: "Europe/Berlin", Holidays: []string{"2026-11-26"}, Week: map[string][]string{
	"mon": {"09:00-12:30", "13:30-18:00"}, "tue": {"08:00-18:00"}, "wed": {"09:00-18:00"}, "fri": {"09:00-15:00"}, "sat": {"10:00-11:00"},
}}

// organisation is where everybody works. Each department names its calendar, so that it
// doesn't change when the tree does.
func organisation() desk.Organisation {
	return desk.Organisation{
		Triage: "helpdesk", Calendars: []desk.Calendar{week},
		Departments: []desk.Department{
			{ID: "it", Name: "IT", Managers: []desk.PersonID{"mia"}, Active: true},
			{ID: "network", Name: "Network", Parent: "it", Calendar: "office", Active: true, Categories: []desk.Category{{ID: "vpn", Name: "VPN", Active: true}}},
			{ID: "helpdesk", Name: "Help desk", Parent: "it", Active: true},
			{ID: "finance", Name: "Finance", Managers: []desk.PersonID{"priya"}, Active: true},
		},
		Rules: []desk.Rule{
			{ID: "vpn", Name: "VPN", Words: []string{"vpn"}, Then: desk.Outcome{Department: "network", Category: "vpn", Priority: desk.PriorityHigh}},
			{ID: "money", Name: "Invoices", Words: []string{"invoice"}, Then: desk.Outcome{Department: "finance"}},
		},
	}
}

func population() []desk.Person {
	var out []desk.Person
	add := func(id desk.PersonID, role desk.Role, departments ...desk.DepartmentID) {
		out = append(out, desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: departments, Zone: "UTC", Locale: "en", Present: role == desk.RoleStaff, Capacity: 4})
	}
	add("ada", desk.RoleAdmin)
	add("mia", desk.RoleStaff, "it")
	add("nora", desk.RoleStaff, "network")
	add("noah", desk.RoleStaff, "network", "helpdesk")
	add("liam", desk.RoleStaff, "helpdesk")
	add("priya", desk.RoleStaff, "finance")
	for _, id := range requesters {
		add(id, desk.RoleUser)
	}
	return out
}

// setUp founds the desk and puts its functions there.
func (w *world) setUp() {
	w.hire()
	d := desk.New(docdb.Open(w.store, indexes), func() time.Time { return w.now })
	ctx := context.Background()
	if err := d.SaveOrganisation(ctx, organisation()); err != nil {
		w.fail("set-up: %v", err)
	}
	for _, p := range population() {
		if err := d.SavePerson(ctx, p); err != nil {
			w.fail("set-up: %v", err)
		}
	}
	w.trees = append(w.trees, w.tree())
}

// tree is the organisation as it is stored.
func (w *world) tree() desk.Organisation {
	var out desk.Organisation
	for _, r := range w.store.Dump("organisation") {
		if err := docdb.Decode(r, &out); err != nil {
			w.fail("the organisation can't be read: %v", err)
		}
	}
	return out
}
