package view

import (
	"context"
	"fmt"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// How a new filter is brought into the tallies there are.
const (
	batch    = 100 // tallies in a transaction, at most
	batches  = 5   // transactions for one event
	fullness = 400 // writes after which a transaction takes no further tally
)

// recount brings the tallies that an added filter finds behind up to date, a part for each
// event, and makes the next event if there are more. It may be done again at any time.
func recount(ctx context.Context, d *desk.Desk, e event.Event) error {
	reg, err := readRegistry(ctx, d.DB)
	if err != nil {
		return err
	}
	for range batches {
		n, err := catchUp(ctx, d, reg.Generation)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := finish(ctx, d, reg.Generation); err != nil {
				return err
			}
			return event.Done(ctx, d.DB, Consumer, e, d.Now())
		}
	}
	_, err = event.Once(ctx, d.DB, Consumer, e, d.Now(), func(tx *docdb.Tx) error {
		next := e
		next.Sequence++
		next.ID = fmt.Sprintf("%s-%06d", e.Subject, next.Sequence)
		return event.Append(tx, next)
	})
	return err
}

// catchUp upgrades some tallies that are behind the generation, and returns how many.
func catchUp(ctx context.Context, d *desk.Desk, generation int64) (n int, err error) {
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		behind, err := docdb.Find[tally](ctx, d.DB, docdb.Query{
			Collection: tallies,
			Where:      []docdb.Where{{Field: "generation", Cmp: docdb.Less, Value: generation}},
			Limit:      batch,
		})
		if err != nil {
			return err
		}
		ids := make([]desk.TicketID, len(behind))
		for i, t := range behind {
			ids[i] = t.Ticket
		}
		n, err = upgrade(ctx, tx, ids)
		return err
	})
	return n, err
}

// upgrade counts tickets, as they were counted last, by the filters that are newer than
// that, as many of them as fit into a transaction. It returns how many it looked at.
func upgrade(ctx context.Context, tx *docdb.Tx, ids []desk.TicketID) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	reg, err := readRegistry(ctx, tx)
	if err != nil {
		return 0, err
	}
	keys := make([]docdb.Key, len(ids))
	for i, id := range ids {
		keys[i] = tallyKey(id)
	}
	recs, err := tx.Read(ctx, keys...)
	if err != nil {
		return 0, err
	}
	changed, n := deltas{}, 0
	for ; n < len(recs) && n+len(changed) < fullness; n++ {
		var t tally
		if !recs[n].Exists() {
			continue
		}
		if err := docdb.Decode(recs[n], &t); err != nil {
			return 0, err
		}
		changed.put(reg, t, -1)
		t.Generation = reg.Generation
		changed.put(reg, t, 1)
		if err := tx.Put(keys[n], t); err != nil {
			return 0, err
		}
	}
	return n, changed.write(tx)
}

// finish makes known that the filters up to the generation are counted.
func finish(ctx context.Context, d *desk.Desk, generation int64) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		reg, err := docdb.Get[registry](ctx, tx, registryKey)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range reg.Filters {
			if reg.Filters[i].Number <= generation {
				reg.Filters[i].Ready = true
			}
		}
		return tx.Put(registryKey, reg)
	})
}
