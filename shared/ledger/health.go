package ledger

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Health says whether facts have their effects. Each count stops at a hundred.
type Health struct {
	State
	Waiting int       // facts in the outbox
	Oldest  time.Time // since when the oldest of them waits; zero for none
	Letters int       // dead letters that wait
}

// late is how long a fact may wait in the outbox, and the reconciler be away, before
// somebody has to look.
const (
	late = 5 * time.Minute
	away = 45 * time.Minute
)

// OK reports whether nobody has to do anything.
func (h Health) OK(now time.Time) bool {
	return h.Unconfirmed == 0 && h.Letters == 0 && (h.Oldest.IsZero() || now.Sub(h.Oldest) < late) && now.Sub(h.At) < away
}

// ReadHealth reads how facts are doing: the reconciler's result, the outbox and the dead
// letters that wait.
func ReadHealth(ctx context.Context, d *desk.Desk, a desk.Actor) (h Health, err error) {
	if err := desk.AllowAdmin(a, desk.LedgerKeep); err != nil {
		return h, err
	}
	if h.State, err = readState(ctx, d.DB); err != nil {
		return h, err
	}
	facts, err := docdb.Find[event.Event](ctx, d.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: openPage})
	if err != nil {
		return h, err
	}
	if h.Waiting = len(facts); h.Waiting > 0 {
		h.Oldest = facts[0].At
	}
	letters, err := d.DB.Query(ctx, docdb.Query{
		Collection: event.DeadLetterCollection, Where: []docdb.Where{{Field: "state", Cmp: docdb.Equal, Value: string(event.LetterWaiting)}}, Limit: openPage,
	})
	h.Letters = len(letters)
	return h, err
}
