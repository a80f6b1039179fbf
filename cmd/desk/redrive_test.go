package main

import (
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

func TestDeadLettersAreRedrivenOnceByIDByFunctionOrAll(t *testing.T) {
	d := open(t, local(t))
	fact := `{"schema":1,"id":"%","type":"ticket.created","subject":"t1"}`
	for _, id := range []string{"notify:1", "notify:2", "count:3", "count:poison"} {
		l := event.DeadLetter{ID: id, Consumer: strings.Split(id, ":")[0], Payload: strings.ReplaceAll(fact, "%", id), At: time.Now().UTC()}
		if id == "count:poison" {
			l.Payload = "not json"
		}
		if err := event.Bury(t.Context(), d.DB, l); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		command, says string
		waiting       int
	}{
		{"redrive -all", "dry run: 3 would be redriven, 1 can't be", 0},
		{"redrive -id notify:1 -write", "1 redriven", 1},
		{"redrive -id notify:1 -write", "was redriven already", 1},
		{"redrive -function notify -write", "1 redriven", 2},
		{"redrive -all -write", "1 redriven, 1 can't be", 3},
		{"redrive -all -write", "0 redriven, 1 can't be", 3},
	} {
		said := succeeds(t, "", strings.Fields(step.command)...)
		found, err := docdb.Find[event.Event](t.Context(), d.DB, docdb.Query{Collection: event.OutboxCollection, Limit: 10})
		if err != nil || !strings.Contains(said, step.says) || len(found) != step.waiting {
			t.Errorf("%s: said %q; %d facts wait, want %d, %v", step.command, said, len(found), step.waiting, err)
		}
	}
	entries, _, err := d.ListAudits(t.Context(), operator, desk.Audits{Kind: "dead_letter.redriven"}, desk.Page{})
	if err != nil || len(entries) != 3 {
		t.Errorf("%d entries in the audit, %v", len(entries), err)
	}
	for _, wrong := range []string{"redrive", "redrive -all -id x", "redrive -id nothing -write"} {
		if code, _, _ := runDesk(t, "", strings.Fields(wrong)...); code == done {
			t.Errorf("desk %s went well", wrong)
		}
	}
}
