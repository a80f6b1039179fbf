// Package delivery sends what people are to be told outside the application: it takes the
// deliveries that package notification writes, and notes on each what became of it.
//
// Ideas:
//
//   - Recorded first. An attempt is written before it is made, with a lease, so that two
//     instances never make the same one, and one that died is made again.
//   - Judged again. What was right to tell when it happened may not be when it is sent,
//     hours later: the person reads the ticket through desk with their own rights, and what
//     desk doesn't show them is not sent. No path leads around that, so nothing internal
//     goes to a requester.
//   - A digest is a delivery like any other, whose words are gathered until its time. What it
//     gathered is judged line by line.
//   - As often as needed, and as seldom as possible. A message that was certainly not taken
//     is tried again, with growing pauses, for as long as it is news. One that was certainly
//     taken is never sent again. In between lies what nobody can know: that the other side
//     took it and the answer was lost, or that we died before writing it down. Then it is
//     sent again under the same key, by which the other side can tell.
//
// A Carrier knows one channel: package delivery/email, and gcp/messaging for push.
//
// It stores nothing of its own; it does not decide who is told.
package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/language"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "deliver"

// Kinds are the types of facts that Handle acts on.
var Kinds = []string{notification.Addressed}

// Message is what one person is told, in their language, before a channel gives it a form.
type Message struct {
	Key      string // the same whenever this is sent
	Person   desk.Person
	Language language.Tag
	Type     notification.Type
	Ticket   desk.TicketID
	Number   string
	Title    string
	Sentence string
	Comment  *desk.Comment // that it is about, as the person may read it; nil for none
	Link     string        // where the ticket opens; "" if nobody said where people go
	Choose   string        // where people choose what they are told; likewise
	News     []News        // of a digest, which has nothing else but a person; oldest first
	More     bool          // there is more news than that
}

// News is one line of a digest.
type News struct {
	Number   string
	Sentence string
	Link     string
}

// Carrier hands messages over. It returns nil only when the other side has taken the
// message, and a fault.Permanent when it never will.
type Carrier interface {
	Carry(ctx context.Context, m Message) error
}

// Office sends deliveries.
type Office struct {
	Desk     *desk.Desk
	Carriers map[notification.Channel]Carrier
	Site     string // where people reach the system; links begin with it
}

// atOnce is how many deliveries are on their way at a time, of one call.
const atOnce = 4

// Handle sends the deliveries that a fact tells of. What can't be sent now is found by its
// time, so that one slow mail server holds up no fact.
func (o Office) Handle(ctx context.Context, e event.Event) error {
	var f notification.AddressedFact
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	if err := o.send(ctx, f.Deliveries); err != nil {
		return err
	}
	_, err := event.Once(ctx, o.Desk.DB, Consumer, e, o.now(), func(*docdb.Tx) error { return nil })
	return err
}

// page is how many deliveries are looked up at once.
const page = 100

// Due sends what is due: what waited for the end of quiet hours, what failed before, and
// what nobody came to. It returns how many attempts that were.
func (o Office) Due(ctx context.Context) (tried int, err error) {
	q := notification.DueDeliveries(o.now(), page)
	for {
		found, failed := o.Desk.DB.Query(ctx, q)
		if failed != nil {
			return tried, errors.Join(err, failed)
		}
		ids := make([]string, len(found))
		for i, r := range found {
			ids[i] = r.Key.ID
		}
		err = errors.Join(err, o.send(ctx, ids))
		tried += len(ids)
		if len(found) < page || ctx.Err() != nil {
			return tried, err
		}
		q.After = q.Cursor(found[len(found)-1])
	}
}

// send makes an attempt of each delivery that needs one.
func (o Office) send(ctx context.Context, ids []string) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, id := range ids {
		group.Go(func() error { return o.attempt(ctx, id) })
	}
	return group.Wait()
}

func (o Office) now() time.Time { return o.Desk.Now().UTC().Truncate(time.Microsecond) }

// carry hands one message over, or says why not.
func (o Office) carry(ctx context.Context, d notification.Delivery) (dropped string, err error) {
	m, dropped, err := o.message(ctx, d)
	if dropped != "" || err != nil {
		return dropped, err
	}
	c, ok := o.Carriers[d.Channel]
	if !ok {
		return "", fault.Down(errors.New("delivery: nothing carries " + string(d.Channel) + " here"))
	}
	return "", c.Carry(ctx, m)
}

// link is where something opens.
func (o Office) link(path string) string {
	if o.Site == "" {
		return ""
	}
	return strings.TrimSuffix(o.Site, "/") + path
}
