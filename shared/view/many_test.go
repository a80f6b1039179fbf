package view_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/view"
)

// TestCountsAreRightAfterAHundredThousandEvents counts random facts of 2,000 tickets, and
// recounts the tickets as they are in the end. Nothing is ever searched meanwhile.
func TestCountsAreRightAfterAHundredThousandEvents(t *testing.T) {
	o := newOffice(t)
	o.Desk = desk.New(docdb.Open(o.store, desk.Indexes()), o.Now)
	yes := true
	shared := []view.Filter{
		{}, {Status: desk.StatusNew}, {Assignee: view.Me}, {Requester: view.Me, Status: desk.StatusClosed}, {Assignee: desk.Nobody, Priority: desk.PriorityCritical},
		{Escalated: &yes}, {Tag: "red", Department: "network"}, {Assignee: "nora", Status: desk.StatusOnHold},
	}
	for i, f := range shared {
		_, err := o.save(staff[i%len(staff)], view.Draft{Everyone: true, Filter: f})
		o.must(err)
	}
	o.deliver(1, true)
	queries := 0
	o.store.Before = func(op string) error {
		if op == "query" {
			queries++
		}
		return nil
	}
	last := o.flood(rand.New(rand.NewPCG(2026, 11)), 2_000, 100_000)
	if queries != 0 {
		t.Errorf("%d searches", queries)
	}
	org, err := o.Organisation(t.Context())
	o.must(err)
	for _, who := range people {
		a := o.as(who)
		list, err := view.List(t.Context(), o.Desk, a)
		o.must(err)
		got, err := view.Counts(t.Context(), o.Desk, a, list)
		o.must(err)
		for _, v := range list {
			var want int64
			for _, outline := range last {
				if v.Filter.For(who).Matches(outline) && visible(org, a, outline) {
					want++
				}
			}
			if got[v.ID] != want {
				t.Errorf("%s: %+v has %d, want %d", who, v.Filter, got[v.ID], want)
			}
		}
	}
}

// visible reports whether somebody sees a ticket, in the words of the contract.
func visible(org *desk.Organisation, a desk.Actor, o *desk.Outline) bool {
	if a.Role == desk.RoleAdmin || o.Requester == a.ID || o.Assignee == a.ID {
		return true
	}
	for _, above := range org.Path(o.Department) {
		for _, own := range a.Departments {
			if a.Role == desk.RoleStaff && own == above {
				return true
			}
		}
	}
	return false
}

// flood handles facts about tickets that change at random, some late and some twice, and
// returns each ticket's last outline.
func (o *office) flood(r *rand.Rand, tickets, facts int) []*desk.Outline {
	o.t.Helper()
	last := make([]*desk.Outline, tickets)
	sequence := make([]int64, tickets)
	var late []event.Event
	for n := range facts {
		i := n % tickets
		if n >= tickets {
			i = r.IntN(tickets)
		}
		now := randomOutline(r)
		sequence[i]++
		data, err := docdb.Marshal(desk.Fact{Was: last[i], Outline: now})
		o.must(err)
		last[i] = now
		e := event.Event{Schema: 1, ID: fmt.Sprintf("t%d-%06d", i, sequence[i]), Type: desk.TicketUpdated, Subject: fmt.Sprintf("t%d", i), Sequence: sequence[i], At: morning, Data: data}
		if late = append(late, e); n%50 == 7 {
			late = append(late, e)
		}
		if len(late) < 100 && n+1 < facts {
			continue
		}
		r.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
		for _, e := range late {
			o.must(view.Handle(o.t.Context(), o.Desk, e))
		}
		late = late[:0]
	}
	return last
}

func randomOutline(r *rand.Rand) *desk.Outline {
	return &desk.Outline{
		Department: places[r.IntN(len(places))], Requester: people[r.IntN(len(people))],
		Assignee: append([]desk.PersonID{""}, people...)[r.IntN(1+len(people))],
		Status:   desk.Statuses[r.IntN(len(desk.Statuses))], Priority: desk.Priorities[r.IntN(len(desk.Priorities))],
		Tags: [][]string{nil, {"red"}, {"red", "blue"}}[r.IntN(3)], Escalated: r.IntN(4) == 0, Deleted: r.IntN(10) == 0, CreatedAt: morning,
	}
}
