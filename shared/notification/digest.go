package notification

import (
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/wording"
)

// DigestItem is one piece of news in somebody's next digest.
type DigestItem struct {
	Delivery string         `json:"delivery"` // the digest's id
	Type     Type           `json:"type"`
	Ticket   desk.TicketID  `json:"ticket"`
	Number   string         `json:"number"`
	Say      wording.Phrase `json:"say"`
	Comment  desk.CommentID `json:"comment,omitzero"`
	Lost     bool           `json:"lost,omitzero"`
	At       time.Time      `json:"at"`
}

// shutBefore is how long before its time a digest takes nothing more. It is far longer than
// clocks differ and a transaction lasts, so that nothing is added to what is being sent.
const shutBefore = 5 * time.Minute

// nextDigest is the time of the next digest that still takes something: at that time of
// day, by the clock on the person's wall. Where a day leaves that time out, it is a
// moment beside the gap.
func nextDigest(at string, now time.Time, zone string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	clock, err := time.Parse(hoursAndMinutes, at)
	if err != nil {
		return now
	}
	earliest := now.Add(shutBefore)
	day := now.In(loc)
	for i := range 4 {
		next := time.Date(day.Year(), day.Month(), day.Day()+i, clock.Hour(), clock.Minute(), 0, 0, loc)
		if next.After(earliest) {
			return next.UTC()
		}
	}
	return earliest // no zone skips three days
}

// gather adds a notice to its person's digest. Nothing is read, and the digest itself is
// the same whoever writes it, so that much news at once waits for nobody.
func (n *news) gather(tx *docdb.Tx, notice Notice, say wording.Phrase, at time.Time) error {
	d := Delivery{
		ID: string(notice.Person) + "-" + at.Format("20060102T1504") + "~digest", Person: notice.Person, Channel: Email, Digest: true,
		At: at, HoldUntil: at, State: DeliveryWaiting, DueAt: at,
	}
	expires := at.Add(KeepDeliveries)
	if err := tx.SetUntil(DeliveryKey(d.ID), d, expires); err != nil {
		return err
	}
	return tx.CreateUntil(docdb.Key{Collection: digestItems, ID: notice.ID}, DigestItem{
		Delivery: d.ID, Type: notice.Type, Ticket: notice.Ticket, Number: notice.Number, Say: say, Comment: n.fact.Comment, Lost: n.lost(notice), At: notice.At,
	}, expires)
}

// DigestItems asks for what a digest has gathered, oldest first.
func DigestItems(id string, limit int) docdb.Query {
	return docdb.Query{
		Collection: digestItems,
		Where:      []docdb.Where{{Field: "delivery", Cmp: docdb.Equal, Value: id}},
		Order:      []docdb.Order{{Field: "at"}},
		Limit:      limit,
	}
}
