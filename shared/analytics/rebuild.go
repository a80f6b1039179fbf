package analytics

import (
	"context"
	"strconv"
	"strings"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// rebuildBatch is how many acts are counted in one transaction: each has a marker, and
// touches at most fifteen documents, which must fit into a commit.
const rebuildBatch = 30

// Rebuild makes all counters again from the history and returns how many acts it
// counted. Nothing stops meanwhile: from its first write on, every event is counted in
// the old and the new edition, and an act that was counted as an event is passed over
// here and the other way round, by the same marker. If it breaks off, the next call
// goes on with the same edition.
func Rebuild(ctx context.Context, d *desk.Desk) (int, error) {
	ed, err := startEdition(ctx, d.DB)
	if err != nil {
		return 0, err
	}
	counted, err := countHistory(ctx, d, ed.Next)
	if err != nil {
		return counted, err
	}
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if _, err := tx.Read(ctx, editionKey); err != nil {
			return err
		}
		return tx.Put(editionKey, edition{Current: ed.Next})
	})
	if err != nil {
		return counted, err
	}
	return counted, drop(ctx, d.DB, ed.Current)
}

// startEdition makes known that the next edition is under way.
func startEdition(ctx context.Context, db *docdb.DB) (ed edition, err error) {
	err = db.Run(ctx, func(tx *docdb.Tx) error {
		if ed, err = readEdition(ctx, tx); err != nil || ed.Next != 0 {
			return err
		}
		ed.Next = ed.Current + 1
		return tx.Put(editionKey, ed)
	})
	return ed, err
}

// countHistory counts every act in the edition. Acts come by id, and so each ticket's in
// order: the outline before an act is that after the one before it.
func countHistory(ctx context.Context, d *desk.Desk, edition int64) (int, error) {
	total := 0
	var last desk.Act
	for after := ""; ; {
		acts, err := d.Acts(ctx, after, rebuildBatch)
		if err != nil || len(acts) == 0 {
			return total, err
		}
		steps := map[string]Step{}
		for _, a := range acts {
			s := Step{Type: a.Type, At: a.At, Actor: a.Actor, Now: a.Outline}
			if last.Ticket == a.Ticket {
				s.Was = last.Outline
			}
			if s.Now != nil {
				steps[a.ID] = s
			}
			last = a
		}
		n, err := countBatch(ctx, d, edition, acts, steps)
		if total += n; err != nil {
			return total, err
		}
		after = last.ID
	}
}

// countBatch counts those of the acts that are not yet counted in the edition.
func countBatch(ctx context.Context, d *desk.Desk, edition int64, acts []desk.Act, steps map[string]Step) (n int, err error) {
	name, now := marker(edition), d.Now()
	keys := make([]docdb.Key, len(acts))
	for i, a := range acts {
		keys[i] = event.MarkerKey(name, a.ID)
	}
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		n = 0
		found, err := tx.Read(ctx, keys...)
		if err != nil {
			return err
		}
		sum := Deltas{}
		for i, a := range acts {
			s, ok := steps[a.ID]
			if !ok || found[i].Exists() {
				continue
			}
			n++
			sum.add(Fold(s))
			if err := event.Mark(tx, name, event.Event{ID: a.ID, Type: a.Type, Subject: string(a.Ticket)}, now); err != nil {
				return err
			}
		}
		return sum.write(tx, edition)
	})
	return n, err
}

// drop removes an edition that nobody reads any more.
func drop(ctx context.Context, db *docdb.DB, edition int64) error {
	prefix := strconv.FormatInt(edition, 10) + "~"
	for _, collection := range counted {
		for {
			recs, err := db.Query(ctx, docdb.Query{Collection: collection, After: []any{prefix}, Limit: docdb.MaxWrites})
			if err != nil {
				return err
			}
			var old []docdb.Key
			for _, r := range recs {
				if strings.HasPrefix(r.Key.ID, prefix) {
					old = append(old, r.Key)
				}
			}
			if len(old) == 0 {
				break
			}
			err = db.Run(ctx, func(tx *docdb.Tx) error {
				for _, k := range old {
					if err := tx.Delete(k); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
