package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

func TestANewTicketIsWrittenWithItsActAndItsEvent(t *testing.T) {
	o := newOffice(t)
	got := o.open(func(n *desk.NewTicket) { n.Tags = []string{"Fire", "fire", "smoke"} })
	if got.Number != "TKT-202611-0001" || got.Status != desk.StatusNew || got.Requester != "uma" || got.Priority != desk.PriorityMedium {
		t.Errorf("got %+v", got)
	}
	if !got.DueAt.Equal(morning.Add(24*time.Hour)) || !got.ResponseDueAt.Equal(morning.Add(4*time.Hour)) {
		t.Errorf("due %v, first response %v", got.DueAt, got.ResponseDueAt)
	}
	want := []string{"dept:it", "dept:network", "person:uma", "role:admin"}
	if !slices.Equal(got.Audience[:4], want) || len(got.Audience) != 12 {
		t.Errorf("audience %q", got.Audience)
	}
	acts := o.history("ada", got)
	if len(acts) != 1 || acts[0].Type != desk.TicketCreated || acts[0].Actor != "uma" {
		t.Errorf("history %+v", acts)
	}
	outbox := o.store.Dump(event.OutboxCollection)
	if len(outbox) != 1 || outbox[0].Key.ID != acts[0].ID {
		t.Errorf("outbox %+v", outbox)
	}
	if strings.Contains(fmt.Sprint(outbox), "It smells") {
		t.Error("the event carries the description")
	}
}

func TestNumbersAreUniqueUnderParallelCreation(t *testing.T) {
	o := newOffice(t)
	other := desk.New(o.DB, o.Now) // a second instance with a lease of its own
	uma := o.as("uma")
	var mu sync.Mutex
	seen := map[string]bool{}
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			d := o.Desk
			if i%2 == 0 {
				d = other
			}
			got, err := d.Create(t.Context(), uma, desk.NewTicket{Title: "Another one", Description: "x"}, desk.Options{})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if seen[got.Number] {
				t.Errorf("%s was given twice", got.Number)
			}
			seen[got.Number] = true
		})
	}
	group.Wait()
}

func TestNumbersStartAnewEachMonthAndGrowBeyondFourDigits(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.later(9 * 24 * time.Hour)
	if got := o.open().Number; got != "TKT-202612-0001" {
		t.Errorf("got %s", got)
	}
	o.must(o.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return tx.Set(docdb.Key{Collection: "counters", ID: "numbers-202701"}, map[string]int64{"next": 9999})
	}))
	o.later(31 * 24 * time.Hour)
	if a, b := o.open().Number, o.open().Number; a != "TKT-202701-9999" || b != "TKT-202701-10000" {
		t.Errorf("got %s, %s", a, b)
	}
}

