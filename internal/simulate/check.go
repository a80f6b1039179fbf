package simulate

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/notification"
)

// check judges the desk after everything has come to rest.
func (w *world) check() {
	w.atRest()
	w.factsArrived()
	w.promisesKept()
	h := w.histories()
	numbers := map[string]bool{}
	for _, t := range all[desk.Ticket](w, "tickets") {
		if numbers[t.Number] {
			w.fail("the number %s was given twice", t.Number)
		}
		numbers[t.Number] = true
		w.seenByTheRight(t)
		w.commentsOfTicket(t)
		if acts := h[t.ID]; w.replays(t, acts) {
			w.onTime(t, acts)
		}
	}
	w.agents()
	w.notices()
	w.recount(h)
}

// atRest: nothing waits any more.
func (w *world) atRest() {
	if left := w.store.Dump(event.OutboxCollection); len(left) > 0 {
		w.fail("%d facts were never published, %s the first", len(left), left[0].Key.ID)
	}
	if w.bus.open > 0 {
		w.fail("%d deliveries are still on their way", w.bus.open)
	}
	for _, f := range w.functions {
		for _, in := range f.instances {
			if in.busy {
				w.fail("%s is still busy", in.name)
			}
		}
	}
	for _, t := range all[desk.Ticket](w, "tickets") {
		if !t.AlarmAt.IsZero() && t.AlarmAt.Before(w.now.Add(-5*time.Minute)) {
			w.fail("%s has an alarm of %v that did not ring", t.Number, t.AlarmAt)
		}
	}
	for _, m := range all[desk.Move](w, "moves") {
		if m.State != desk.MoveDone {
			w.fail("the move %s is still %s", m.ID, m.State)
		}
	}
	for _, l := range all[event.DeadLetter](w, event.DeadLetterCollection) {
		if !w.poison[l.ID] {
			w.fail("a dead letter of %s: %s %s: %s", l.Consumer, l.Type, l.Event, l.Reason)
		}
		delete(w.poison, l.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(w.poison)) {
		w.fail("what could not be read was not buried: %s", id)
	}
}

// factsArrived: each fact was published, and each function that takes it has done so.
func (w *world) factsArrived() {
	done := map[string]bool{}
	for _, r := range w.store.Dump(event.EffectCollection) {
		done[r.Key.ID] = true
	}
	acts := map[string]bool{}
	for _, r := range w.store.Dump("acts") {
		acts[r.Key.ID] = true
		if _, ok := w.facts[r.Key.ID]; !ok {
			w.fail("the act %s has no fact", r.Key.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.facts)) {
		e := w.facts[id]
		if w.published[id] == 0 {
			w.fail("the fact %s was not published", id)
		}
		if !strings.HasPrefix(e.Type, "ticket.") {
			continue
		}
		if !acts[id] {
			w.fail("the fact %s has no act", id)
		}
		w.handled(done, id, e.Type)
	}
}

// promisesKept: what people were told is done is there, once, and so is at most once what
// they were told nothing of.
func (w *world) promisesKept() {
	opened, written, views := map[string]int{}, map[string]int{}, map[string]int{}
	for _, e := range w.facts {
		var f desk.Fact
		if e.Type == desk.TicketCreated && docdb.Unmarshal(e.Data, &f) == nil {
			opened[f.Title]++
		}
	}
	for _, collection := range []string{"replies", "notes"} {
		for _, c := range all[desk.Comment](w, collection) {
			said, _, _ := strings.Cut(c.Body, " @")
			written[said]++
		}
	}
	for _, r := range w.store.Dump("views") {
		name, _ := r.Fields["name"].(string)
		views[name]++
	}
	for _, a := range w.Actions {
		found := map[string]map[string]int{"open": opened, "reply": written, "note": written, "view": views}[a.Do]
		if found == nil {
			continue
		}
		n, code := found[a.words()], w.answers[a.N]
		if n > 1 || code == http.StatusCreated && n != 1 || code >= 400 && code < 500 && n != 0 {
			w.fail("action %d (%s) was answered %d and is there %d times", a.N, a.Do, code, n)
		}
	}
}

// seenByTheRight: the audience follows from the ticket and the tree.
func (w *world) seenByTheRight(t desk.Ticket) {
	want := map[string]bool{}
	if t.DeletedAt.IsZero() {
		want["role:admin"], want["person:"+string(t.Requester)] = true, true
		people := append(slices.Clone(t.Watchers), t.Assignee)
		for _, m := range t.Merged {
			people = append(people, m.People...)
		}
		for _, p := range people {
			if p != "" {
				want["person:"+string(p)] = true
			}
		}
		tree := w.trees[len(w.trees)-1]
		for at := t.Department; at != ""; at = parent(tree, at) {
			want["dept:"+string(at)] = true
		}
	}
	got := map[string]bool{}
	for _, p := range t.Audience {
		if !strings.Contains(p, " #") {
			got[p] = true
		}
	}
	if !maps.Equal(want, got) {
		w.fail("%s is seen by %v, not %v", t.Number, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// commentsOfTicket: the ticket counts its comments.
func (w *world) commentsOfTicket(t desk.Ticket) {
	for collection, counted := range map[string]int{"replies": t.Replies, "notes": t.Notes} {
		n := 0
		for _, r := range w.store.Dump(collection) {
			if r.Fields["ticket"] == string(t.ID) {
				n++
			}
		}
		if n != counted {
			w.fail("%s counts %d %s and has %d", t.Number, counted, collection, n)
		}
	}
}

// agents: how much each has to do.
func (w *world) agents() {
	want := map[desk.PersonID]int{}
	for _, t := range all[desk.Ticket](w, "tickets") {
		if t.Assignee != "" && t.DeletedAt.IsZero() && !contains([]desk.Status{desk.StatusResolved, desk.StatusClosed, desk.StatusMerged}, t.Status) {
			want[t.Assignee]++
		}
	}
	for _, r := range w.store.Dump("agents") {
		if n, _ := r.Fields["open"].(int64); int(n) != want[desk.PersonID(r.Key.ID)] {
			w.fail("%s has %d open tickets, not %d", r.Key.ID, n, want[desk.PersonID(r.Key.ID)])
		}
	}
}

// notices: counted as they are, and there where somebody has to hear.
func (w *world) notices() {
	unread, threads, there := map[string]int64{}, map[string]int64{}, map[string]bool{}
	inboxes := map[string]docdb.Record{}
	for _, r := range w.store.Dump("inboxes") {
		inboxes[r.Key.ID] = r
	}
	for _, n := range all[notification.Notice](w, "notices") {
		there[n.ID] = true
		threads[string(n.Person)+"~"+string(n.Ticket)]++
		epoch, _ := inboxes[string(n.Person)].Fields["epoch"].(int64)
		if !n.Read && n.Epoch == epoch {
			unread[string(n.Person)]++
		}
	}
	for _, r := range inboxes {
		epoch, _ := r.Fields["epoch"].(int64)
		if n, _ := r.Fields[fmt.Sprint("unread_", epoch)].(int64); n != unread[r.Key.ID] {
			w.fail("%s has %d unread notices, and %d are counted", r.Key.ID, unread[r.Key.ID], n)
		}
	}
	muted := map[string]bool{}
	for _, t := range all[notification.Thread](w, "threads") {
		id := string(t.Person) + "~" + string(t.Ticket)
		muted[id] = t.Muted
		if t.Count != threads[id] {
			w.fail("%s was told %d times of %s, and %d are counted", t.Person, threads[id], t.Ticket, t.Count)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.facts)) {
		for _, p := range w.mustHear(w.facts[id]) {
			if !there[string(p)+"-"+id] && !muted[string(p)+"~"+w.facts[id].Subject] {
				w.fail("%s was not told of %s (%s)", p, id, w.facts[id].Type)
			}
		}
	}
}

// mustHear are those who in any case hear of a fact: the requester of a reply and of
// another status, and whoever has become the assignee.
func (w *world) mustHear(e event.Event) (out []desk.PersonID) {
	var f desk.Fact
	if !strings.HasPrefix(e.Type, "ticket.") || docdb.Unmarshal(e.Data, &f) != nil {
		return nil
	}
	spoken := []string{desk.TicketReplied, desk.TicketUpdated, desk.TicketRouted}
	if _, changed := f.Changed("status"); slices.Contains(spoken, e.Type) && !f.Internal && (changed || e.Type == desk.TicketReplied) {
		out = append(out, f.Requester)
	}
	if c, ok := f.Changed("assignee"); ok && slices.Contains(spoken, e.Type) && c.After != "" {
		out = append(out, f.Assignee)
	}
	return slices.DeleteFunc(out, func(p desk.PersonID) bool {
		return string(p) == e.Actor || !w.mayHear(w.person(p), f, f.Internal)
	})
}
