package ledger

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Effect is what a consumer owes to the facts of some types: a marker for each.
type Effect struct {
	Consumer string   // the function that a fact is sent to again
	Kinds    []string // types of facts
	// Marker returns how to find the name in a fact's marker, "" for a fact that asks for
	// nothing. It is called once a page; nil stands for the consumer's own name.
	Marker func(context.Context, *desk.Desk) (func(event.Event) (string, error), error)
}

// Reconciler compares published facts with the effects that are confirmed by a marker.
type Reconciler struct {
	Desk    *desk.Desk
	Effects []Effect
}

// Settle is how long after its publication a fact must have all its effects: longer than
// all deliveries of a fact that fails take, after which it is a dead letter.
const Settle = 30 * time.Minute

// lookBack is how old a fact is looked at: markers of older ones may have gone by
// themselves.
const lookBack = event.Keep - 3*24*time.Hour

// The sizes of pages. What a page finds missing must fit into one commit: a document and
// a fact for each, and no more consumers than the eight of today's catalogue take a type.
const (
	factsPage = 30
	openPage  = 100
	maxCount  = 1000
)

// The collections of this package.
const (
	unconfirmed = "unconfirmed"
	ledgers     = "ledger"
)

var stateKey = docdb.Key{Collection: ledgers, ID: "reconciler"}

// State is how far the reconciler is and what it found last.
type State struct {
	After       []any     `json:"after"`       // the last fact looked at: its time of publication and id
	Until       time.Time `json:"until"`       // all facts published before have been looked at
	Checked     int64     `json:"checked"`     // facts looked at, ever
	Repaired    int64     `json:"repaired"`    // facts sent again, ever
	Unconfirmed int       `json:"unconfirmed"` // effects that are still missing, 1000 at most
	Buried      int       `json:"buried"`      // of these, dead letters that wait
	At          time.Time `json:"at"`          // when it ran last
}

// Run looks again at what was missing, and then at all facts since it ran last, a page at
// a time, until it is up to date or ctx ends. Each page and the place it has come to are one
// transaction: cut off anywhere, it goes on from there. Its cost grows with the facts since
// and with what is missing, never with the history.
func (r Reconciler) Run(ctx context.Context) (State, error) {
	before, err := readState(ctx, r.Desk.DB)
	if err != nil {
		return before, err
	}
	repaired, err := r.again(ctx)
	if err != nil {
		return before, err
	}
	for more := true; more && ctx.Err() == nil; {
		var n int
		if more, n, err = r.page(ctx); err != nil {
			return before, err
		}
		repaired += n
	}
	return r.sumUp(ctx, repaired)
}

func readState(ctx context.Context, db docdb.Reader) (State, error) {
	s, err := docdb.Get[State](ctx, db, stateKey)
	if fault.Is(err, fault.NotFound) {
		return State{}, nil
	}
	return s, err
}

// sumUp counts what is missing and keeps the result.
func (r Reconciler) sumUp(ctx context.Context, repaired int) (s State, err error) {
	list, err := docdb.Find[missing](ctx, r.Desk.DB, docdb.Query{Collection: unconfirmed, Order: []docdb.Order{{Field: "due"}}, Limit: maxCount})
	if err != nil {
		return s, err
	}
	err = r.Desk.DB.Run(ctx, func(tx *docdb.Tx) error {
		if s, err = readState(ctx, tx); err != nil {
			return err
		}
		s.Unconfirmed, s.Buried, s.At = len(list), 0, r.now()
		for _, m := range list {
			if m.Buried {
				s.Buried++
			}
		}
		s.Repaired += int64(repaired)
		return tx.Put(stateKey, s)
	})
	return s, err
}

func (r Reconciler) now() time.Time { return r.Desk.Now().UTC().Truncate(time.Microsecond) }

// page looks at the next facts that had time to settle.
func (r Reconciler) page(ctx context.Context) (more bool, repaired int, err error) {
	s, err := readState(ctx, r.Desk.DB)
	if err != nil {
		return false, 0, err
	}
	now := r.now()
	facts, after, err := r.facts(ctx, s, now)
	if err != nil {
		return false, 0, err
	}
	lost, err := r.missing(ctx, facts, now)
	if err != nil {
		return false, 0, err
	}
	err = r.Desk.DB.Run(ctx, func(tx *docdb.Tx) error {
		repaired = 0
		at, err := readState(ctx, tx)
		if err != nil {
			return err
		}
		if at.Checked != s.Checked { // another reconciler was faster
			return fault.New(fault.Unavailable, "busy", "The ledger is being reconciled already. Please try again in a minute.")
		}
		for _, m := range lost {
			if err := repair(tx, m.missing, m.fact, now); err != nil {
				return err
			}
			if !m.Buried {
				repaired++
			}
		}
		at.Checked += int64(len(facts))
		if at.Until = now.Add(-Settle); len(facts) > 0 {
			at.After, at.Until = after, facts[len(facts)-1].Published
		}
		return tx.Put(stateKey, at)
	})
	return len(facts) == factsPage, repaired, err
}

// facts are the next ones of the archive, and the place after them.
func (r Reconciler) facts(ctx context.Context, s State, now time.Time) ([]event.Archived, []any, error) {
	q := docdb.Query{
		Collection: event.ArchiveCollection,
		Where: []docdb.Where{
			{Field: "published", Cmp: docdb.More, Value: docdb.Stamp(now.Add(-lookBack))},
			{Field: "published", Cmp: docdb.LessEqual, Value: docdb.Stamp(now.Add(-Settle))},
		},
		Order: []docdb.Order{{Field: "published"}},
		Limit: factsPage,
		After: s.After,
	}
	recs, err := r.Desk.DB.Query(ctx, q)
	if err != nil || len(recs) == 0 {
		return nil, nil, err
	}
	facts := make([]event.Archived, len(recs))
	for i := range recs {
		if err := docdb.Decode(recs[i], &facts[i]); err != nil {
			return nil, nil, err
		}
	}
	return facts, q.Cursor(recs[len(recs)-1]), nil
}
