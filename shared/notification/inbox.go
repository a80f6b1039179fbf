package notification

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// List is a page of the actor's own notices, newest first, with the count of unread
// ones. onlyUnread leaves out what has been read.
func List(ctx context.Context, d *desk.Desk, a desk.Actor, onlyUnread bool, page desk.Page) (items []Notice, next string, unread int64, err error) {
	box, err := inbox(ctx, d.DB, a.ID)
	if err != nil {
		return nil, "", 0, err
	}
	q := docdb.Query{
		Collection: notices,
		Where:      []docdb.Where{{Field: "person", Cmp: docdb.Equal, Value: string(a.ID)}},
		Order:      []docdb.Order{{Field: "at", Desc: true}},
	}
	if onlyUnread {
		q.Where = append(q.Where, docdb.Where{Field: "read", Cmp: docdb.Equal, Value: false})
		if !box.ReadUntil.IsZero() {
			q.Where = append(q.Where, docdb.Where{Field: "at", Cmp: docdb.More, Value: docdb.Stamp(box.ReadUntil)})
		}
	}
	items, next, err = desk.Find[Notice](ctx, d.DB, q, page)
	for i := range items {
		items[i].Read = items[i].Read || !items[i].At.After(box.ReadUntil)
	}
	return items, next, max(box.Unread, 0), err
}

// MarkRead marks one of the actor's notices as read. Doing it again changes nothing;
// somebody else's notice is not found.
func MarkRead(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (Notice, error) {
	var n Notice
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if !desk.ValidID(id) {
			return fault.Missing("notification")
		}
		recs, err := tx.Read(ctx, noticeKey(id), inboxKey(a.ID))
		if err != nil {
			return err
		}
		if !recs[0].Exists() || recs[0].Fields["person"] != string(a.ID) {
			return fault.Missing("notification")
		}
		var box Inbox
		n = Notice{}
		if err := docdb.Decode(recs[0], &n); err != nil {
			return err
		}
		if err := docdb.Decode(recs[1], &box); err != nil {
			return err
		}
		if n.Read || !n.At.After(box.ReadUntil) {
			n.Read = true
			return nil
		}
		n.Read = true
		if err := tx.Put(noticeKey(id), n); err != nil {
			return err
		}
		return tx.Add(inboxKey(a.ID), map[string]int64{"unread": -1})
	})
	return n, err
}

// MarkAllRead marks everything up to now as read, with one write however much it is.
func MarkAllRead(ctx context.Context, d *desk.Desk, a desk.Actor) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if _, err := tx.Read(ctx, inboxKey(a.ID)); err != nil {
			return err
		}
		return tx.Put(inboxKey(a.ID), Inbox{ReadUntil: d.Now().UTC().Truncate(time.Microsecond)})
	})
}

func inbox(ctx context.Context, r docdb.Reader, person desk.PersonID) (Inbox, error) {
	box, err := docdb.Get[Inbox](ctx, r, inboxKey(person))
	if fault.Is(err, fault.NotFound) {
		return Inbox{}, nil
	}
	return box, err
}
