package analytics_test

import (
	"testing"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

func TestFactsAreCountedOncePerDayAndDepartment(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	store := docdb.NewMemory()
	d := desk.New(docdb.Open(store, desk.Indexes()).Twice(), func() time.Time { return at })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	ada := desk.Actor{ID: "ada", Role: desk.RoleAdmin}
	ticket, err := d.Create(t.Context(), ada, desk.NewTicket{Title: "Printer", Description: "x"}, desk.Options{})
	must(err)
	_, err = d.Comment(t.Context(), ada, ticket.Number, desk.NewComment{Body: "x"}, desk.Options{})
	must(err)
	for _, s := range []desk.Status{desk.StatusResolved, desk.StatusReopened, desk.StatusClosed} {
		_, err = d.Update(t.Context(), ada, ticket.Number, desk.Patch{Status: &s}, desk.Options{})
		must(err)
	}
	for range 2 {
		for _, r := range store.Dump(event.OutboxCollection) {
			var e event.Event
			must(docdb.Decode(r, &e))
			must(analytics.Handle(t.Context(), d, e))
		}
	}
	got, err := analytics.Show(t.Context(), d.DB, at, "it")
	must(err)
	if want := (analytics.Day{Created: 1, Resolved: 1, Closed: 1, Reopened: 1, Replies: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
