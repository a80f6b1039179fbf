package notification

import (
	"context"
	"strconv"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Inbox is what is kept per person beside the notices: the current epoch, and a counter
// of unread notices for it. Reading everything begins the next epoch, with one write
// however much there is: notices of an older one are read, and so is one that was being
// written just then, whose count goes to an older counter. No order of these, and no two
// clocks, can make the count and the notices disagree.
type Inbox struct {
	Epoch  int64 `json:"epoch"`
	unread int64 // the epoch's counter, as read
}

// counter is the field of an inbox that counts the unread notices of an epoch.
func counter(epoch int64) string { return "unread_" + strconv.FormatInt(epoch, 10) }

// List is a page of the actor's own notices, newest first, with the count of unread
// ones. onlyUnread leaves out what has been read.
func List(ctx context.Context, d *desk.Desk, a desk.Actor, onlyUnread bool, page desk.Page) (items []Notice, next string, unread int64, err error) {
	box, err := readInbox(ctx, d.DB, a.ID)
	if err != nil {
		return nil, "", 0, err
	}
	q := docdb.Query{
		Collection: notices,
		Where:      []docdb.Where{{Field: "person", Cmp: docdb.Equal, Value: string(a.ID)}},
		Order:      []docdb.Order{{Field: "at", Desc: true}},
	}
	if onlyUnread {
		q.Where = append(q.Where, unreadIn(box.Epoch)...)
	}
	items, next, err = desk.Find[Notice](ctx, d.DB, q, page)
	for i := range items {
		items[i].Read = items[i].Read || items[i].Epoch != box.Epoch
	}
	return items, next, box.unread, err
}

// unreadIn asks for what is unread.
func unreadIn(epoch int64) []docdb.Where {
	return []docdb.Where{{Field: "read", Cmp: docdb.Equal, Value: false}, {Field: "epoch", Cmp: docdb.Equal, Value: epoch}}
}

// MarkRead marks one of the actor's notices as read. Doing it again changes nothing;
// somebody else's notice is not found.
func MarkRead(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (Notice, error) {
	var n Notice
	now := d.Now().UTC().Truncate(time.Microsecond)
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if !desk.ValidID(id) {
			return fault.Missing("notification")
		}
		n = Notice{}
		found, err := docdb.Get[Notice](ctx, tx, noticeKey(id))
		if fault.Is(err, fault.NotFound) || err == nil && found.Person != a.ID {
			return fault.Missing("notification")
		}
		if err != nil {
			return err
		}
		box, err := readInbox(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		n = found
		if n.Read || n.Epoch != box.Epoch {
			n.Read = true
			return nil
		}
		n.Read = true
		return markRead(ctx, tx, a.ID, n.Ticket, box.Epoch, []Notice{n}, now)
	})
	return n, err
}

// readAtOnce is how many notices of a ticket one transaction marks as read.
const readAtOnce = 100

// MarkTicketRead marks what the actor was told of a ticket as read. By id it asks for no
// right to the ticket: who has lost it may still read what they were told before. By
// number the ticket must be found, which only those may who see it. It costs a read and a
// write for each notice that was unread, and some per hundred of them.
func MarkTicketRead(ctx context.Context, d *desk.Desk, a desk.Actor, ref string) error {
	ticket := desk.TicketID(ref)
	if desk.IsNumber(ref) {
		found, err := d.Show(ctx, a, ref)
		if err != nil {
			return err
		}
		ticket = found.ID
	}
	if !desk.ValidID(ref) {
		return fault.Missing("ticket")
	}
	now := d.Now().UTC().Truncate(time.Microsecond)
	for more := true; more; {
		err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
			more = false
			box, err := readInbox(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			found, err := docdb.Find[Notice](ctx, tx, docdb.Query{
				Collection: notices,
				Where: append(unreadIn(box.Epoch),
					docdb.Where{Field: "person", Cmp: docdb.Equal, Value: string(a.ID)},
					docdb.Where{Field: "ticket", Cmp: docdb.Equal, Value: string(ticket)}),
				Limit: readAtOnce,
			})
			if err != nil || len(found) == 0 {
				return err
			}
			more = len(found) == readAtOnce
			return markRead(ctx, tx, a.ID, ticket, box.Epoch, found, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// markRead writes unread notices of one ticket, which tx has read, as read ones, and takes
// them out of the counts.
func markRead(ctx context.Context, tx *docdb.Tx, person desk.PersonID, ticket desk.TicketID, epoch int64, found []Notice, now time.Time) error {
	thread, err := readThread(ctx, tx, person, ticket)
	if err != nil {
		return err
	}
	if err := readElsewhere(ctx, tx, person, now); err != nil {
		return err
	}
	for _, n := range found {
		n.Read = true
		if err := tx.PutUntil(noticeKey(n.ID), n, n.At.Add(Keep)); err != nil {
			return err
		}
	}
	if thread.Latest != nil {
		if err := thread.without(epoch, found).save(tx); err != nil {
			return err
		}
	}
	return tx.Add(inboxKey(person), map[string]int64{counter(epoch): -int64(len(found))})
}

// MarkAllRead marks everything so far as read, with one write however much it is, and one
// for the person's feed.
func MarkAllRead(ctx context.Context, d *desk.Desk, a desk.Actor) error {
	now := d.Now().UTC().Truncate(time.Microsecond)
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		box, err := readInbox(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if err := readElsewhere(ctx, tx, a.ID, now); err != nil {
			return err
		}
		return tx.Put(inboxKey(a.ID), Inbox{Epoch: box.Epoch + 1})
	})
}

// readInbox is a person's inbox, an empty one before there is any.
func readInbox(ctx context.Context, r docdb.Reader, person desk.PersonID) (Inbox, error) {
	var box Inbox
	recs, err := r.Read(ctx, inboxKey(person))
	if err != nil || !recs[0].Exists() {
		return box, err
	}
	if err := docdb.Decode(recs[0], &box); err != nil {
		return box, err
	}
	box.unread, _ = recs[0].Fields[counter(box.Epoch)].(int64)
	return box, nil
}
