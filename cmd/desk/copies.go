package main

import (
	"context"
	"fmt"

	"ticketsystem.example/shared/docdb"
)

const (
	maxCopies  = 200_000
	spread     = 2 * 365 * 24.0 // hours over which copies are spread
	copiesOnce = 2000           // played at a time, which bounds memory
)

// carried collections hold what all tickets share, so that each part of the copies
// goes on from what the one before has left.
var carried = []string{"people", "agents", "counters", organisationCollection}

// loadCopies adds n tickets that are copies of the demo's, moved back in time. They
// are true in themselves, and their assignees have as much more to do; but nobody is
// notified of them and they are not counted in any day's numbers.
func (l *loader) loadCopies(ctx context.Context, n int) error {
	for begin := 0; begin < n; begin += copiesOnce {
		s := newStage()
		for _, p := range l.people {
			s.actors[p.ID] = p.Actor()
		}
		if err := l.carry(ctx, s); err != nil {
			return err
		}
		for i := begin; i < min(begin+copiesOnce, n); i++ {
			t := copyOf(l.tickets[i%len(l.tickets)], fmt.Sprintf("%d-%d", l.now.UnixNano(), i), spread*float64(n-i)/float64(n))
			if err := s.play(ctx, t, plan(t, l.now), l.now); err != nil {
				return err
			}
		}
		if err := commitAll(ctx, l.store, s.store.writes("people", organisationCollection)); err != nil {
			return err
		}
	}
	return nil
}

// carry brings what tickets share from the database onto the stage.
func (l *loader) carry(ctx context.Context, s *stage) error {
	db := docdb.Open(l.store)
	for _, collection := range carried {
		found, err := db.Query(ctx, docdb.Query{Collection: collection, Limit: 1000})
		if err != nil {
			return err
		}
		var writes []docdb.Write
		for _, r := range found {
			writes = append(writes, docdb.Write{Key: r.Key, Fields: r.Fields})
		}
		if err := commitAll(ctx, s.store, writes); err != nil {
			return err
		}
	}
	return nil
}

// copyOf is a copy that is older by some hours. Its name makes its id.
func copyOf(t demoTicket, name string, older float64) demoTicket {
	t.Key += "-copy-" + name
	t.AgeHours += older
	comments := make([]demoComment, len(t.Comments))
	for j, c := range t.Comments {
		c.AgeHours += older
		comments[j] = c
	}
	t.Comments = comments
	return t
}
