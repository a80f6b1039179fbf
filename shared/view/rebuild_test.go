package view_test

import (
	"testing"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/view"
)

// TestARebuildFindsWhatWasLost loses half of the facts for good.
func TestARebuildFindsWhatWasLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		_, err := o.save("ada", view.Draft{Everyone: true, Filter: view.Filter{Assignee: desk.Nobody}})
		o.must(err)
		o.deliver(1, true)
		var made []desk.TicketID
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			o.step(r, &made)
		}
		o.deliver(2, false)
		for range 2 {
			n, err := view.Rebuild(t.Context(), o.Desk)
			o.must(err)
			if acts := len(o.store.Dump("acts")); n != acts {
				r.Fatalf("%d of %d acts", n, acts)
			}
		}
		o.must(view.Handle(t.Context(), o.Desk, event.Event{ID: "filter-1-000009", Type: view.FilterAdded, Subject: "filter-1", Sequence: 9, At: morning}))
		o.compare(r.Fatalf)
	})
}
