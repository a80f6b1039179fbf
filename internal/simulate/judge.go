package simulate

import (
	"strings"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Judge says what is wrong with the documents of any desk that has come to rest, by the
// rules that hold in each simulated one: facts without effects, histories that don't make
// their tickets, counters that differ from a recount. It knows nothing of what people were
// told, nor of their calendars.
func Judge(store *docdb.Memory, now time.Time) []string {
	w := newWorld(Scenario{}, Options{})
	w.store, w.now = store, now
	w.trees = []desk.Organisation{w.tree()}
	if left := store.Dump(event.OutboxCollection); len(left) > 0 {
		w.fail("%d facts were never published, %s the first", len(left), left[0].Key.ID)
	}
	h := w.histories()
	w.effects(h)
	numbers := map[string]bool{}
	for _, t := range all[desk.Ticket](w, "tickets") {
		if numbers[t.Number] {
			w.fail("the number %s was given twice", t.Number)
		}
		numbers[t.Number] = true
		w.seenByTheRight(t)
		w.commentsOfTicket(t)
		w.replays(t, h[t.ID])
	}
	w.agents()
	w.notices()
	w.recountNumbers()
	w.recountViews(h)
	return w.wrong
}

// markers are of functions that leave one for each fact, whatever it says.
var markers = map[string]string{"route": "route", "notify": "feed", "count": "count"}

// effects: each act was handled by each function that takes its fact.
func (w *world) effects(h map[desk.TicketID][]desk.Act) {
	done := map[string]bool{}
	for _, r := range w.store.Dump(event.EffectCollection) {
		done[r.Key.ID] = true
	}
	for _, acts := range h {
		for _, a := range acts {
			w.handled(done, a.ID, a.Type)
		}
	}
}

func (w *world) handled(done map[string]bool, id, kind string) {
	if !strings.HasPrefix(kind, "ticket.") {
		return
	}
	for function, marker := range markers {
		if f, _ := functions.Named(function); f.Takes(kind) && !done[marker+"~"+id] {
			w.fail("%s has not handled %s (%s)", function, id, kind)
		}
	}
}
