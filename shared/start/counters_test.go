package start_test

import (
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

// TestCountersAndViewsAreKeptInFirestore counts facts, rebuilds the counters, and adds a
// view to tickets that were counted before: the real database takes the names of counters
// and the queries.
func TestCountersAndViewsAreKeptInFirestore(t *testing.T) {
	suite := emulator.Use(t, emulator.Firestore)
	store, err := firestore.Open(config.Config{Project: suite.Project, Database: emulator.Database(t), FirestoreHost: suite.Firestore})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(store, start.Indexes()), func() time.Time { return now })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	deliver := func() {
		t.Helper()
		waiting, err := docdb.Find[event.Event](t.Context(), d.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 100})
		must(err)
		for _, e := range append(waiting, waiting...) {
			if e.Type != view.FilterAdded {
				must(analytics.Handle(t.Context(), d, e))
			}
			must(view.Handle(t.Context(), d, e))
		}
	}
	must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true, Categories: []desk.Category{{ID: "vpn `x` \\ ü.1", Name: "VPN", Active: true}}}}}))
	staff := desk.Person{ID: "nora", Name: "Nora", Email: "nora@demo.example", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}
	must(d.SavePerson(t.Context(), staff))
	a := staff.Actor()
	for range 3 {
		_, err := d.Create(t.Context(), a, desk.NewTicket{Title: "Printer", Description: "x", Department: "it", Category: "vpn `x` \\ ü.1"}, desk.Options{})
		must(err)
	}
	list, _, err := d.List(t.Context(), a, desk.Filter{}, desk.Page{})
	must(err)
	resolved := desk.StatusResolved
	now = now.Add(time.Hour)
	_, err = d.Update(t.Context(), a, list[0].Number, desk.Patch{Status: &resolved}, desk.Options{})
	must(err)
	deliver()
	v, err := view.Create(t.Context(), d, a, view.Draft{Name: "New", Everyone: true, Filter: view.Filter{Status: desk.StatusNew, Requester: view.Me}}, desk.Options{})
	must(err)
	deliver()
	counts, err := view.Counts(t.Context(), d, a, []view.View{v})
	must(err)
	if all, err := view.List(t.Context(), d, a); err != nil || len(all) != 1 || counts[v.ID] != 2 {
		t.Errorf("%d views (%v), counts %v", len(all), err, counts)
	}
	for range 2 {
		s, err := analytics.ByCategory(t.Context(), d, a, analytics.Range{})
		must(err)
		w, err := analytics.Backlog(t.Context(), d, a, "")
		must(err)
		if len(s) != 1 || s[0].Created != 3 || s[0].Resolved != 1 || s[0].Resolution.P50 < 3564 || s[0].Resolution.P50 > 3636 || w.Open != 2 {
			t.Errorf("got %+v, %d open", s, w.Open)
		}
		_, err = analytics.Rebuild(t.Context(), d)
		must(err)
	}
}
