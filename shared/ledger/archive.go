package ledger

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// archivePage is how many facts are read at once.
const archivePage = 200

// Facts calls do with every archived fact that was published since a time, in the order of
// publication. It goes by pages, so that it needs little memory however many there are.
func Facts(ctx context.Context, db *docdb.DB, since time.Time, do func(event.Event, time.Time) error) error {
	q := docdb.Query{
		Collection: event.ArchiveCollection,
		Where:      []docdb.Where{{Field: "published", Cmp: docdb.MoreEqual, Value: docdb.Stamp(since)}},
		Order:      []docdb.Order{{Field: "published"}},
		Limit:      archivePage,
	}
	for {
		recs, err := db.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			var a event.Archived
			if err := docdb.Decode(rec, &a); err != nil {
				return err
			}
			e, err := a.Event()
			if err != nil {
				return err
			}
			if err := do(e, a.Published); err != nil {
				return err
			}
		}
		if len(recs) < archivePage {
			return nil
		}
		q.After = q.Cursor(recs[len(recs)-1])
	}
}
