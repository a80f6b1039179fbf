package main

import (
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

func TestReconcileTellsOfMissingEffectsAndSendsTheirFactsAgain(t *testing.T) {
	d := open(t, local(t))
	if said := succeeds(t, "", "reconcile"); !strings.Contains(said, "events without confirmed effects: 0") {
		t.Errorf("said %q", said)
	}
	lost := event.Archived{
		ID: "e1", Type: "branch.moved", Subject: "m1", At: time.Now().UTC(), Published: time.Now().UTC().Add(-time.Hour),
		Payload: `{"schema":1,"id":"e1","type":"branch.moved","subject":"m1"}`,
	}
	if err := d.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return tx.Set(docdb.Key{Collection: event.ArchiveCollection, ID: lost.ID}, lost)
	}); err != nil {
		t.Fatal(err)
	}
	if code, said, _ := runDesk(t, "", "reconcile", "-write"); code != failed || !strings.Contains(said, "facts: 1 compared") || !strings.Contains(said, "events without confirmed effects: 1") {
		t.Errorf("exit code %d, said %q", code, said)
	}
	again, err := docdb.Find[event.Event](t.Context(), d.DB, docdb.Query{Collection: event.OutboxCollection, Limit: 10})
	if err != nil || len(again) != 1 || again[0].For != "reorganise" {
		t.Errorf("%+v, %v", again, err)
	}
}
