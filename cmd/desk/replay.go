package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

// stage is a desk in memory whose clock is moved by hand. The past is played on it
// with the real use cases, so that what they write (history, versions, first
// responses, counts, numbers) is what would be there had it happened.
type stage struct {
	store  *keeper
	desk   *desk.Desk
	now    time.Time
	ticket string // key of the ticket that is played
	actors map[desk.PersonID]desk.Actor
}

// newStage returns a desk on which nothing has happened.
func newStage() *stage {
	s := &stage{store: newKeeper(), actors: map[desk.PersonID]desk.Actor{}}
	s.desk = desk.New(docdb.Open(s.store, start.Indexes()), func() time.Time { return s.now })
	s.desk.NewID = func() string { return idOf(s.ticket) }
	return s
}

// idOf is a ticket id that is the same for the same key each time.
func idOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:20]
}

// open sets up the organisation and its people at a time.
func (s *stage) open(ctx context.Context, d demo, at time.Time) error {
	s.now = at
	if err := s.desk.SaveOrganisation(ctx, d.organisation); err != nil {
		return fmt.Errorf("organisation: %w", err)
	}
	for _, p := range d.people {
		if err := s.desk.SavePerson(ctx, p); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		s.actors[p.ID] = p.Actor()
	}
	return nil
}

// play does all that was done to a ticket, and what happened to it by itself up to now.
func (s *stage) play(ctx context.Context, t demoTicket, acts []act, now time.Time) error {
	s.ticket = t.Key
	ref := idOf(t.Key)
	for _, a := range acts {
		if err := s.wait(ctx, ref, a.at); err != nil {
			return err
		}
		s.now = a.at
		actor, ok := s.actors[a.by]
		if !ok {
			return fmt.Errorf("ticket %s: there is no person %q", t.Key, a.by)
		}
		var err error
		switch do := a.do.(type) {
		case desk.NewTicket:
			_, err = s.desk.Create(ctx, actor, do, desk.Options{})
		case desk.Patch:
			_, err = s.desk.Update(ctx, actor, ref, do, desk.Options{})
		case desk.NewComment:
			_, err = s.desk.Comment(ctx, actor, ref, do, desk.Options{})
		}
		if err != nil {
			return fmt.Errorf("ticket %s, %T by %s: %w", t.Key, a.do, a.by, err)
		}
	}
	return s.wait(ctx, ref, now)
}

// wait fires the ticket's alarms that come before a time, each when it is due.
func (s *stage) wait(ctx context.Context, ref string, until time.Time) error {
	for {
		t, err := s.desk.Show(ctx, desk.Robot("seed", "", 0), ref)
		if fault.Is(err, fault.NotFound) {
			return nil // not opened yet
		}
		if err != nil || t.AlarmAt.IsZero() || t.AlarmAt.After(until) {
			return err
		}
		s.now = t.AlarmAt
		if _, err := s.desk.Alarms(ctx); err != nil {
			return fmt.Errorf("ticket %s, at its time: %w", t.Number, err)
		}
	}
}

// facts takes all events out of the outbox, in the order in which they happened.
func (s *stage) facts() ([]event.Event, error) {
	var all []event.Event
	for _, r := range s.store.Dump(event.OutboxCollection) {
		var e event.Event
		if err := docdb.Decode(r, &e); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b event.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// tell hands the facts to those who tell people and count, at the time they happened.
// Everybody has read what is older than unread.
func (s *stage) tell(ctx context.Context, unread time.Time) error {
	all, err := s.facts()
	if err != nil {
		return err
	}
	recent, _ := slices.BinarySearchFunc(all, unread.Add(1), func(e event.Event, t time.Time) int { return e.At.Compare(t) })
	if err := s.consume(ctx, all[:recent]); err != nil {
		return err
	}
	s.now = unread
	for _, a := range s.actors {
		if err := notification.MarkAllRead(ctx, s.desk, a); err != nil {
			return fmt.Errorf("inbox of %s: %w", a.ID, err)
		}
	}
	return s.consume(ctx, all[recent:])
}

// consumers are the functions that are not replaced by what the files say, as routing
// is: the files name departments and assignees.
var consumers = []struct {
	kinds  []string
	handle func(context.Context, *desk.Desk, event.Event) error
}{
	{notification.Kinds, notification.Handle},
	{analytics.Kinds, analytics.Handle},
	{view.Kinds, view.Handle},
}

func (s *stage) consume(ctx context.Context, facts []event.Event) error {
	for _, e := range facts {
		s.now = e.At
		for _, c := range consumers {
			if !slices.Contains(c.kinds, e.Type) {
				continue
			}
			if err := c.handle(ctx, s.desk, e); err != nil {
				return fmt.Errorf("fact %s: %w", e.ID, err)
			}
		}
	}
	return nil
}
