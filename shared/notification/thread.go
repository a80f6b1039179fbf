package notification

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Thread is what one person has been told of one ticket, and whether they want to be.
type Thread struct {
	Person desk.PersonID `json:"person"`
	Ticket desk.TicketID `json:"ticket"`
	Muted  bool          `json:"muted,omitzero"`
	Latest *Notice       `json:"latest,omitzero"` // nil before the first
	Count  int64         `json:"count"`           // notices so far
	Unread int64         `json:"unread"`          // of them, in the epoch
	Epoch  int64         `json:"epoch"`
	At     time.Time     `json:"at,omitzero"` // of the latest; threads without one are in no list
}

// with is the thread after one more notice. What was unread in an older epoch has been
// read since, all at once.
func (t Thread) with(n Notice) Thread {
	if t.Epoch != n.Epoch {
		t.Unread = 0
	}
	t.Person, t.Ticket, t.Epoch = n.Person, n.Ticket, n.Epoch
	t.Count++
	t.Unread++
	if t.Latest == nil || !n.At.Before(t.Latest.At) {
		t.Latest, t.At = &n, n.At
	}
	return t
}

// save keeps the thread as long as its latest notice, and one that is muted for good.
func (t Thread) save(tx *docdb.Tx) error {
	var expires time.Time
	if !t.Muted && t.Latest != nil {
		expires = t.At.Add(Keep)
	}
	return tx.PutUntil(threadKey(t.Person, t.Ticket), t, expires)
}

// without is the thread after some of its notices of an epoch were read.
func (t Thread) without(epoch int64, read []Notice) Thread {
	if t.Epoch == epoch {
		t.Unread = max(t.Unread-int64(len(read)), 0)
	}
	for _, n := range read {
		if t.Latest != nil && t.Latest.ID == n.ID {
			t.Latest.Read = true
		}
	}
	return t
}

// Threads is a page of the tickets that the actor was told of, the one with the latest
// notice first, and how many notices are unread in all. It reads a document a ticket,
// however many notices each has.
func Threads(ctx context.Context, d *desk.Desk, a desk.Actor, page desk.Page) (items []Thread, next string, unread int64, err error) {
	box, err := readInbox(ctx, d.DB, a.ID)
	if err != nil {
		return nil, "", 0, err
	}
	items, next, err = desk.Find[Thread](ctx, d.DB, docdb.Query{
		Collection: threads,
		Where:      []docdb.Where{{Field: "person", Cmp: docdb.Equal, Value: string(a.ID)}},
		Order:      []docdb.Order{{Field: "at", Desc: true}},
	}, page)
	for i := range items {
		if items[i].Epoch != box.Epoch {
			items[i].Unread = 0
		}
	}
	return items, next, box.unread, err
}

// Mute lets the actor hear no more of a ticket but that they are called by name or that
// it is theirs, or lets them hear again. Doing it again changes nothing.
func Mute(ctx context.Context, d *desk.Desk, a desk.Actor, ref string, muted bool) (Thread, error) {
	ticket, err := d.Show(ctx, a, ref)
	if err != nil {
		return Thread{}, err
	}
	var t Thread
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if t, err = readThread(ctx, tx, a.ID, ticket.ID); err != nil || t.Muted == muted {
			return err
		}
		t.Muted = muted
		if !muted && t.Latest == nil {
			return tx.Delete(threadKey(a.ID, ticket.ID))
		}
		return t.save(tx)
	})
	return t, err
}

// Muted is whether the actor has muted a ticket.
func Muted(ctx context.Context, d *desk.Desk, a desk.Actor, ref string) (bool, error) {
	ticket, err := d.Show(ctx, a, ref)
	if err != nil {
		return false, err
	}
	t, err := readThread(ctx, d.DB, a.ID, ticket.ID)
	return t.Muted, err
}

// readThread is the thread of a person on a ticket, an empty one before there is any.
func readThread(ctx context.Context, r docdb.Reader, person desk.PersonID, ticket desk.TicketID) (Thread, error) {
	t, err := docdb.Get[Thread](ctx, r, threadKey(person, ticket))
	if fault.Is(err, fault.NotFound) {
		return Thread{Person: person, Ticket: ticket}, nil
	}
	return t, err
}

// breaksMute are the types that a muted ticket still makes: somebody wants this person, or
// the ticket is theirs to look after.
func (t Type) breaksMute() bool { return t == Mention || t == Assignment }

func threadKey(person desk.PersonID, ticket desk.TicketID) docdb.Key {
	return docdb.Key{Collection: threads, ID: string(person) + "~" + string(ticket)}
}
