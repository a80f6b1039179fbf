package desk_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// place puts a department below another, as ada.
func (o *office) place(id, parent desk.DepartmentID) ([]desk.Move, error) {
	out, err := o.ChangeOrganisation(o.t.Context(), o.as("ada"), desk.Options{}, func(org *desk.Organisation) error {
		for i := range org.Departments {
			if org.Departments[i].ID == id {
				org.Departments[i].Parent = parent
			}
		}
		return nil
	})
	return out.Moves, err
}

// waiting are the facts of moves that nobody has taken yet.
func (o *office) waiting() []event.Event {
	o.t.Helper()
	all, err := docdb.Find[event.Event](o.t.Context(), o.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 1000})
	o.must(err)
	return slices.DeleteFunc(all, func(e event.Event) bool { return e.Type != desk.BranchMoved })
}

// settle delivers the facts of moves, again where it is asked for, until all are done.
func (o *office) settle() {
	o.t.Helper()
	for {
		facts := o.waiting()
		for _, e := range facts {
			switch err := desk.Reorganise(o.t.Context(), o.Desk, e); {
			case fault.Is(err, fault.Unavailable):
				o.later(time.Minute)
			default:
				o.must(err)
				o.must(o.DB.Run(o.t.Context(), func(tx *docdb.Tx) error {
					return tx.Delete(docdb.Key{Collection: event.OutboxCollection, ID: e.ID})
				}))
			}
		}
		if len(facts) == 0 {
			return
		}
	}
}

// stored is every ticket as it lies in the database.
func (o *office) stored() []desk.Ticket {
	var out []desk.Ticket
	for _, r := range o.store.Dump("tickets") {
		var t desk.Ticket
		o.must(docdb.Decode(r, &t))
		out = append(out, t)
	}
	return out
}

// listed says whether somebody's list has the ticket.
func (o *office) listed(who desk.PersonID, id desk.TicketID) bool {
	o.t.Helper()
	found, _, err := o.List(o.t.Context(), o.as(who), desk.Filter{}, desk.Page{Limit: 100})
	o.must(err)
	return slices.ContainsFunc(found, func(t desk.Ticket) bool { return t.ID == id })
}

func TestMovingABranchMovesTheRightsToItsTickets(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.place("network", "billing")
	o.must(err)
	o.settle()
	if o.listed("mia", ticket.ID) || !o.listed("liam", ticket.ID) || !o.listed("nora", ticket.ID) || !o.listed("uma", ticket.ID) {
		t.Error("the old head sees it still, or the new one or those who stay don't")
	}
	_, err = o.Show(t.Context(), o.as("mia"), string(ticket.ID))
	wantKind(t, err, fault.NotFound)
}

func TestAMoveIsNobodysChangeOfTheTickets(t *testing.T) {
	o := newOffice(t)
	o.open()
	before, acts := o.store.Dump("tickets")[0].Fields, len(o.store.Dump("acts"))
	_, err := o.place("network", "billing")
	o.must(err)
	o.settle()
	after := o.store.Dump("tickets")[0].Fields
	if reflect.DeepEqual(before["audience"], after["audience"]) {
		t.Fatal("the audience is the same")
	}
	if after["audience"] = before["audience"]; !reflect.DeepEqual(before, after) {
		t.Errorf("more than the audience changed: %+v became %+v", before, after)
	}
	if n := len(o.store.Dump("acts")); n != acts || n != 1 {
		t.Errorf("%d acts became %d", acts, n)
	}
}

func TestAMoveCutOffAnywhereGoesOnAndSaysHowFarItIs(t *testing.T) {
	for cut := range 12 {
		o := newOffice(t)
		for range 60 {
			o.open()
		}
		moves, err := o.place("network", "billing")
		o.must(err)
		calls := 0
		o.store.Before = func(string) error {
			if calls++; calls == cut*2 {
				return errors.New("power cut")
			}
			return nil
		}
		_ = desk.Reorganise(t.Context(), o.Desk, o.waiting()[0]) // however it ends
		o.store.Before = nil
		o.settle()
		m, err := o.ShowMove(t.Context(), o.as("ada"), moves[0].ID)
		o.must(err)
		if m.State != desk.MoveDone || m.Changed != 60 || m.Looked < 60 {
			t.Errorf("cut off at call %d it ends as %+v", cut*2, m)
		}
		for _, ticket := range o.stored() {
			if !slices.Contains(ticket.Audience, "dept:finance") || slices.Contains(ticket.Audience, "dept:it") {
				t.Fatalf("cut off at call %d it leaves %q", cut*2, ticket.Audience)
			}
		}
	}
}

