package notification_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/notification"
)

// heard is what is new in each feed since the last call, e.g. "uma:comments! it:notes",
// with a mark where the person's notifications changed too.
func (o *office) heard(seen map[string]int64) string {
	o.t.Helper()
	var all []string
	for _, collection := range []string{"feeds_people", "feeds_departments"} {
		for _, r := range o.store.Dump(collection) {
			var f notification.Feed
			o.must(docdb.Decode(r, &f))
			for _, e := range f.Entries {
				if e.Change > seen[r.Key.ID] {
					all = append(all, fmt.Sprintf("%s:%s%s", r.Key.ID, e.About, map[bool]string{true: "!"}[e.Notified]))
				}
			}
			seen[r.Key.ID] = f.Changes
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestFeedsSayThatSomethingChangedToThoseWhoMayKnow(t *testing.T) {
	o, seen := newOffice(t), map[string]int64{}
	ticket := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}})
	step := func(what, want string) {
		t.Helper()
		o.deliver()
		if got := o.heard(seen); got != want {
			t.Errorf("%s: heard %q, want %q", what, got, want)
		}
	}
	step("created", "network:ticket otto:ticket uma:ticket")
	o.say("nora", ticket, false)
	step("reply", "network:comments otto:comments! uma:comments!")
	o.say("nora", ticket, true)
	step("note", "network:notes")
	o.update("mia", ticket, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	step("assigned", "network:ticket nora:ticket! otto:ticket! uma:ticket!")
	o.say("mia", ticket, true)
	step("note, with an assignee", "network:notes nora:notes!")
	o.update("nora", ticket, desk.Patch{Assignee: to(desk.PersonID("liam"))})
	step("assigned elsewhere: the old assignee sees it go", "liam:ticket! network:ticket nora:ticket otto:ticket uma:ticket!")
	o.update("liam", ticket, desk.Patch{Title: to("Another"), Watchers: to([]desk.PersonID{})})
	step("a watcher is removed, and sees it go", "liam:ticket network:ticket otto:ticket uma:ticket")
	o.update("liam", ticket, desk.Patch{Title: to("Yet another")})
	step("who is gone hears no more", "liam:ticket network:ticket uma:ticket")
	o.update("liam", ticket, desk.Patch{Department: to(desk.DepartmentID("billing"))})
	step("moved, and so without an assignee: both departments see it", "billing:ticket liam:ticket network:ticket uma:ticket!")
	o.say("liam", ticket, false)
	step("of what happens then the old one hears nothing", "billing:comments uma:comments!")
	other := o.ticket(desk.NewTicket{})
	step("another one", "network:ticket uma:ticket")
	_, err := o.Link(t.Context(), o.as("ada"), ticket.Number, desk.Blocks, other.Number, desk.Options{})
	o.must(err)
	step("links are for staff, on both", "billing:ticket network:ticket")
	o.must(o.Delete(t.Context(), o.as("ada"), ticket.Number, desk.Options{}))
	step("deleted: everybody sees it go", "billing:ticket uma:ticket")
}

func TestAFeedHoldsNoWordsAndNoTraceOfWhatItsPersonMayNotKnow(t *testing.T) {
	o := newOffice(t)
	quiet := newOffice(t)
	for _, one := range []*office{o, quiet} {
		ticket := one.ticket(desk.NewTicket{})
		if one == o {
			for range 3 {
				one.say("nora", ticket, true)
				one.deliver()
			}
		}
		*one.clock = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		one.say("nora", ticket, false)
		one.deliver()
	}
	shape := func(o *office) string {
		f, err := notification.PersonFeed(t.Context(), o.DB, "uma")
		o.must(err)
		for i := range f.Entries {
			f.Entries[i].Ticket = "" // random
		}
		text, err := json.Marshal(f)
		o.must(err)
		return string(text)
	}
	if with, without := shape(o), shape(quiet); with != without {
		t.Errorf("notes show:\n%s\n%s", with, without)
	}
	for _, r := range append(o.store.Dump("feeds_people"), o.store.Dump("feeds_departments")...) {
		text := fmt.Sprint(r.Fields)
		for _, word := range []string{"Printer", "NORA", "nora", "TKT-"} {
			if strings.Contains(text, word) {
				t.Errorf("%s says %q: %s", r.Key, word, text)
			}
		}
	}
}

func TestAFeedStaysShortAndItsNumbersGoOn(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{})
	for range notification.FeedLength + 5 {
		o.say("nora", ticket, false)
		o.deliver()
	}
	for _, f := range []func() (notification.Feed, error){
		func() (notification.Feed, error) { return notification.PersonFeed(t.Context(), o.DB, "uma") },
		func() (notification.Feed, error) { return notification.DepartmentFeed(t.Context(), o.DB, "network") },
	} {
		got, err := f()
		o.must(err)
		if len(got.Entries) != notification.FeedLength || got.Changes != notification.FeedLength+6 {
			t.Fatalf("%d entries of %d changes", len(got.Entries), got.Changes)
		}
		for i, e := range got.Entries {
			if want := got.Changes - notification.FeedLength + int64(i) + 1; e.Change != want {
				t.Errorf("entry %d is change %d, want %d", i, e.Change, want)
			}
		}
	}
}

func TestADepartmentsFeedNamesThoseAboveIt(t *testing.T) {
	o := newOffice(t)
	o.ticket(desk.NewTicket{})
	f, err := notification.DepartmentFeed(t.Context(), o.DB, "network")
	o.must(err)
	if fmt.Sprint(f.Path) != "[network it]" {
		t.Errorf("path %v", f.Path)
	}
	if f, err := notification.DepartmentFeed(t.Context(), o.DB, "billing"); err != nil || f.Changes != 0 {
		t.Errorf("a feed without a change: %+v, %v", f, err)
	}
}

// TestManyFactsAtOnceLoseNoNoticeAndNoChange has a department and a manager hear of many
// tickets at the same moment. Entries may be left out where they meet; numbers may not.
func TestManyFactsAtOnceLoseNoNoticeAndNoChange(t *testing.T) {
	o := newOffice(t)
	const many = 60
	for range many {
		_, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer on fire", Description: "x", Department: "it"}, desk.Options{})
		o.must(err)
	}
	var facts []event.Event
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		e.Type = desk.TicketRouted // as routing would tell of it: to the manager, too
		facts = append(facts, e)
	}
	var group sync.WaitGroup
	for _, e := range append(facts, facts...) {
		group.Go(func() {
			for notification.Handle(t.Context(), o.Desk, e) != nil { // delivered again
				time.Sleep(time.Millisecond)
			}
		})
	}
	group.Wait()
	_, _, unread, err := notification.List(t.Context(), o.Desk, o.as("mia"), true, desk.Page{})
	o.must(err)
	department, err := notification.DepartmentFeed(t.Context(), o.DB, "it")
	o.must(err)
	person, err := notification.PersonFeed(t.Context(), o.DB, "mia")
	o.must(err)
	if unread != many || department.Changes != many || person.Changes != many {
		t.Errorf("of %d facts: %d unread, %d changes of the department, %d of its manager", many, unread, department.Changes, person.Changes)
	}
}
