package main

import (
	"strings"
	"testing"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
)

func TestARebuildCountsTicketsThatCameWithoutTheirFacts(t *testing.T) {
	d := open(t, local(t))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	ada := desk.Actor{ID: "ada", Role: desk.RoleAdmin}
	_, err := d.Create(t.Context(), ada, desk.NewTicket{Title: "Printer", Description: "x"}, desk.Options{})
	must(err)
	for want, command := range []string{"rebuild", "rebuild -write", "rebuild -write"} {
		want := int64(min(want, 1))
		succeeds(t, "", strings.Fields(command)...)
		w, err := analytics.Backlog(t.Context(), d, ada, "")
		must(err)
		if w.Open != want {
			t.Errorf("after %s: %d open, want %d", command, w.Open, want)
		}
	}
}
