package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/start"
)

// derived is all that follows from what happened and is not a fact itself.
var derived = []string{
	"search", "days", "agent_days", "category_days", "stocks", "tallies", "counts", "notices", "inboxes", "threads",
}

// lived is a desk in memory on which some things have happened, and everybody was told.
type lived struct {
	store *docdb.Memory
	desk  *desk.Desk
	now   time.Time
}

// Publish implements event.Publisher: it hands facts to all who follow from them.
func (p *lived) Publish(ctx context.Context, events []event.Event) error {
	s := &stage{desk: p.desk, now: p.now}
	return s.consume(ctx, events)
}

// livedThrough makes a small past: tickets that are opened, taken, answered, merged and deleted.
func livedThrough(t *testing.T) *lived {
	t.Helper()
	p := &lived{store: docdb.NewMemory(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	p.desk = desk.New(docdb.Open(p.store, start.Indexes()), func() time.Time { return p.now })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.desk.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true, Managers: []desk.PersonID{"mia"}}}}))
	people := map[desk.PersonID]desk.Actor{}
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "mia": desk.RoleStaff, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		one := desk.Person{ID: id, Name: strings.ToUpper(string(id)), Email: string(id) + "@demo.example", Role: role, Zone: "UTC"}
		if role == desk.RoleStaff {
			one.Departments = []desk.DepartmentID{"it"}
		}
		must(p.desk.SavePerson(t.Context(), one))
		people[id] = one.Actor()
	}
	relay := event.Relay{DB: p.desk.DB, To: p, Now: p.desk.Now}
	step := func(err error) {
		t.Helper()
		must(err)
		_, err = relay.Drain(t.Context())
		must(err)
		p.now = p.now.Add(7 * time.Minute)
	}
	nora, working := desk.PersonID("nora"), desk.StatusInProgress
	var opened []string
	for n := range 12 {
		ticket, err := p.desk.Create(t.Context(), people["uma"], desk.NewTicket{Title: fmt.Sprintf("Printer %d", n), Description: "It hums.", Department: "it"}, desk.Options{})
		step(err)
		opened = append(opened, string(ticket.ID))
		_, err = p.desk.Update(t.Context(), people["mia"], string(ticket.ID), desk.Patch{Assignee: &nora, Status: &working}, desk.Options{})
		step(err)
		_, err = p.desk.Comment(t.Context(), people["nora"], string(ticket.ID), desk.NewComment{Body: "Have you tried @ada?", Internal: n%2 == 0}, desk.Options{})
		step(err)
	}
	_, err := p.desk.Merge(t.Context(), people["nora"], opened[0], opened[1], desk.Options{})
	step(err)
	step(p.desk.Delete(t.Context(), people["ada"], opened[2], desk.Options{}))
	return p
}

// state is all derived documents, by key, without the edition of counters.
func (p *lived) state() map[string]docdb.Fields {
	out := map[string]docdb.Fields{}
	for _, collection := range derived {
		for _, r := range p.store.Dump(collection) {
			out[strings.Replace(r.Key.String(), "/2~", "/1~", 1)] = r.Fields
		}
	}
	return out
}

func TestAReplayOfTheArchiveGivesTheSameStateAgain(t *testing.T) {
	p := livedThrough(t)
	want := p.state()
	silent := terminal{nil, io.Discard, io.Discard}
	replay := func() int {
		t.Helper()
		if err := recount(t.Context(), silent, p.desk, ""); err != nil {
			t.Fatal(err)
		}
		_, made, err := renotify(t.Context(), p.desk, time.Unix(0, 0), true)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	for _, collection := range derived {
		for _, r := range p.store.Dump(collection) {
			if err := p.store.Commit(t.Context(), []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(p.state()); n != 0 {
		t.Fatalf("%d documents are left", n)
	}
	made := replay()
	got := p.state()
	for key, fields := range want {
		if !reflect.DeepEqual(got[key], fields) {
			t.Errorf("%s:\ngot  %v\nwant %v", key, got[key], fields)
		}
	}
	if len(got) != len(want) || made == 0 || len(want) < 40 {
		t.Errorf("%d documents of %d, %d notices", len(got), len(want), made)
	}
	for _, act := range []string{"notices", "inboxes"} { // once more, nobody is told again
		before := p.store.Dump(act)
		if n, _, _ := renotify(t.Context(), p.desk, time.Unix(0, 0), true); n == 0 || !reflect.DeepEqual(before, p.store.Dump(act)) {
			t.Errorf("%s differ after another replay of %d facts", act, n)
		}
	}
}

func TestReplayingTellsOfAFactThatCanNotBeReadAndGoesOn(t *testing.T) {
	p := livedThrough(t)
	bad := event.Archived{ID: "bad", Type: "ticket.created", Subject: "x", Published: p.now.Add(-time.Hour), Payload: `{"schema":1,"id":"bad","type":"ticket.created","subject":"x","data":7}`}
	if err := p.desk.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return tx.Set(docdb.Key{Collection: event.ArchiveCollection, ID: bad.ID}, bad)
	}); err != nil {
		t.Fatal(err)
	}
	facts, _, err := renotify(t.Context(), p.desk, time.Unix(0, 0), true)
	if !fault.Is(err, fault.Permanent) || facts < 30 {
		t.Errorf("went through %d facts, %v", facts, err)
	}
}