func TestARepeatedRequestGetsTheFirstOutcome(t *testing.T) {
	o := newOffice(t)
	n := desk.NewTicket{Title: "Printer on fire", Description: "It smells."}
	create := func(fingerprint string) (desk.Ticket, bool, error) {
		r := &desk.Request{ID: "key", Fingerprint: fingerprint}
		got, err := o.Create(t.Context(), o.as("uma"), n, desk.Options{Request: r})
		return got, r.Replayed, err
	}
	first, replayed, err := create("a")
	o.must(err)
	if replayed {
		t.Error("the first request is no repetition")
	}
	_, err = o.patch("uma", first, desk.Patch{Title: to("Printer on fire again")})
	o.must(err)
	again, replayed, err := create("a")
	o.must(err)
	if !replayed || again.ID != first.ID || again.Title != first.Title {
		t.Errorf("replayed=%v, got %s %q", replayed, again.ID, again.Title)
	}
	_, _, err = create("b")
	wantKind(t, err, fault.KeyReuse)
	if n := len(o.store.Dump("tickets")); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

func TestOneHundredRepetitionsAtOnceOpenOneTicket(t *testing.T) {
	o := newOffice(t)
	uma := o.as("uma")
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := o.Create(t.Context(), uma, desk.NewTicket{Title: "Printer", Description: "x"}, desk.Options{Request: &desk.Request{ID: "key", Fingerprint: "a"}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(o.store.Dump("tickets")); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

func TestBadInputIsRefusedByName(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]struct {
		change func(*desk.NewTicket)
		field  string
	}{
		"short title":          {func(n *desk.NewTicket) { n.Title = " ab " }, "title"},
		"long title":           {func(n *desk.NewTicket) { n.Title = strings.Repeat("ä", 201) }, "title"},
		"two-line title":       {func(n *desk.NewTicket) { n.Title = "one\ntwo" }, "title"},
		"NUL":                  {func(n *desk.NewTicket) { n.Description = "a\x00b" }, "description"},
		"broken UTF-8":         {func(n *desk.NewTicket) { n.Description = "a\xff" }, "description"},
		"empty description":    {func(n *desk.NewTicket) { n.Description = " " }, "description"},
		"long description":     {func(n *desk.NewTicket) { n.Description = strings.Repeat("x", 20_001) }, "description"},
		"unknown department":   {func(n *desk.NewTicket) { n.Department = "moon" }, "department"},
		"inactive department":  {func(n *desk.NewTicket) { n.Department = "closed-down" }, "department"},
		"inactive category":    {func(n *desk.NewTicket) { n.Category = "fax" }, "category"},
		"inactive subcategory": {func(n *desk.NewTicket) { n.Category, n.Subcategory = "vpn", "old" }, "subcategory"},
		"lone subcategory":     {func(n *desk.NewTicket) { n.Subcategory = "client" }, "subcategory"},
		"unknown priority":     {func(n *desk.NewTicket) { n.Priority = "asap" }, "priority"},
		"unknown source":       {func(n *desk.NewTicket) { n.Source = "pigeon" }, "source"},
		"too many tags":        {func(n *desk.NewTicket) { n.Tags = strings.Split("abcdefghijk", "") }, "tags"},
		"unknown watcher":      {func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"nobody"} }, "watchers"},
		"disabled watcher":     {func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"gone"} }, "watchers"},
	} {
		n := desk.NewTicket{Title: "Printer on fire", Description: "It smells.", Department: "network"}
		c.change(&n)
		_, err := o.Create(t.Context(), o.as("uma"), n, desk.Options{})
		f, ok := err.(*fault.Error)
		if !ok || f.Kind != fault.Invalid || f.Fields[0].Name != c.field {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := len(o.store.Dump("tickets")); n != 0 {
		t.Errorf("%d tickets were created all the same", n)
	}
}

func TestOnlyStaffOpenTicketsForOthers(t *testing.T) {
	o := newOffice(t)
	n := desk.NewTicket{Title: "For Otto", Description: "x", Requester: "otto"}
	_, err := o.Create(t.Context(), o.as("uma"), n, desk.Options{})
	wantKind(t, err, fault.Forbidden)
	got, err := o.Create(t.Context(), o.as("nora"), n, desk.Options{})
	o.must(err)
	if got.Requester != "otto" {
		t.Errorf("requester %s", got.Requester)
	}
}

func TestHistoryHasTheTrueValuesBeforeAndAfter(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("nora", ticket, desk.Patch{Priority: to(desk.PriorityHigh), Assignee: to(desk.PersonID("nora"))})
	o.must(err)
	last := o.history("nora", ticket)[1]
	got := map[string][2]any{}
	for _, c := range last.Changes {
		got[c.Field] = [2]any{c.Before, c.After}
	}
	want := map[string][2]any{"priority": {"medium", "high"}, "assignee": {"", "nora"}, "status": {"new", "assigned"}}
	if fmt.Sprint(got) != fmt.Sprint(want) || last.Actor != "nora" {
		t.Errorf("got %v by %s, want %v", got, last.Actor, want)
	}
}

func TestAChangeThatChangesNothingLeavesNoTrace(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	got, err := o.patch("uma", ticket, desk.Patch{Title: to("Printer on fire"), Priority: to(desk.PriorityMedium)})
	o.must(err)
	if got.Version != ticket.Version || len(o.history("ada", ticket)) != 1 {
		t.Errorf("version %d", got.Version)
	}
}

func TestAStaleVersionIsRefused(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.Update(t.Context(), o.as("nora"), ticket.Number, desk.Patch{Title: to("First")}, desk.Options{IfVersion: 1})
	o.must(err)
	_, err = o.Update(t.Context(), o.as("nora"), ticket.Number, desk.Patch{Title: to("Second")}, desk.Options{IfVersion: 1})
	wantKind(t, err, fault.Stale)
}

func TestAChangedPriorityIsDueFromCreation(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	o.later(3 * time.Hour)
	got, err := o.patch("nora", ticket, desk.Patch{Priority: to(desk.PriorityHigh)})
	o.must(err)
	if !got.DueAt.Equal(morning.Add(8 * time.Hour)) {
		t.Errorf("due %v", got.DueAt)
	}
}

func TestTheFirstAssignmentIsNeverForgotten(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	first, err := o.patch("nora", ticket, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	o.must(err)
	o.later(time.Hour)
	got, err := o.patch("nora", ticket, desk.Patch{Assignee: to(desk.PersonID(""))})
	o.must(err)
	if !got.FirstAssignedAt.Equal(first.FirstAssignedAt) || got.Status != desk.StatusNew {
		t.Errorf("got %v, %s", got.FirstAssignedAt, got.Status)
	}
}

func TestReopeningClearsWhatResolvingSet(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved), Resolution: to("New cable.")})
	o.must(err)
	got, err := o.patch("uma", ticket, desk.Patch{Status: to(desk.StatusReopened)})
	o.must(err)
	if !got.ResolvedAt.IsZero() || got.Resolution != "" {
		t.Errorf("resolved at %v, %q", got.ResolvedAt, got.Resolution)
	}
}

