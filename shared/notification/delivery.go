package notification

import (
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/wording"
)

// Addressed is the type of the fact that deliveries were written which may go out at once.
// What has to wait for the end of quiet hours is found by its time.
const Addressed = "notice.addressed"

// AddressedFact is what such a fact carries.
type AddressedFact struct {
	Deliveries []string `json:"deliveries"` // their ids
}

// Delivery is a notice that is to go out by one other channel than the application. It is
// written together with what makes sure that an event tells once, so that whoever sends it
// has a key for each message, and it is where they note what became of it.
type Delivery struct {
	ID        string         `json:"id"` // of the notice, "~", channel
	Person    desk.PersonID  `json:"person"`
	Channel   Channel        `json:"channel"`
	Type      Type           `json:"type"`
	Ticket    desk.TicketID  `json:"ticket"`
	Number    string         `json:"number"`
	Title     string         `json:"title"`
	Say       wording.Phrase `json:"say"`
	Comment   desk.CommentID `json:"comment,omitzero"` // that the notice is about
	Lost      bool           `json:"lost,omitzero"`    // it says that the ticket is not the person's any more
	Event     string         `json:"event"`
	At        time.Time      `json:"at"`
	HoldUntil time.Time      `json:"hold_until,omitzero"` // the end of the person's quiet hours, or the time of their digest
	Digest    bool           `json:"digest,omitzero"`     // it gathers what DigestItems finds, and says nothing of its own

	State    DeliveryState `json:"state"`
	DueAt    time.Time     `json:"due_at,omitzero"` // when it is tried, or tried again; zero when it is over
	Attempts int           `json:"attempts"`
	SentAt   time.Time     `json:"sent_at,omitzero"`
	Reason   string        `json:"reason,omitzero"` // for operators: why the latest attempt failed, or why there was none
}

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting" // for its first or next attempt
	DeliverySending DeliveryState = "sending" // somebody is at it, until DueAt
	DeliverySent    DeliveryState = "sent"
	DeliveryRefused DeliveryState = "refused" // for good, by whoever takes messages for the person
	DeliveryExpired DeliveryState = "expired" // tried in vain for as long as it was news
	DeliveryDropped DeliveryState = "dropped" // not wanted or not allowed any more when its time came
)

// KeepDeliveries is how long a delivery stays, to be looked at. Nothing is sent so late.
const KeepDeliveries = 7 * 24 * time.Hour

// Grace is how long a delivery is left to the fact that tells of it before it is found by
// its time.
const Grace = time.Minute

// DeliveryKey is where a delivery lies.
func DeliveryKey(id string) docdb.Key { return docdb.Key{Collection: deliveries, ID: id} }

// DueDeliveries asks for those whose time has come, the most overdue first.
func DueDeliveries(now time.Time, limit int) docdb.Query {
	return docdb.Query{
		Collection: deliveries,
		Where:      []docdb.Where{{Field: "due_at", Cmp: docdb.LessEqual, Value: docdb.Stamp(now)}},
		Order:      []docdb.Order{{Field: "due_at"}},
		Limit:      limit,
	}
}

// address keeps what is to go out by other channels, and returns the ids of what may go
// at once.
func (n *news) address(tx *docdb.Tx, notice Notice, say wording.Phrase, p Preferences) (ready []string, err error) {
	zone := n.people[notice.Person].Zone
	until := p.Quiet.until(n.now, zone)
	for _, channel := range p.later(notice.Type) {
		if channel == Email && p.Digest != "" {
			if err := n.gather(tx, notice, say, nextDigest(p.Digest, n.now, zone)); err != nil {
				return nil, err
			}
			continue
		}
		d := Delivery{
			ID: notice.ID + "~" + string(channel), Person: notice.Person, Channel: channel, Type: notice.Type,
			Ticket: notice.Ticket, Number: notice.Number, Title: notice.Title, Say: say, Comment: n.fact.Comment,
			Lost: n.lost(notice), Event: notice.Event, At: notice.At, HoldUntil: until,
			State: DeliveryWaiting, DueAt: n.now.Add(Grace),
		}
		if until.IsZero() {
			ready = append(ready, d.ID)
		} else {
			d.DueAt = until
		}
		if err := tx.CreateUntil(DeliveryKey(d.ID), d, n.now.Add(KeepDeliveries)); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// lost reports whether the notice tells its person that the ticket is theirs no more.
func (n *news) lost(notice Notice) bool {
	c, ok := n.fact.Changed("assignee")
	return ok && c.Before == string(notice.Person) && notice.Type == Assignment
}

// post appends the fact that these deliveries may go out. At the end of the longest chain
// of causes there is none, and they are found by their time.
func (n *news) post(tx *docdb.Tx, ready []string) error {
	if len(ready) == 0 || n.event.Depth >= event.MaxDepth {
		return nil
	}
	data, err := json.Marshal(AddressedFact{ready})
	if err != nil {
		return err
	}
	return event.Append(tx, event.Event{
		ID: n.event.ID + "-addressed", Type: Addressed, Subject: n.event.Subject, Sequence: n.event.Sequence, At: n.now,
		Actor: "robot:" + Consumer, Cause: n.event.ID, Depth: n.event.Depth + 1, Data: data, Trace: n.event.Trace,
	})
}
