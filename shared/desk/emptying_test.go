package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// shut deactivates the department network; its open tickets go to another, "" says nothing.
func (o *office) shut(to desk.DepartmentID) (desk.Reorganised, error) {
	return o.reform("ada", desk.Options{}, func(org *desk.Organisation) {
		org.Departments[1].Active = false
		if to != "" {
			org.MoveOpenTickets("network", to)
		}
	})
}

// closed are the facts of closed departments that wait.
func (o *office) closed() []event.Event {
	o.t.Helper()
	var out []event.Event
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		if e.Type == desk.DepartmentClosed {
			out = append(out, e)
		}
	}
	return out
}

// emptying does what is left to do of moves of tickets.
func (o *office) emptying() {
	o.t.Helper()
	for {
		facts := o.closed()
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

func TestWhoDeactivatesADepartmentIsAskedWhereItsTicketsGo(t *testing.T) {
	o := newOffice(t)
	for range 3 {
		o.open()
	}
	_, err := o.shut("")
	wantKind(t, err, fault.Conflict)
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != "has_open_tickets" || !strings.Contains(f.Message, "3 open tickets") || !slices.Contains(f.Allowed, "it") || slices.Contains(f.Allowed, "network") {
		t.Errorf("it says %+v", f)
	}
	for range 120 {
		o.open()
	}
	_, err = o.shut("")
	if !errors.As(err, &f) || !strings.Contains(f.Message, "more than 100") {
		t.Errorf("it says %+v", f)
	}
}

func TestOpenTicketsGoWhereTheyAreSent(t *testing.T) {
	o := newOffice(t)
	open, resolved := o.open(), o.open()
	held := o.open()
	_, err := o.patch("nora", resolved, desk.Patch{Status: to(desk.StatusResolved), Resolution: to("Done.")})
	o.must(err)
	_, err = o.patch("nora", held, desk.Patch{Status: to(desk.StatusOnHold), HoldReason: to("Parts")})
	o.must(err)
	_, err = o.patch("nora", open, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	o.must(err)
	out, err := o.shut("billing")
	o.must(err)
	if len(out.Moves) != 1 || !out.Moves[0].Tickets || out.Moves[0].To != "billing" {
		t.Fatalf("moves %+v", out.Moves)
	}
	o.emptying()
	o.emptying()
	for id, want := range map[desk.TicketID]desk.DepartmentID{open.ID: "billing", held.ID: "billing", resolved.ID: "network"} {
		now, err := o.Show(t.Context(), o.as("ada"), string(id))
		o.must(err)
		if now.Department != want {
			t.Errorf("%s is in %s, want %s", id, now.Department, want)
		}
	}
	moved, err := o.Show(t.Context(), o.as("liam"), string(open.ID))
	o.must(err)
	if moved.Assignee != "" || moved.Status != desk.StatusNew {
		t.Errorf("it is %s with %q", moved.Status, moved.Assignee)
	}
	acts, _, err := o.History(t.Context(), o.as("ada"), string(open.ID), desk.Page{})
	o.must(err)
	last := acts[len(acts)-1]
	if last.Actor != "robot:reorganise" || !slices.ContainsFunc(last.Changes, func(c desk.Change) bool { return c.Field == "department" }) {
		t.Errorf("the last act is %+v", last)
	}
	m, err := o.ShowMove(t.Context(), o.as("ada"), out.Moves[0].ID)
	o.must(err)
	if m.State != desk.MoveDone || m.Changed != 2 || m.FinishedAt.IsZero() {
		t.Errorf("the move is %+v", m)
	}
}

func TestTicketsThatComeMeanwhileFollow(t *testing.T) {
	o := newOffice(t)
	o.open()
	old := desk.New(o.DB, o.Now)
	old.NewID = func() string { return "late" }
	_, err := old.Organisation(t.Context()) // and remembers it
	o.must(err)
	_, err = o.shut("it")
	o.must(err)
	late, err := old.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "A late one", Description: "By the old tree.", Department: "network"}, desk.Options{})
	o.must(err)
	o.emptying()
	if now, err := o.Show(t.Context(), o.as("ada"), string(late.ID)); err != nil || now.Department != "it" {
		t.Errorf("it is in %s, %v", now.Department, err)
	}
}

func TestAnEmptyingCutOffAnywhereMovesEachTicketOnce(t *testing.T) {
	for cut := range 10 {
		o := newOffice(t)
		for range 25 {
			o.open()
		}
		out, err := o.shut("billing")
		o.must(err)
		calls := 0
		o.store.Before = func(string) error {
			if calls++; calls == cut*7 {
				return errors.New("power cut")
			}
			return nil
		}
		for _, e := range o.closed() {
			_ = desk.Reorganise(t.Context(), o.Desk, e) // however it ends
		}
		o.store.Before = nil
		o.emptying()
		for _, ticket := range o.stored() {
			if ticket.Department != "billing" || ticket.Version != 2 {
				t.Fatalf("cut off at call %d a ticket is in %s with version %d", cut*7, ticket.Department, ticket.Version)
			}
		}
		if m, err := o.ShowMove(t.Context(), o.as("ada"), out.Moves[0].ID); err != nil || m.State != desk.MoveDone {
			t.Errorf("cut off at call %d it ends as %+v, %v", cut*7, m, err)
		}
	}
}

func TestTicketsGoToADepartmentThatTakesThem(t *testing.T) {
	o := newOffice(t)
	o.open()
	for _, to := range []desk.DepartmentID{"network", "nowhere"} {
		_, err := o.shut(to)
		wantKind(t, err, fault.Invalid)
	}
	_, err := o.reform("ada", desk.Options{}, func(org *desk.Organisation) {
		for i := range org.Departments {
			if org.Departments[i].ID == org.Triage {
				org.Departments[i].Active = false
			}
		}
	})
	wantKind(t, err, fault.Conflict)
}

func TestWhoThinksBetterOfItKeepsTheRest(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	out, err := o.shut("billing")
	o.must(err)
	_, err = o.reform("ada", desk.Options{}, func(org *desk.Organisation) { org.Departments[1].Active = true })
	o.must(err)
	o.emptying()
	now, err := o.Show(t.Context(), o.as("ada"), string(ticket.ID))
	o.must(err)
	m, err := o.ShowMove(t.Context(), o.as("ada"), out.Moves[0].ID)
	o.must(err)
	if now.Department != "network" || m.State != desk.MoveDone {
		t.Errorf("it is in %s, the move is %+v", now.Department, m)
	}
}
