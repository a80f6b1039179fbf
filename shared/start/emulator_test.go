package start_test

import (
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/start"
)

func TestMain(m *testing.M) { emulator.Main(m) }

// TestEveryFilterOfTheListRunsOnFirestore asks the real query engine what the twin
// already answers: all filters, both orders, with and without a range of creation.
func TestEveryFilterOfTheListRunsOnFirestore(t *testing.T) {
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
	must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true, Categories: []desk.Category{{ID: "vpn", Name: "VPN", Active: true}}}}}))
	staff := desk.Person{ID: "nora", Name: "Nora", Email: "nora@demo.example", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}
	must(d.SavePerson(t.Context(), staff))
	want, err := d.Create(t.Context(), staff.Actor(), desk.NewTicket{Title: "Printer", Description: "x", Department: "it", Category: "vpn", Tags: []string{"red"}}, desk.Options{})
	must(err)
	assignee := desk.PersonID("nora")
	want, err = d.Update(t.Context(), staff.Actor(), want.Number, desk.Patch{Assignee: &assignee}, desk.Options{})
	must(err)
	_, err = d.Create(t.Context(), desk.Actor{ID: "uma", Role: desk.RoleUser}, desk.NewTicket{Title: "Another", Description: "x", Priority: desk.PriorityLow}, desk.Options{})
	must(err)
	escalated := false
	for _, byCreation := range []bool{false, true} {
		for _, from := range []time.Time{{}, now.Add(-time.Hour)} {
			f := desk.Filter{
				Status: desk.StatusAssigned, Priority: desk.PriorityMedium, Department: "it", Category: "vpn", Assignee: "nora",
				Requester: "nora", Escalated: &escalated, Tag: "red", CreatedFrom: from, CreatedUntil: now.Add(time.Hour), ByCreation: byCreation,
			}
			for _, a := range []desk.Actor{staff.Actor(), {ID: "ada", Role: desk.RoleAdmin}} {
				got, _, err := d.List(t.Context(), a, f, desk.Page{})
				must(err)
				if len(got) != 1 || got[0].ID != want.ID {
					t.Errorf("by creation %v, from %v, as %s: got %d tickets", byCreation, from, a.ID, len(got))
				}
				all, _, err := d.List(t.Context(), a, desk.Filter{CreatedFrom: from, ByCreation: byCreation}, desk.Page{})
				must(err)
				if len(all) != 2 {
					t.Errorf("unfiltered: got %d tickets", len(all))
				}
			}
		}
	}
}
