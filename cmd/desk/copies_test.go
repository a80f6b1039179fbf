package main

import (
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/start"
)

// TestCopiesAreTrueInThemselves copies a small demo and asks the desk about the copies
// as if it had made them itself.
func TestCopiesAreTrueInThemselves(t *testing.T) {
	demo, err := readDemo(demoFolder)
	if err != nil {
		t.Fatal(err)
	}
	demo.tickets = demo.tickets[len(demo.tickets)-20:]
	store := docdb.NewMemory()
	l := &loader{demo: demo, store: store, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	if err := l.loadPast(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := desk.New(docdb.Open(store, start.Indexes()), func() time.Time { return l.now })
	if err := d.SaveOrganisation(t.Context(), demo.organisation); err != nil {
		t.Fatal(err)
	}
	const copies = 45
	if err := l.loadCopies(t.Context(), copies); err != nil {
		t.Fatal(err)
	}
	admin := desk.Robot("test", "", 0)
	numbers := map[string]bool{}
	for _, r := range store.Dump("tickets") {
		var ticket desk.Ticket
		if err := docdb.Decode(r, &ticket); err != nil {
			t.Fatal(err)
		}
		if numbers[ticket.Number] || !strings.Contains(ticket.Number, ticket.CreatedAt.UTC().Format("200601")) {
			t.Errorf("a ticket of %s has the number %s", ticket.CreatedAt, ticket.Number)
		}
		numbers[ticket.Number] = true
		acts, _, err := d.History(t.Context(), admin, ticket.Number, desk.Page{Limit: 100})
		if err != nil || len(acts) == 0 || ticket.UpdatedAt.After(l.now) {
			t.Errorf("%s has %d acts: %v", ticket.Number, len(acts), err)
		}
	}
	if len(numbers) != 20+copies {
		t.Errorf("there are %d tickets", len(numbers))
	}
	if err := d.Reindex(t.Context(), "", func(_ string, written int) {
		if written > 0 {
			t.Errorf("%d search entries are not what they should be", written)
		}
	}); err != nil {
		t.Fatal(err)
	}
	holdsWhatIsAssigned(t, store)
}

// holdsWhatIsAssigned compares what agents have to do with their tickets.
func holdsWhatIsAssigned(t *testing.T, store *docdb.Memory) {
	t.Helper()
	open := map[string]int64{}
	for _, r := range store.Dump("tickets") {
		if status := desk.Status(r.Fields["status"].(string)); status.Open() && r.Fields["assignee"] != "" {
			open[r.Fields["assignee"].(string)]++
		}
	}
	if len(open) < 2 {
		t.Error("nothing is assigned")
	}
	for _, r := range store.Dump("agents") {
		if got := r.Fields["open"]; got != open[r.Key.ID] {
			t.Errorf("%s has %v tickets to do, not %d", r.Key.ID, got, open[r.Key.ID])
		}
	}
}