func TestALongMoveGoesOnInAFactOfItsOwn(t *testing.T) {
	o := newOffice(t)
	for range 210 {
		o.open()
	}
	_, err := o.place("network", "")
	o.must(err)
	first := o.waiting()[0]
	o.must(desk.Reorganise(t.Context(), o.Desk, first))
	_ = desk.Reorganise(t.Context(), o.Desk, first) // again: asks to come back, or does some more
	if n := len(o.waiting()); n != 2 {
		t.Errorf("%d facts wait, want the first and one that goes on", n)
	}
}

// TestAfterRandomMovesEverybodySeesWhatPolicySays moves departments while two functions
// write tickets, one of them by a tree that it remembers.
func TestAfterRandomMovesEverybodySeesWhatPolicySays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		old := desk.New(o.DB, o.Now)
		n := 0
		old.NewID = func() string { n++; return fmt.Sprintf("old%03d", n) }
		places := []desk.DepartmentID{"it", "network", "finance", "billing", "service-desk"}
		one := func(what string) desk.DepartmentID { return rapid.SampledFrom(places).Draw(r, what) }
		for range rapid.IntRange(1, 25).Draw(r, "acts") {
			by := rapid.SampledFrom([]*desk.Desk{o.Desk, old}).Draw(r, "function")
			o.later(time.Duration(rapid.IntRange(0, 9).Draw(r, "seconds")) * time.Second)
			switch rapid.IntRange(0, 3).Draw(r, "act") {
			case 0:
				if _, err := o.place(one("branch"), one("below")); err != nil && !fault.Is(err, fault.Invalid) {
					r.Fatal(err)
				}
			case 1:
				_, err := by.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "A ticket", Description: "One.", Department: one("in"), Tags: []string{"red"}}, desk.Options{})
				o.must(err)
			case 2:
				if all := o.stored(); len(all) > 0 {
					_, err := by.Update(t.Context(), o.as("ada"), string(rapid.SampledFrom(all).Draw(r, "ticket").ID), desk.Patch{Department: to(one("to"))}, desk.Options{})
					o.must(err)
				}
			case 3:
				if facts := o.waiting(); len(facts) > 0 {
					if err := desk.Reorganise(t.Context(), o.Desk, facts[0]); err != nil && !fault.Is(err, fault.Unavailable) {
						r.Fatal(err)
					}
				}
			}
		}
		o.settle()
		o.judge(r)
	})
}

// judge compares each ticket's audience, and everybody's list, with the tree.
func (o *office) judge(r *rapid.T) {
	org, err := o.ReadOrganisation(o.t.Context(), o.as("ada"))
	o.must(err)
	for _, ticket := range o.stored() {
		for _, d := range org.Departments {
			above := slices.Contains(org.Path(ticket.Department), d.ID)
			if above != slices.Contains(ticket.Audience, "dept:"+string(d.ID)) || above != slices.Contains(ticket.Audience, "dept:"+string(d.ID)+" #red") {
				r.Fatalf("%s in %s has the audience %q", ticket.ID, ticket.Department, ticket.Audience)
			}
		}
		for _, who := range []desk.PersonID{"ada", "mia", "nora", "liam", "uma", "otto"} {
			a := o.as(who)
			sees := a.ID == ticket.Requester || slices.Contains(org.Reach(a), ticket.Department)
			if got := o.listed(who, ticket.ID); got != sees {
				r.Fatalf("%s lists %s in %s: %v", who, ticket.ID, ticket.Department, got)
			}
			if _, err := o.Show(o.t.Context(), a, string(ticket.ID)); (err == nil) != sees {
				r.Fatalf("%s asks for %s in %s: %v", who, ticket.ID, ticket.Department, err)
			}
		}
	}
}
