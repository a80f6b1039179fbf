package ledger

import (
	"context"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// missing is an effect that was not confirmed when it had to be.
type missing struct {
	ID       string    `json:"id"`
	Consumer string    `json:"consumer"`
	Marker   string    `json:"marker"` // the consumer's name there
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Found    time.Time `json:"found"`
	Due      time.Time `json:"due"` // when to look again
	Attempts int       `json:"attempts"`
	Buried   bool      `json:"buried"` // it is a dead letter, which somebody has to redrive
}

// lost is a missing effect with its fact.
type lost struct {
	missing
	fact event.Event
}

// missing returns the effects that facts should have had and that no marker confirms.
func (r Reconciler) missing(ctx context.Context, facts []event.Archived, now time.Time) ([]lost, error) {
	var owed []lost
	for _, effect := range r.Effects {
		name, err := effect.names(ctx, r.Desk)
		if err != nil {
			return nil, err
		}
		for _, a := range facts {
			m, err := effect.owed(a, name, now)
			if err != nil {
				return nil, err
			}
			if m.Marker != "" {
				owed = append(owed, m)
			}
		}
	}
	return r.without(ctx, owed)
}

// without leaves out what is confirmed, and notes what is a dead letter.
func (r Reconciler) without(ctx context.Context, owed []lost) ([]lost, error) {
	if len(owed) == 0 {
		return nil, nil
	}
	keys := make([]docdb.Key, len(owed))
	for i, m := range owed {
		keys[i] = event.MarkerKey(m.Marker, m.Event)
	}
	markers, err := r.Desk.DB.Read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var out []lost
	for i, m := range owed {
		if markers[i].Exists() {
			continue
		}
		if m.Buried, err = buried(ctx, r.Desk.DB, m.Consumer, m.Event); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// buried reports whether a dead letter of the consumer about the event waits.
func buried(ctx context.Context, db docdb.Reader, consumer, id string) (bool, error) {
	letters, err := docdb.Find[event.DeadLetter](ctx, db, docdb.Query{
		Collection: event.DeadLetterCollection, Where: []docdb.Where{{Field: "event", Cmp: docdb.Equal, Value: id}}, Limit: openPage,
	})
	for _, l := range letters {
		if l.Consumer == consumer && l.State == event.LetterWaiting {
			return true, err
		}
	}
	return false, err
}

// Always is an Effect's Marker that has one name for every event.
func Always(name string) func(context.Context, *desk.Desk) (func(event.Event) (string, error), error) {
	return func(context.Context, *desk.Desk) (func(event.Event) (string, error), error) {
		return func(event.Event) (string, error) { return name, nil }, nil
	}
}

func (e Effect) names(ctx context.Context, d *desk.Desk) (func(event.Event) (string, error), error) {
	if e.Marker == nil {
		return Always(e.Consumer)(ctx, d)
	}
	return e.Marker(ctx, d)
}

// owed is what a fact asks of the consumer; nothing, if its marker has no name.
func (e Effect) owed(a event.Archived, name func(event.Event) (string, error), now time.Time) (m lost, err error) {
	if !slices.Contains(e.Kinds, a.Type) {
		return m, nil
	}
	if m.fact, err = a.Event(); err != nil {
		return m, err
	}
	m.missing = missing{ID: e.Consumer + "~" + a.ID, Consumer: e.Consumer, Event: a.ID, Type: a.Type, Found: now}
	m.Marker, err = name(m.fact)
	return m, err
}

// repair sends the fact to the consumer again, unless it waits as a dead letter for
// somebody, and notes when to look: each time later, a day later at most.
func repair(tx *docdb.Tx, m missing, fact event.Event, now time.Time) error {
	m.Due = now.Add(min(Settle<<m.Attempts, 24*time.Hour))
	if !m.Buried {
		m.Attempts = min(m.Attempts+1, 6)
		if err := event.Again(tx, fact, m.Consumer); err != nil {
			return err
		}
	}
	return tx.Set(docdb.Key{Collection: unconfirmed, ID: m.ID}, m)
}

// again looks at what was missing and is due: it takes confirmed effects from the list
// and repairs the others once more.
func (r Reconciler) again(ctx context.Context) (repaired int, err error) {
	now := r.now()
	for ctx.Err() == nil {
		due, err := docdb.Find[missing](ctx, r.Desk.DB, docdb.Query{
			Collection: unconfirmed, Where: []docdb.Where{{Field: "due", Cmp: docdb.LessEqual, Value: docdb.Stamp(now)}},
			Order: []docdb.Order{{Field: "due"}}, Limit: openPage,
		})
		if err != nil || len(due) == 0 {
			return repaired, err
		}
		n, err := r.lookAgain(ctx, due, now)
		if repaired += n; err != nil {
			return repaired, err
		}
	}
	return repaired, ctx.Err()
}

func (r Reconciler) lookAgain(ctx context.Context, due []missing, now time.Time) (repaired int, err error) {
	owed := make([]lost, len(due))
	for i, m := range due {
		owed[i].missing = m
	}
	left, err := r.without(ctx, owed)
	if err != nil {
		return 0, err
	}
	for i := range left {
		a, err := docdb.Get[event.Archived](ctx, r.Desk.DB, docdb.Key{Collection: event.ArchiveCollection, ID: left[i].Event})
		if err == nil {
			left[i].fact, err = a.Event()
		}
		if err != nil {
			return 0, err
		}
	}
	err = r.Desk.DB.Run(ctx, func(tx *docdb.Tx) error {
		repaired = 0
		open := map[string]bool{}
		for _, m := range left {
			open[m.ID] = true
			if err := repair(tx, m.missing, m.fact, now); err != nil {
				return err
			}
			if !m.Buried {
				repaired++
			}
		}
		for _, m := range due {
			if !open[m.ID] {
				if err := tx.Delete(docdb.Key{Collection: unconfirmed, ID: m.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return repaired, err
}