func TestRequestersReopenWithinTheWindowOnly(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("uma", ticket, desk.Patch{Status: to(desk.StatusClosed)})
	o.must(err)
	o.later(desk.ReopenWindow + time.Minute)
	_, err = o.patch("uma", ticket, desk.Patch{Status: to(desk.StatusReopened)})
	wantKind(t, err, fault.Conflict)
	_, err = o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusReopened)})
	o.must(err)
}

func TestEachTransitionIsAllowedOrNamesWhatIs(t *testing.T) {
	for _, from := range desk.Statuses {
		for _, next := range desk.Statuses {
			o := newOffice(t)
			ticket := o.open()
			record := o.store.Dump("tickets")[0]
			record.Fields["status"], record.Fields["assignee"] = string(from), "nora"
			o.must(o.store.Commit(t.Context(), []docdb.Write{{Key: record.Key, Fields: record.Fields}}))
			got, err := o.patch("nora", ticket, desk.Patch{Status: to(next)})
			switch {
			case from == next:
				o.must(err)
			case slices.Contains(from.Next(), next):
				if err != nil || got.Status != next {
					t.Errorf("%s to %s: %v, %v", from, next, got.Status, err)
				}
			default:
				var allowed []string
				for _, s := range from.Next() {
					allowed = append(allowed, string(s))
				}
				f, ok := err.(*fault.Error)
				if !ok || f.Kind != fault.Conflict || !slices.Equal(f.Allowed, allowed) {
					t.Errorf("%s to %s: %v", from, next, err)
				}
			}
		}
	}
}

func TestMovingATicketTakesItFromItsAssignee(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Category = "vpn" })
	_, err := o.patch("nora", ticket, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	o.must(err)
	got, err := o.patch("nora", ticket, desk.Patch{Department: to(desk.DepartmentID("billing"))})
	o.must(err)
	if got.Assignee != "" || got.Category != "" || got.Status != desk.StatusNew {
		t.Errorf("got %q, %q, %s", got.Assignee, got.Category, got.Status)
	}
	_, err = o.Show(t.Context(), o.as("nora"), ticket.Number)
	wantKind(t, err, fault.NotFound)
	_, err = o.Show(t.Context(), o.as("liam"), ticket.Number)
	o.must(err)
}

func TestADeletedTicketIsGoneForEveryone(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	wantKind(t, o.Delete(t.Context(), o.as("nora"), ticket.Number, desk.Options{}), fault.Forbidden)
	o.must(o.Delete(t.Context(), o.as("ada"), ticket.Number, desk.Options{}))
	for _, who := range []desk.PersonID{"ada", "nora", "uma"} {
		_, err := o.Show(t.Context(), o.as(who), ticket.Number)
		wantKind(t, err, fault.NotFound)
		list, _, err := o.List(t.Context(), o.as(who), desk.Filter{}, desk.Page{})
		o.must(err)
		if len(list) != 0 {
			t.Errorf("%s still lists it", who)
		}
	}
}

func TestOpenCountsFollowTheTickets(t *testing.T) {
	o := newOffice(t)
	open := func(id string) any {
		for _, r := range o.store.Dump("agents") {
			if r.Key.ID == id {
				return r.Fields["open"]
			}
		}
		return nil
	}
	a, b := o.open(), o.open()
	for _, x := range []desk.Ticket{a, b} {
		_, err := o.patch("nora", x, desk.Patch{Assignee: to(desk.PersonID("nora"))})
		o.must(err)
	}
	if open("nora") != int64(2) {
		t.Errorf("nora has %v", open("nora"))
	}
	_, err := o.patch("nora", a, desk.Patch{Assignee: to(desk.PersonID("noah"))})
	o.must(err)
	_, err = o.patch("nora", b, desk.Patch{Status: to(desk.StatusResolved)})
	o.must(err)
	if open("nora") != int64(0) || open("noah") != int64(1) {
		t.Errorf("nora %v, noah %v", open("nora"), open("noah"))
	}
	_, err = o.patch("uma", b, desk.Patch{Status: to(desk.StatusReopened)})
	o.must(err)
	if open("nora") != int64(1) {
		t.Errorf("nora %v after reopening", open("nora"))
	}
}
