package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// When a branch of the tree moves, the audience of each of its tickets names departments
// that are no longer above it. A Move works through them a page at a time, each page with
// the place it has come to in one transaction, so that it goes on where it was when
// anything dies, and does no harm when it is done twice.
//
// It passes twice. The first pass takes all tickets of the branch, at once. For a while
// after the change some function may still write tickets by the tree that it remembers;
// when none can any more, the second pass takes those that were written meanwhile.
//
// An audience follows from the ticket and the tree and is nobody's doing: a ticket keeps
// its version, and there is no act, no fact and nobody who is told.

// BranchMoved is the type of the fact that a Move has work to do.
const BranchMoved = "branch.moved"

// Mover is the name of the function that does it, in markers of handled events.
const Mover = "reorganise"

// Moves are the types of facts that Reorganise acts on.
var Moves = []string{BranchMoved, DepartmentClosed}

// MoveState is how far a move is.
type MoveState string

// The states of a move.
const (
	MoveRunning  MoveState = "running"  // the first pass
	MoveSettling MoveState = "settling" // everybody's rights are right but for what is being written by the old tree
	MoveDone     MoveState = "done"
)

// Move is a branch on its way to another place in the tree.
type Move struct {
	ID         string       `json:"id"`
	Department DepartmentID `json:"department"` // the branch: it and all below it
	From       DepartmentID `json:"from"`       // what it was below; "" for the top
	To         DepartmentID `json:"to"`
	By         PersonID     `json:"by"`
	At         time.Time    `json:"at"`
	State      MoveState    `json:"state"`
	Looked     int          `json:"looked"`  // tickets looked at
	Changed    int          `json:"changed"` // of them with another audience now
	After      []any        `json:"after"`   // the place that the pass has come to
	FinishedAt time.Time    `json:"finished_at"`

	Tickets bool `json:"tickets,omitzero"` // not a branch: its open tickets go from From to To
	Pass    Pass `json:"pass,omitzero"`    // and the place that this has come to
}

// How a move works.
const (
	movePage  = 10               // tickets in a transaction: with the largest search entries they still fit into one
	movePages = 20               // transactions for one event
	settling  = 60 * time.Second // longer than a tree is remembered and a request takes, together
	skew      = time.Minute      // by how much functions' clocks may differ at most
)

func moveKey(id string) docdb.Key { return docdb.Key{Collection: moves, ID: id} }

// ShowMove returns a move, for those who may make one.
func (d *Desk) ShowMove(ctx context.Context, a Actor, id string) (Move, error) {
	if err := AllowAdmin(a, OrganisationChange); err != nil {
		return Move{}, err
	}
	if !ValidID(id) {
		return Move{}, fault.Missing("move")
	}
	m, err := docdb.Get[Move](ctx, d.DB, moveKey(id))
	if fault.Is(err, fault.NotFound) {
		return m, fault.Missing("move")
	}
	return m, err
}

// startMove starts the move of a branch.
func (d *Desk) startMove(tx *docdb.Tx, a Actor, opt Options, id DepartmentID, before, after *Organisation) (Move, error) {
	was, _ := before.Department(id)
	now, _ := after.Department(id)
	m := Move{
		ID: fmt.Sprintf("%06d-%s", after.Version, id), Department: id, From: was.Parent, To: now.Parent,
		By: a.ID, At: d.moment(), State: MoveRunning, After: []any{},
	}
	return m, d.beginMove(tx, a, opt, m, BranchMoved)
}

// beginMove writes a move and the fact that starts it.
func (d *Desk) beginMove(tx *docdb.Tx, a Actor, opt Options, m Move, kind string) error {
	return first(
		func() error { return tx.Create(moveKey(m.ID), m) },
		func() error {
			return event.Append(tx, event.Event{
				ID: m.part(1), Type: kind, Subject: m.ID, Sequence: 1, At: m.At, Actor: string(a.ID), Trace: opt.Trace,
			})
		},
	)
}

// part is the id of the n-th fact about the move.
func (m Move) part(n int64) string { return fmt.Sprintf("move-%s-%06d", m.ID, n) }

