package notification_test

import (
	"context"
	"fmt"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/notification"
)

// meter counts the documents that are read and written.
type meter struct {
	docdb.Store
	reads, writes int
}

func (m *meter) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	m.reads += len(keys)
	return m.Store.Get(ctx, keys)
}

func (m *meter) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	found, err := m.Store.Query(ctx, q)
	m.reads += max(len(found), 1) // an empty answer costs one too
	return found, err
}

func (m *meter) Commit(ctx context.Context, writes []docdb.Write) error {
	m.writes += len(writes)
	return m.Store.Commit(ctx, writes)
}

// TestTellingAndReadingCostTheSameHoweverMuchThereIs holds the table in docs/design.md:
// with few notices and with many.
func TestTellingAndReadingCostTheSameHoweverMuchThereIs(t *testing.T) {
	o := newOffice(t)
	next, uma := 0, desk.Actor{ID: "uma", Role: desk.RoleUser}
	ticket := o.ticket(desk.NewTicket{})
	for _, size := range []int{1, 150} {
		m := &meter{Store: o.store}
		d := desk.New(docdb.Open(m, desk.Indexes(), notification.Indexes()), o.Now)
		_, err := d.Organisation(t.Context()) // an instance's first look at it
		o.must(err)
		tell := func() error {
			next++
			return notification.Handle(t.Context(), d, o.reply(1, next))
		}
		for range size {
			o.must(tell())
		}
		for _, step := range []struct {
			what, want string
			do         func() error
		}{
			{"tell two people", "11+11", tell},
			{"read one", "4+4", func() error {
				_, err := notification.MarkRead(t.Context(), d, uma, fmt.Sprintf("uma-t1-%06d", next))
				return err
			}},
			{"read all", "2+2", func() error { return notification.MarkAllRead(t.Context(), d, uma) }},
			{"tell again", "11+11", tell},
			{"read a ticket", "4+4", func() error { return notification.MarkTicketRead(t.Context(), d, uma, "t1") }},
			{"list by ticket", "2+0", func() error { _, _, _, err := notification.Threads(t.Context(), d, uma, desk.Page{}); return err }},
			{"mute", "2+1", func() error {
				_, err := notification.Mute(t.Context(), d, uma, string(ticket.ID), true)
				return err
			}},
			{"hear again", "2+1", func() error {
				_, err := notification.Mute(t.Context(), d, uma, string(ticket.ID), false)
				return err
			}},
			{"choose", "1+1", func() error {
				_, err := notification.ChangePreferences(t.Context(), d, uma, func(*notification.Preferences) {})
				return err
			}},
		} {
			m.reads, m.writes = 0, 0
			o.must(step.do())
			if got := fmt.Sprintf("%d+%d", m.reads, m.writes); got != step.want {
				t.Errorf("with %d notices, %s costs %s, want %s", next, step.what, got, step.want)
			}
		}
	}
}
