package bulk_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

// office is a small organisation on the in-memory twin, with a clock that tests move.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
	seen  map[string]bool // facts that were delivered
}

func newOffice(t *testing.T) *office {
	t.Helper()
	store, at := docdb.NewMemory(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &office{desk.New(docdb.Open(store, desk.Indexes(), bulk.Indexes()), func() time.Time { return at }), t, store, &at, map[string]bool{}}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true, Categories: []desk.Category{{ID: "vpn", Name: "VPN", Active: true}}}, {ID: "finance", Name: "Finance", Active: true},
	}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "noah": desk.RoleStaff, "uma": desk.RoleUser} {
		o.role(id, role)
	}
	return o
}

func (o *office) role(id desk.PersonID, role desk.Role) {
	o.must(o.SavePerson(o.t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(id desk.PersonID) desk.Actor {
	o.t.Helper()
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

func (o *office) open(n int) []desk.TicketID {
	o.t.Helper()
	var out []desk.TicketID
	for range n {
		t, err := o.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer", Description: "x", Department: "it"}, desk.Options{})
		o.must(err)
		out = append(out, t.ID)
	}
	return out
}

func (o *office) start(who desk.PersonID, order bulk.Order) bulk.Job {
	o.t.Helper()
	j, err := bulk.Start(o.t.Context(), o.Desk, o.as(who), order, desk.Options{})
	o.must(err)
	return j
}

// run delivers the facts of jobs until there are no more, again after each failure.
func (o *office) run() {
	o.t.Helper()
	for range 10_000 {
		e, ok := o.due()
		if !ok {
			return
		}
		if bulk.Handle(o.t.Context(), o.Desk, e) == nil {
			o.seen[e.ID] = true
		}
	}
	o.t.Fatal("it never ends")
}

func (o *office) due() (event.Event, bool) {
	for _, r := range o.store.Dump(event.OutboxCollection) {
		if r.Fields["type"] != bulk.StepDue || o.seen[r.Key.ID] {
			continue
		}
		var e event.Event
		o.must(docdb.Decode(r, &e))
		if e.Depth != 0 {
			o.t.Fatalf("%s has depth %d", e.ID, e.Depth)
		}
		return e, true
	}
	return event.Event{}, false
}

func (o *office) job(id string) bulk.Job {
	o.t.Helper()
	j, err := bulk.Show(o.t.Context(), o.DB, o.as("ada"), id)
	o.must(err)
	return j
}

func high() preset.Changes {
	return preset.Changes{Priority: desk.PriorityHigh, AddTags: []string{"outage"}}
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, kind)
	}
}

func TestAJobChangesEachTicketOnceThoughPartsBreakAndComeTwice(t *testing.T) {
	o := newOffice(t)
	o.open(250)
	note := preset.Words{Language: "en", Texts: map[string]string{"en": "Seen."}}
	m, err := preset.Create(t.Context(), o.Desk, o.as("ada"), preset.Macro, preset.Draft{Name: "x", Changes: high(), Note: note}, desk.Options{})
	o.must(err)
	j := o.start("nora", bulk.Order{Filter: &bulk.Selection{Priority: desk.PriorityMedium}, Macro: m.ID})
	n := 0
	o.store.Before = func(op string) error {
		if n++; op == "commit" && n%97 == 0 {
			return fault.Down(errors.New("broken"))
		}
		return nil
	}
	o.store.After = func(string) error {
		if n++; n%101 == 0 {
			return fault.Down(errors.New("the answer is lost"))
		}
		return nil
	}
	o.run()
	o.store.Before, o.store.After = nil, nil
	if j = o.job(j.ID); j.State != bulk.Done || j.Total != 250 || j.Changed != 250 {
		t.Fatalf("got %+v", j)
	}
	for _, r := range o.store.Dump("tickets") {
		if r.Fields["version"] != int64(3) || r.Fields["notes"] != int64(1) || r.Fields["priority"] != "high" {
			t.Errorf("%s: version %v, %v notes", r.Key.ID, r.Fields["version"], r.Fields["notes"])
		}
	}
	for id := range o.seen {
		delete(o.seen, id)
	}
	o.run()
	if again := o.job(j.ID); again.Changed != 250 || again.Step != j.Step {
		t.Errorf("delivered again: %+v", again)
	}
}

func TestEachOutcomeIsToldAndWhatFailsStopsNothing(t *testing.T) {
	o := newOffice(t)
	ids := o.open(4)
	_, err := o.Update(t.Context(), o.as("nora"), string(ids[0]), desk.Patch{Status: to(desk.StatusClosed)}, desk.Options{})
	o.must(err)
	_, err = o.Update(t.Context(), o.as("nora"), string(ids[1]), desk.Patch{Status: to(desk.StatusInProgress)}, desk.Options{})
	o.must(err)
	_, err = o.Update(t.Context(), o.as("ada"), string(ids[2]), desk.Patch{Department: to(desk.DepartmentID("finance"))}, desk.Options{})
	o.must(err)
	order := bulk.Order{Tickets: append(ids, "nothing", ids[3]), Changes: preset.Changes{Status: desk.StatusInProgress}}
	p, err := bulk.Try(t.Context(), o.Desk, o.as("nora"), order)
	if o.must(err); p.Count != 5 || p.Blocked != 3 || p.Items[0].Outcome != bulk.Failed || p.More {
		t.Errorf("preview %+v", p)
	}
	j := o.start("nora", order)
	o.run()
	if j = o.job(j.ID); j.Changed != 1 || j.Unchanged != 1 || j.Failed != 3 || j.Total != 5 {
		t.Errorf("got %+v", j)
	}
	items, more, err := bulk.Items(t.Context(), o.Desk, o.as("nora"), j.ID, 0)
	o.must(err)
	codes := map[desk.TicketID]string{}
	for _, it := range items {
		codes[it.Ticket] = it.Code
	}
	if more || codes[ids[0]] != "illegal_transition" || codes[ids[2]] != "not_found" || codes["nothing"] != "not_found" || codes[ids[3]] != "" {
		t.Errorf("got %v", codes)
	}
}

func to[T any](v T) *T { return &v }

func TestAPersonWhoLosesTheirRightsStopsTheirJob(t *testing.T) {
	o := newOffice(t)
	j := o.start("nora", bulk.Order{Tickets: o.open(150), Changes: high()})
	e, _ := o.due()
	o.must(bulk.Handle(t.Context(), o.Desk, e))
	o.seen[e.ID] = true
	o.role("nora", desk.RoleUser)
	o.run()
	if j = o.job(j.ID); j.State != bulk.Stopped || j.Changed != 100 || j.Reason == "" {
		t.Errorf("got %+v", j)
	}
}

func TestAJobIsItsOwnersAlone(t *testing.T) {
	o := newOffice(t)
	ids := o.open(1)
	j := o.start("nora", bulk.Order{Tickets: ids, Changes: high()})
	_, err := bulk.Show(t.Context(), o.DB, o.as("noah"), j.ID)
	wantKind(t, "show", err, fault.NotFound)
	_, err = bulk.Cancel(t.Context(), o.Desk, o.as("noah"), j.ID)
	wantKind(t, "cancel", err, fault.NotFound)
	_, err = bulk.Undo(t.Context(), o.Desk, o.as("nora"), j.ID, desk.Options{})
	wantKind(t, "undo while it runs", err, fault.Conflict)
	j, err = bulk.Cancel(t.Context(), o.Desk, o.as("nora"), j.ID)
	o.must(err)
	o.run()
	if got := o.job(j.ID); got.State != bulk.Cancelled || got.Changed != 0 {
		t.Errorf("cancelled: %+v", got)
	}
	_, err = bulk.Undo(t.Context(), o.Desk, o.as("noah"), j.ID, desk.Options{})
	wantKind(t, "undo", err, fault.NotFound)
	_, err = bulk.Start(t.Context(), o.Desk, o.as("uma"), bulk.Order{Tickets: ids, Changes: high()}, desk.Options{})
	wantKind(t, "a requester", err, fault.Forbidden)
	for range bulk.MaxActive {
		o.start("nora", bulk.Order{Tickets: ids, Changes: high()})
	}
	_, err = bulk.Start(t.Context(), o.Desk, o.as("nora"), bulk.Order{Tickets: ids, Changes: high()}, desk.Options{})
	wantKind(t, "too many", err, fault.Conflict)
}

func TestBadOrdersAreRefused(t *testing.T) {
	o := newOffice(t)
	all := &bulk.Selection{}
	for name, order := range map[string]bulk.Order{
		"nothing": {}, "no change": {Filter: all}, "no tickets": {Changes: high()}, "both": {Filter: all, Tickets: []desk.TicketID{"x"}, Changes: high()},
		"both ways": {Filter: all, Changes: high(), Macro: "x"}, "no macro": {Filter: all, Macro: "x"}, "no id": {Tickets: []desk.TicketID{"../x"}, Changes: high()},
		"no status": {Filter: all, Changes: preset.Changes{Status: "merged"}},
	} {
		_, err := bulk.Start(t.Context(), o.Desk, o.as("ada"), order, desk.Options{})
		wantKind(t, name, err, fault.Invalid)
	}
}

// TestTakingBackRestoresWhateverWasChanged changes and takes back at random.
func TestTakingBackRestoresWhateverWasChanged(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		ids := o.open(3)
		for _, id := range ids {
			s := rapid.SampledFrom([]desk.Status{desk.StatusInProgress, desk.StatusOnHold, desk.StatusResolved, desk.StatusClosed}).Draw(r, "before")
			_, err := o.Update(t.Context(), o.as("nora"), string(id), desk.Patch{Status: &s, Tags: &[]string{"a", "b"}, Category: to("vpn"), Assignee: to(desk.PersonID("noah"))}, desk.Options{})
			o.must(err)
		}
		before := o.states()
		*o.clock = o.clock.Add(time.Hour)
		c := preset.Changes{
			Status:   rapid.SampledFrom([]desk.Status{"", desk.StatusClosed, desk.StatusReopened, desk.StatusInProgress, desk.StatusResolved}).Draw(r, "status"),
			Assignee: rapid.SampledFrom([]desk.PersonID{"", "me", "none"}).Draw(r, "assignee"), Priority: rapid.SampledFrom(desk.Priorities).Draw(r, "priority"),
			Department: rapid.SampledFrom([]desk.DepartmentID{"", "finance"}).Draw(r, "department"), AddTags: []string{"c"}, RemoveTags: []string{"a"},
		}
		j := o.start("ada", bulk.Order{Tickets: ids, Changes: c})
		o.run()
		changed := o.job(j.ID).Changed
		u, err := bulk.Undo(t.Context(), o.Desk, o.as("ada"), j.ID, desk.Options{})
		o.must(err)
		o.run()
		if u = o.job(u.ID); u.State != bulk.Done || u.Changed != changed || u.Total != changed || u.Failed+u.Skipped != 0 {
			r.Fatalf("got %+v", u)
		}
		if after := o.states(); !reflect.DeepEqual(before, after) {
			r.Fatalf("before %v\nafter  %v", before, after)
		}
	})
}

