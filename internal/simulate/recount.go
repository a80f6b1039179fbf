package simulate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/view"
)

// recount: every counter is what a count of everything gives.
func (w *world) recount(h map[desk.TicketID][]desk.Act) {
	w.recountNumbers()
	w.recountViews(h)
	w.recountFeeds()
}

// recountNumbers makes the numbers of reports again, from the history alone, in a
// database of its own.
func (w *world) recountNumbers() {
	apart := docdb.NewMemory()
	ctx := context.Background()
	for _, r := range w.store.Dump("acts") {
		if err := apart.Commit(ctx, []docdb.Write{{Key: r.Key, Fields: r.Fields}}); err != nil {
			w.fail("recount: %v", err)
		}
	}
	d := desk.New(docdb.Open(apart, indexes), func() time.Time { return w.now })
	if _, err := analytics.Rebuild(ctx, d); err != nil {
		w.fail("recount: %v", err)
	}
	for _, collection := range []string{"days", "agent_days", "category_days", "stocks"} {
		got, want := counters(w.store, collection), counters(apart, collection)
		for _, name := range union(got, want) {
			if got[name] != want[name] {
				w.fail("%s counts %d of %s, there are %d", collection, got[name], name, want[name])
			}
		}
	}
}

// counters are a collection's counts other than 0, by name, whatever edition.
func counters(m *docdb.Memory, collection string) map[string]int64 {
	out := map[string]int64{}
	for _, r := range m.Dump(collection) {
		_, id, _ := strings.Cut(r.Key.ID, "~")
		for field, v := range r.Fields {
			if n, ok := v.(int64); ok && n != 0 {
				out[id+"/"+field] = n
			}
		}
	}
	return out
}

func union(a, b map[string]int64) []string {
	out := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(out)
	return slices.Compact(out)
}

// recountViews asks each counted filter of each ticket.
func (w *world) recountViews(h map[desk.TicketID][]desk.Act) {
	var registry struct {
		Filters []struct {
			Number int64       `json:"number"`
			Filter view.Filter `json:"filter"`
			Ready  bool        `json:"ready"`
		} `json:"filters"`
	}
	for _, r := range w.store.Dump("view_filters") {
		if err := docdb.Decode(r, &registry); err != nil {
			w.fail("the filters can't be read: %v", err)
		}
	}
	want := map[string]int64{}
	for _, f := range registry.Filters {
		if !f.Ready {
			w.fail("the filter %d was never counted", f.Number)
		}
		name := fmt.Sprint("f", f.Number)
		personal := f.Filter.Assignee == view.Me || f.Filter.Requester == view.Me
		for _, acts := range h {
			o := acts[len(acts)-1].Outline
			if !personal && f.Filter.For("").Matches(o) {
				want["dept~"+string(o.Department)+"/"+name]++
			}
			for _, p := range o.Tied() {
				if f.Filter.For(p).Matches(o) {
					want["person~"+string(p)+"/"+name+"~"+string(o.Department)]++
				}
			}
		}
	}
	got := map[string]int64{}
	for _, r := range w.store.Dump("counts") {
		for field, v := range r.Fields {
			if n, ok := v.(int64); ok && n != 0 {
				got[r.Key.ID+"/"+field] = n
			}
		}
	}
	for _, name := range union(got, want) {
		if got[name] != want[name] {
			w.fail("views count %d of %s, there are %d", got[name], name, want[name])
		}
	}
}

// recountFeeds counts the changes that departments' feeds were told of.
func (w *world) recountFeeds() {
	want := map[string]int64{}
	for _, e := range w.facts {
		var f desk.Fact
		if !slices.Contains(notification.Kinds, e.Type) || docdb.Unmarshal(e.Data, &f) != nil {
			continue
		}
		want[string(f.Department)]++
		if f.Was != nil && f.Was.Department != f.Department {
			want[string(f.Was.Department)]++
		}
	}
	for _, r := range w.store.Dump("feeds_departments") {
		if n, _ := r.Fields["changes"].(int64); n != want[r.Key.ID] {
			w.fail("the feed of %s was told of %d changes, not %d", r.Key.ID, n, want[r.Key.ID])
		}
		delete(want, r.Key.ID)
	}
	for id := range want {
		w.fail("%s has no feed", id)
	}
}
