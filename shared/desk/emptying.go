package desk

import (
	"context"
	"fmt"
	"slices"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// A department that is deactivated gives its open tickets to another. It is inactive at
// once; a Move then takes the tickets out a page at a time, each by a change like any
// other: with an act, a fact and those who are told. A ticket that was moved is open
// elsewhere, so it isn't found again; whoever goes on after a crash finds the rest.
//
// Functions that remember the tree may still put tickets there for a while, so the move
// looks again once that is over, and is done when a whole pass has found nothing to do.

// DepartmentClosed is the type of the fact that a department's open tickets have to go.
const DepartmentClosed = "department.closed"

// countedOpen is up to how many open tickets are counted for who deactivates a department.
const countedOpen = 100

// MoveOpenTickets says where the open tickets of a department go that is deactivated by
// the same change.
func (o *Organisation) MoveOpenTickets(from, to DepartmentID) {
	if o.emptying == nil {
		o.emptying = map[DepartmentID]DepartmentID{}
	}
	o.emptying[from] = to
}

// closing are the departments that a change deactivates.
func closing(before, after *Organisation) []Department {
	var out []Department
	for _, was := range before.Departments {
		if now, _ := after.Department(was.ID); was.Active && !now.Active {
			out = append(out, was)
		}
	}
	return out
}

// emptied refuses to deactivate a department whose open tickets have nowhere to go: nobody
// would route, escalate or sort them any more.
func (d *Desk) emptied(ctx context.Context, a Actor, before, after *Organisation) error {
	for _, was := range closing(before, after) {
		if was.ID == after.Triage {
			return fault.New(fault.Conflict, "is_triage", "%s takes the tickets that nobody else does. Let another department do that first.", was.Name)
		}
		to, told := after.emptying[was.ID]
		if told {
			if place, _ := after.Department(to); !place.Active || to == was.ID {
				return fault.Bad("move_open_tickets_to", "This has to be another department, and an active one.")
			}
			continue
		}
		n, err := d.countOpen(ctx, a, was.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return whereTo(was, n, after)
		}
	}
	return nil
}

// whereTo asks where the tickets go, and names the departments that are nearest.
func whereTo(was Department, n int, after *Organisation) error {
	many := fmt.Sprint(n, " open tickets")
	switch {
	case n == 1:
		many = "an open ticket"
	case n > countedOpen:
		many = fmt.Sprintf("more than %d open tickets", countedOpen)
	}
	e := fault.New(fault.Conflict, "has_open_tickets", "%s still has %s. Say where they go: send move_open_tickets_to with the id of an active department, like one of allowed.", was.Name, many)
	for _, d := range after.Departments {
		near := d.Parent == was.Parent || d.Parent == was.ID || d.ID == after.Triage || contains(after.Path(was.ID), d.ID)
		if near && d.Active {
			e.Allowed = append(e.Allowed, string(d.ID))
		}
	}
	return e
}

// countOpen counts the open tickets of a department as far as it matters.
func (d *Desk) countOpen(ctx context.Context, a Actor, id DepartmentID) (int, error) {
	n := 0
	for _, s := range Statuses {
		if !s.Open() || n > countedOpen {
			continue
		}
		found, next, err := d.List(ctx, a, Filter{Department: id, Status: s, ByCreation: true}, Page{Limit: min(MaxLimit, countedOpen+1-n)})
		if err != nil {
			return 0, err
		}
		if n += len(found); next != "" {
			n = countedOpen + 1
		}
	}
	return n, nil
}

// startEmptying writes the move of a department's open tickets and the fact that starts it.
func (d *Desk) startEmptying(tx *docdb.Tx, a Actor, opt Options, id DepartmentID, after *Organisation) (Move, error) {
	m := Move{
		ID: fmt.Sprintf("%06d-%s-tickets", after.Version, id), Department: id, From: id, To: after.emptying[id],
		By: a.ID, At: d.moment(), State: MoveRunning, After: []any{}, Tickets: true,
	}
	return m, d.beginMove(tx, a, opt, m, DepartmentClosed)
}

// emptyPage moves a page of the department's open tickets.
func (d *Desk) emptyPage(ctx context.Context, m Move, e event.Event) (Move, error) {
	if err := d.settled(m); err != nil {
		return m, err
	}
	org, err := docdb.Get[Organisation](ctx, d.DB, organisationKey)
	if err != nil {
		return m, err
	}
	if now, _ := org.Department(m.Department); now.Active { // somebody thought better of it
		return d.noteEmptied(ctx, m, func(m *Move) { m.State = MoveDone })
	}
	to := m.To
	if place, _ := org.Department(to); !place.Active { // it was deactivated as well, meanwhile
		to = org.Triage
	}
	robot := Robot(Mover, e.ID, e.Depth)
	found, next, err := d.List(ctx, robot, Filter{Department: m.Department, Status: Statuses[m.Pass.Status], ByCreation: true}, Page{Limit: movePage, Cursor: m.Pass.Cursor})
	if err != nil {
		return m, err
	}
	d.tree.forget() // the target may be younger than what this function remembers
	again := 0
	for _, t := range found {
		switch _, err := d.Update(ctx, robot, string(t.ID), Patch{Department: &to}, Options{IfVersion: t.Version, Trace: e.Trace}); {
		case err == nil:
			m.Changed++
		case fault.Is(err, fault.Stale), fault.Is(err, fault.NotFound):
			again++ // somebody changed it this moment; the next pass finds it if it is still there
		default:
			return m, err
		}
	}
	return d.noteEmptied(ctx, m, func(now *Move) {
		now.Looked += len(found)
		now.Pass.Found += m.Changed - now.Changed + again
		now.Changed = m.Changed
		now.pass(next)
	})
}

// noteEmptied notes how far the move is, unless another delivery is further.
func (d *Desk) noteEmptied(ctx context.Context, was Move, note func(*Move)) (Move, error) {
	var m Move
	err := d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		if m, err = docdb.Get[Move](ctx, tx, moveKey(was.ID)); err != nil || m.Pass != was.Pass || m.State != was.State {
			return err
		}
		if note(&m); m.State == MoveDone {
			m.FinishedAt = d.moment()
		}
		return tx.Put(moveKey(m.ID), m)
	})
	return m, err
}

// pass goes to the next page, the next status, or the next pass.
func (m *Move) pass(next string) {
	if m.Pass.Cursor = next; next != "" {
		return
	}
	more := slices.IndexFunc(Statuses[m.Pass.Status+1:], Status.Open)
	switch {
	case more >= 0:
		m.Pass.Status += 1 + more
	case m.State == MoveRunning || m.Pass.Found > 0:
		m.State, m.Pass = MoveSettling, Pass{}
	default:
		m.State = MoveDone
	}
}

// Pass is the place that a move of tickets has come to.
type Pass struct {
	Status int    `json:"status"` // which of Statuses
	Cursor string `json:"cursor"`
	Found  int    `json:"found"` // tickets that this pass had to move
}