// states are all tickets without what each change moves.
func (o *office) states() []string {
	var out []string
	for _, r := range o.store.Dump("tickets") {
		for _, f := range []string{"version", "public_version", "updated_at", "public_updated_at", "first_assigned_at", "chain"} {
			delete(r.Fields, f)
		}
		out = append(out, fmt.Sprint(r.Fields))
	}
	return out
}

func TestWhatSomebodyChangedSinceIsNotTakenBack(t *testing.T) {
	o := newOffice(t)
	ids := o.open(2)
	j := o.start("nora", bulk.Order{Tickets: ids, Changes: high()})
	o.run()
	_, err := o.Update(t.Context(), o.as("noah"), string(ids[0]), desk.Patch{Priority: to(desk.PriorityLow)}, desk.Options{})
	o.must(err)
	u, err := bulk.Undo(t.Context(), o.Desk, o.as("nora"), j.ID, desk.Options{})
	o.must(err)
	o.run()
	if u = o.job(u.ID); u.Changed != 1 || u.Skipped != 1 {
		t.Errorf("got %+v", u)
	}
	if got, err := o.Show(t.Context(), o.as("nora"), string(ids[0])); err != nil || got.Priority != desk.PriorityLow || len(got.Tags) != 1 {
		t.Errorf("got %+v (%v)", got, err)
	}
	_, err = bulk.Undo(t.Context(), o.Desk, o.as("nora"), j.ID, desk.Options{})
	wantKind(t, "again", err, fault.Conflict)
}

func TestAThousandTicketsAreCollectedInSeveralSteps(t *testing.T) {
	o := newOffice(t)
	o.open(bulk.MaxTickets/10 + 1)
	j := o.start("nora", bulk.Order{Filter: &bulk.Selection{Department: "it"}, Changes: high()})
	o.run()
	if j = o.job(j.ID); j.State != bulk.Done || j.Total != bulk.MaxTickets/10+1 || j.Changed != j.Total {
		t.Errorf("got %+v", j)
	}
}
