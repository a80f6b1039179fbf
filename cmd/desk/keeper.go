package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// keeper is a store in memory that knows all it holds, with the time at which each
// document expires, so that it can be written to another store as it is.
type keeper struct {
	*docdb.Memory
	expires map[docdb.Key]time.Time
}

func newKeeper() *keeper {
	return &keeper{docdb.NewMemory(), map[docdb.Key]time.Time{}}
}

// Commit implements docdb.Store.
func (k *keeper) Commit(ctx context.Context, writes []docdb.Write) error {
	if err := k.Memory.Commit(ctx, writes); err != nil {
		return err
	}
	for _, w := range writes {
		switch _, known := k.expires[w.Key]; {
		case w.Op == docdb.OpDelete:
			delete(k.expires, w.Key)
		case w.Op == docdb.OpPut, !known: // what is added to keeps its time
			k.expires[w.Key] = w.Expires
		}
	}
	return nil
}

// collections names what there is, in order.
func (k *keeper) collections() []string {
	var names []string
	for key := range k.expires {
		if !slices.Contains(names, key.Collection) {
			names = append(names, key.Collection)
		}
	}
	slices.Sort(names)
	return names
}

// transient collections hold work in progress, of which there is none when the past
// has been played to its end.
var transient = []string{event.OutboxCollection, event.EffectCollection}

// writes puts everything that stays, but for the collections named in without.
func (k *keeper) writes(without ...string) []docdb.Write {
	var all []docdb.Write
	for _, name := range k.collections() {
		if slices.Contains(transient, name) || slices.Contains(without, name) {
			continue
		}
		for _, r := range k.Dump(name) {
			all = append(all, docdb.Write{Key: r.Key, Fields: r.Fields, Expires: k.expires[r.Key]})
		}
	}
	return all
}

// collectionsOf names the collections that are written to, and the organisation's.
func collectionsOf(writes []docdb.Write) []string {
	names := []string{organisationCollection}
	for _, w := range writes {
		if !slices.Contains(names, w.Key.Collection) {
			names = append(names, w.Key.Collection)
		}
	}
	return names
}

// How much goes into one commit: little enough that a database that is just starting
// answers in time.
const (
	commitWrites = 100
	commitBytes  = docdb.MaxCommit / 8
)

// commitAll writes to a store in as few commits as it takes.
func commitAll(ctx context.Context, to docdb.Store, writes []docdb.Write) error {
	begin, size := 0, 0
	for i, w := range writes {
		data, err := json.Marshal(w.Fields)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Key, err)
		}
		if i-begin == commitWrites || size+len(data) > commitBytes {
			if err := commit(ctx, to, writes[begin:i]); err != nil {
				return err
			}
			begin, size = i, 0
		}
		size += len(data)
	}
	if begin == len(writes) {
		return nil
	}
	return commit(ctx, to, writes[begin:])
}

// commit sends puts and deletes without conditions, which do no harm when they are
// sent again.
func commit(ctx context.Context, to docdb.Store, writes []docdb.Write) error {
	return patiently(ctx, func() error { return to.Commit(ctx, writes) })
}