// Reorganise does a part of a move, and makes the fact for the next part if there is one.
// While the move settles it asks to be called again later.
func Reorganise(ctx context.Context, d *Desk, e event.Event) error {
	var m Move
	for range movePages {
		var err error
		if m, err = d.movePart(ctx, e); err != nil || m.State == MoveDone {
			return err
		}
	}
	_, err := event.Once(ctx, d.DB, Mover, e, d.Now(), func(tx *docdb.Tx) error {
		next := e
		next.Sequence++
		next.ID = m.part(next.Sequence)
		return event.Append(tx, next)
	})
	return err
}

// movePart does the next page of a move.
func (d *Desk) movePart(ctx context.Context, e event.Event) (Move, error) {
	m, err := docdb.Get[Move](ctx, d.DB, moveKey(e.Subject))
	switch {
	case fault.Is(err, fault.NotFound):
		return m, fault.Wrap(err, fault.Permanent, "no_move", "there is no move %q", e.Subject)
	case err != nil || m.State == MoveDone:
		return m, err
	case m.Tickets:
		return d.emptyPage(ctx, m, e)
	}
	return d.movePage(ctx, e.Subject)
}

// settled refuses a move whose first pass was too short a while ago.
func (d *Desk) settled(m Move) error {
	if m.State == MoveSettling && d.Now().Before(m.At.Add(settling)) {
		return fault.New(fault.Unavailable, "settling", "The move of %s settles until %s.", m.Department, m.At.Add(settling).Format(time.TimeOnly))
	}
	return nil
}

// movePage brings a page of the branch's tickets up to date.
func (d *Desk) movePage(ctx context.Context, id string) (Move, error) {
	var m Move
	err := d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		if m, err = docdb.Get[Move](ctx, tx, moveKey(id)); err != nil || m.State == MoveDone {
			return err
		}
		if err := d.settled(m); err != nil {
			return err
		}
		q := m.query()
		found, err := tx.Query(ctx, q)
		if err != nil {
			return err
		}
		if err := m.derive(ctx, tx, found); err != nil {
			return err
		}
		m.advance(q, found, d.moment())
		return tx.Put(moveKey(id), m)
	})
	return m, err
}

// query asks for the next page. The branch's own name is in the audience of its tickets
// by the old tree and by the new one. In the order of the second pass a ticket that is
// changed meanwhile comes again, so none is passed over.
func (m Move) query() docdb.Query {
	q := docdb.Query{
		Collection: tickets, Limit: movePage, After: m.After,
		Where: []docdb.Where{{Field: "audience", Cmp: docdb.Contains, Value: departmentPrincipal(m.Department)}},
		Order: []docdb.Order{{Field: "created_at", Desc: true}},
	}
	if m.State == MoveSettling {
		q.Where = append(q.Where, docdb.Where{Field: "updated_at", Cmp: docdb.MoreEqual, Value: docdb.Stamp(m.At.Add(-skew))})
		q.Order = []docdb.Order{{Field: "updated_at"}}
	}
	return q
}

// derive gives tickets the audience that follows from the tree. The tree is read after
// the tickets: whoever brought one of them up to date by a newer tree had read that
// before, so it is not older than theirs.
func (m *Move) derive(ctx context.Context, tx *docdb.Tx, found []docdb.Record) error {
	org, err := docdb.Get[Organisation](ctx, tx, organisationKey)
	if err != nil {
		return err
	}
	for _, r := range found {
		var t Ticket
		if err := docdb.Decode(r, &t); err != nil {
			return err
		}
		was := slices.Clone(t.Audience)
		t.setAudience(&org)
		if slices.Equal(was, t.Audience) {
			continue
		}
		m.Changed++
		if err := first(
			func() error { return reread(ctx, tx, &t) },
			func() error { return tx.Put(r.Key, t) },
		); err != nil {
			return err
		}
	}
	return nil
}

// advance notes the place that the move has come to.
func (m *Move) advance(q docdb.Query, found []docdb.Record, now time.Time) {
	m.Looked += len(found)
	switch {
	case len(found) == movePage:
		m.After = q.Cursor(found[movePage-1])
	case m.State == MoveRunning:
		m.State, m.After = MoveSettling, []any{}
	default:
		m.State, m.After, m.FinishedAt = MoveDone, []any{}, now
	}
}
