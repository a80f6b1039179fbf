package view

import (
	"context"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// rebuildBatch is how many acts are read at once.
const rebuildBatch = 300

// Rebuild brings the tallies of all tickets up to the history, and returns how many acts
// it went through. Where nothing was lost it changes nothing, so it may be done at any
// time, and again after it broke off. It is for tickets that came without their facts.
func Rebuild(ctx context.Context, d *desk.Desk) (int, error) {
	total, after := 0, ""
	for {
		acts, err := d.Acts(ctx, after, rebuildBatch)
		if err != nil || len(acts) == 0 {
			return total, err
		}
		total += len(acts)
		after = acts[len(acts)-1].ID
		acts = slices.DeleteFunc(acts, func(a desk.Act) bool { return a.Outline == nil || !slices.Contains(Kinds, a.Type) })
		for i, a := range acts {
			if i+1 < len(acts) && acts[i+1].Ticket == a.Ticket { // as it was later is what counts
				continue
			}
			if err := adopt(ctx, d, tally{Ticket: a.Ticket, Sequence: a.Sequence, Outline: a.Outline}); err != nil {
				return total, err
			}
		}
	}
}

// adopt counts a ticket as it was after an act, unless it is counted as it was later.
func adopt(ctx context.Context, d *desk.Desk, t tally) error {
	var used int64
	err := d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		used, err = move(ctx, tx, t)
		return err
	})
	if err != nil {
		return err
	}
	return settle(ctx, d, t.Ticket, used)
}
