package main

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/notification"
)

var now = time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)

// past is the demo organisation and its past up to now, people told of it.
type past struct {
	demo
	*stage
}

func playPast() (past, error) {
	d, err := readDemo(demoFolder)
	if err != nil {
		return past{}, err
	}
	s, err := replay(context.Background(), d, now)
	if err == nil {
		err = s.tell(context.Background(), now.Add(-unread))
	}
	return past{d, s}, err
}

// playedOnce is for tests that only look.
var playedOnce = sync.OnceValues(playPast)

func played(t *testing.T) (demo, *stage) {
	t.Helper()
	p, err := playedOnce()
	if err != nil {
		t.Fatal(err)
	}
	return p.demo, p.stage
}

// dump decodes a collection.
func dump[T any](t *testing.T, s *stage, collection string) []T {
	t.Helper()
	var out []T
	for _, r := range s.store.Dump(collection) {
		var v T
		if err := docdb.Decode(r, &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func TestThePastEndsWhereTheFilesSay(t *testing.T) {
	d, s := played(t)
	if n := len(s.store.Dump("tickets")); n != len(d.tickets) {
		t.Errorf("%d tickets, want %d", n, len(d.tickets))
	}
	for _, want := range d.tickets {
		got, err := s.desk.Show(t.Context(), desk.Robot("test", "", 0), idOf(want.Key))
		if err != nil {
			t.Fatalf("%s: %v", want.Key, err)
		}
		type facts struct {
			title, category, subcategory, resolution, hold string
			department                                     desk.DepartmentID
			requester, assignee                            desk.PersonID
			status                                         desk.Status
			priority                                       desk.Priority
			source                                         desk.Source
			comments                                       int
			created                                        time.Duration
		}
		a := facts{got.Title, got.Category, got.Subcategory, got.Resolution, got.HoldReason, got.Department, got.Requester, got.Assignee, got.Status, got.Priority, got.Source, got.Replies + got.Notes, now.Sub(got.CreatedAt).Round(time.Second)}
		b := facts{want.Title, want.Category, want.Subcategory, want.Resolution, want.HoldReason, want.Department, want.Requester, want.Assignee, want.Status, want.Priority, want.Source, len(want.Comments), time.Duration(want.AgeHours * float64(time.Hour)).Round(time.Second)}
		if want.Status == desk.StatusReopened {
			b.resolution = "" // reopening takes it away
		}
		if a != b {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Key, a, b)
		}
	}
}

func TestHistoryHasNoGapsAndNoFuture(t *testing.T) {
	_, s := played(t)
	acts := map[desk.TicketID][]desk.Act{}
	for _, a := range dump[desk.Act](t, s, "acts") {
		acts[a.Ticket] = append(acts[a.Ticket], a)
	}
	for _, ticket := range dump[desk.Ticket](t, s, "tickets") {
		list := acts[ticket.ID]
		if int64(len(list)) != ticket.Version {
			t.Errorf("%s: %d acts at version %d", ticket.Number, len(list), ticket.Version)
		}
		for i, a := range list {
			if a.Sequence != int64(i+1) || a.At.After(now) || (i > 0 && !a.At.After(list[i-1].At)) {
				t.Errorf("%s: act %d is number %d at %v", ticket.Number, i+1, a.Sequence, a.At)
			}
		}
		if want := "TKT-" + ticket.CreatedAt.Format("200601") + "-"; !strings.HasPrefix(ticket.Number, want) {
			t.Errorf("%s was created at %v", ticket.Number, ticket.CreatedAt)
		}
	}
}

func TestAgentsHaveAsMuchToDoAsTheirTicketsSay(t *testing.T) {
	_, s := played(t)
	open := map[desk.PersonID]int{}
	for _, ticket := range dump[desk.Ticket](t, s, "tickets") {
		if ticket.Assignee != "" && ticket.Status.Open() {
			open[ticket.Assignee]++
		}
	}
	for _, a := range dump[desk.Agent](t, s, "agents") {
		if a.Open != open[a.Person] {
			t.Errorf("%s: %d open, want %d", a.Person, a.Open, open[a.Person])
		}
	}
}

func TestTheFirstResponseIsTheFirstReplyOfStaff(t *testing.T) {
	d, s := played(t)
	responded := 0
	for _, want := range d.tickets {
		got, err := s.desk.Show(t.Context(), desk.Robot("test", "", 0), idOf(want.Key))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(want.Comments, func(c demoComment) bool { return !c.Internal && c.Author != want.Requester })
		if i < 0 {
			if !got.FirstResponseAt.IsZero() {
				t.Errorf("%s has a response and nobody replied", want.Key)
			}
			continue
		}
		responded++
		after := want.AgeHours - want.Comments[i].AgeHours
		if off := got.FirstResponseAt.Sub(got.CreatedAt) - time.Duration(after*float64(time.Hour)); off.Abs() > time.Millisecond {
			t.Errorf("%s: the first response came after %v, %v off", want.Key, got.FirstResponseAt.Sub(got.CreatedAt), off)
		}
	}
	if responded < 50 {
		t.Errorf("only %d tickets have a response; the files should have more", responded)
	}
}

func TestOnlyRecentNoticesAreUnread(t *testing.T) {
	d, s := played(t)
	total := int64(0)
	for _, p := range d.people {
		var listed int64
		for cursor := ""; ; {
			items, next, count, err := notification.List(t.Context(), s.desk, p.Actor(), true, desk.Page{Limit: 100, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range items {
				if now.Sub(n.At) >= unread {
					t.Errorf("%s has not read %s of %v", p.ID, n.ID, n.At)
				}
			}
			listed += int64(len(items))
			if cursor = next; next == "" {
				total += listed
				if listed != count {
					t.Errorf("%s: %d unread by count, %d by list", p.ID, count, listed)
				}
				break
			}
		}
	}
	all := s.store.Dump("notices")
	if total == 0 || total == int64(len(all)) {
		t.Errorf("%d of %d notices are unread", total, len(all))
	}
	for _, r := range all {
		if s.store.expires[r.Key].Before(now) {
			t.Errorf("%s expires at %v", r.Key, s.store.expires[r.Key])
		}
	}
}

func TestTheSamePastIsPlayedEachTime(t *testing.T) {
	_, a := played(t)
	b, err := playPast()
	if err != nil {
		t.Fatal(err)
	}
	if x, y := a.store.writes(), b.store.writes(); !reflect.DeepEqual(x, y) {
		t.Errorf("%d and %d documents differ", len(x), len(y))
	}
}

func TestNothingTransientIsKept(t *testing.T) {
	_, s := played(t)
	for _, w := range s.store.writes() {
		if slices.Contains(transient, w.Key.Collection) {
			t.Fatalf("%s is kept", w.Key)
		}
	}
}

func TestAnyTicketCanBePlayed(t *testing.T) {
	d, err := readDemo(demoFolder)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		one := ticketGen(rt)
		s := newStage()
		if err := s.open(context.Background(), d, now.Add(-5000*time.Hour)); err != nil {
			rt.Fatal(err)
		}
		acts := plan(one, now)
		for i, a := range acts {
			if a.at.After(now) || (i > 0 && a.at.Before(acts[i-1].at)) {
				rt.Fatalf("act %d is out of order: %v", i, acts)
			}
		}
		if err := s.play(context.Background(), one, acts, now); err != nil {
			rt.Fatal(err)
		}
		got, err := s.desk.Show(context.Background(), desk.Robot("test", "", 0), idOf(one.Key))
		if err != nil || got.Status != one.Status || got.Assignee != one.Assignee {
			rt.Fatalf("got %s of %q, %v, want %s of %q", got.Status, got.Assignee, err, one.Status, one.Assignee)
		}
	})
}

// ticketGen makes a ticket as the files could have it.
func ticketGen(t *rapid.T) demoTicket {
	one := demoTicket{
		Key: "any", Title: "Any ticket", Description: "Any.", Requester: "uma", Department: "network", Priority: "low", Source: "web", Assignee: "nora",
		Status:   rapid.SampledFrom(desk.Statuses[:7]).Draw(t, "status"),
		AgeHours: rapid.Float64Range(0.001, 4000).Draw(t, "age"),
	}
	switch one.Status {
	case desk.StatusNew:
		one.Assignee = ""
	case desk.StatusOnHold:
		one.HoldReason = "Waiting."
	case desk.StatusResolved, desk.StatusClosed, desk.StatusReopened:
		one.Resolution = "Solved."
	}
	age := one.AgeHours
	for i := range rapid.IntRange(0, 4).Draw(t, "comments") {
		age *= rapid.Float64Range(0.01, 0.99).Draw(t, fmt.Sprintf("age %d", i))
		c := demoComment{Author: "uma", Body: "A word.", AgeHours: age}
		if one.Assignee != "" && rapid.Bool().Draw(t, fmt.Sprintf("by staff %d", i)) {
			c.Author, c.Internal = one.Assignee, rapid.Bool().Draw(t, fmt.Sprintf("internal %d", i))
		}
		one.Comments = append(one.Comments, c)
	}
	return one
}
