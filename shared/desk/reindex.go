package desk

import (
	"context"
	"reflect"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// reindexBatch is how many tickets or comments are read at once.
const reindexBatch = 100

// Reindex makes the search entries of all tickets anew from the ticket with the id after
// on ("" for the first), and writes those that aren't as they should be. Whoever changes
// a ticket meanwhile changes its entry too, and then the entry is made again. After each
// batch it tells the last ticket's id, from which it can go on should it break off.
func (d *Desk) Reindex(ctx context.Context, after string, tell func(last string, written int)) error {
	q, written := docdb.Query{Collection: tickets, Limit: reindexBatch}, 0
	if after != "" {
		q.After = []any{after}
	}
	for {
		recs, err := d.DB.Query(ctx, q)
		if err != nil || len(recs) == 0 {
			return err
		}
		for _, r := range recs {
			changed, err := d.reindex(ctx, r.Key)
			if err != nil {
				return err
			}
			if changed {
				written++
			}
		}
		last := recs[len(recs)-1].Key.ID
		tell(last, written)
		q.After = []any{last}
	}
}

// reindex makes one ticket's entry and reports whether there was another.
func (d *Desk) reindex(ctx context.Context, key docdb.Key) (changed bool, err error) {
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		t, err := docdb.Get[Ticket](ctx, tx, key)
		if err != nil {
			return err
		}
		recs, err := tx.Read(ctx, entryKey(&t))
		if err != nil {
			return err
		}
		requester, err := docdb.Get[Person](ctx, tx, personKey(t.Requester))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		e := entry{Ticket: t.ID, Name: requester.Name, Said: []said{}}
		for _, collection := range []string{replies, notes} {
			if err := e.addAll(ctx, tx, collection); err != nil {
				return err
			}
		}
		want, err := docdb.Encode(e.fields(&t))
		if err != nil {
			return err
		}
		if changed = !reflect.DeepEqual(want, recs[0].Fields); !changed {
			return nil
		}
		return tx.Put(recs[0].Key, want)
	})
	return changed, err
}

// addAll puts in a ticket's comments of one collection.
func (e *entry) addAll(ctx context.Context, r docdb.Reader, collection string) error {
	q := docdb.Query{
		Collection: collection,
		Where:      []docdb.Where{{Field: "thread", Cmp: docdb.ContainsAny, Value: []any{string(e.Ticket)}}},
		Order:      []docdb.Order{{Field: "created_at"}},
		Limit:      reindexBatch,
	}
	for {
		recs, err := r.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			var c Comment
			if err := docdb.Decode(rec, &c); err != nil {
				return err
			}
			e.add(c)
		}
		if len(recs) < reindexBatch {
			return nil
		}
		q.After = q.Cursor(recs[len(recs)-1])
	}
}
