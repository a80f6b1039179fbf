package notification

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is this package's name in markers of handled events. Feeds have markers of
// their own, since they follow in a transaction of their own.
const (
	Consumer     = "notify"
	feedConsumer = "feed"
)

// Kinds are the types of facts that Handle acts on: all there are of tickets. About some
// of them nobody is told, but who looks at the ticket sees it change.
var Kinds = []string{
	desk.TicketCreated, desk.TicketRouted, desk.TicketUpdated, desk.TicketReplied, desk.TicketNoted, desk.TicketEdited, desk.TicketEscalated, desk.TicketAlarm,
	desk.TicketLinked, desk.TicketMerged, desk.TicketUnmerged, desk.TicketAbsorbed, desk.TicketReleased, desk.TicketDivided, desk.TicketRated, desk.TicketDeleted,
}

// Handle writes the notices of an event, and after them the feeds, so that whoever hears
// of a notice finds it. It reads each person concerned, three documents more for each who
// may be told and one for each feed; it writes three for each who is told, one a feed,
// and two markers. A critical escalation costs one read more for each admin.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	n, err := newNews(ctx, d, e)
	if err != nil {
		return err
	}
	var told []Wish
	done := true
	if len(n.wishes) > 0 {
		done, err = event.Once(ctx, d.DB, Consumer, e, n.now, func(tx *docdb.Tx) (err error) {
			told, err = n.tell(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	if !done { // by somebody who may not have come to the feeds
		told = n.wishes
	}
	feeds := circleOf(e, n.fact, n.note, told, n.people, n.org, n.now)
	_, err = event.Once(ctx, d.DB, feedConsumer, e, n.now, func(tx *docdb.Tx) error { return feeds.write(ctx, tx, n.org) })
	return err
}

// Marker returns the name in the last marker that Handle leaves for an event.
func Marker(context.Context, *desk.Desk) (func(event.Event) (string, error), error) {
	return func(event.Event) (string, error) { return feedConsumer, nil }, nil
}

// news is a fact with all that it takes to judge whom it concerns.
type news struct {
	event  event.Event
	fact   desk.Fact
	note   bool // for those only who may read notes
	org    *desk.Organisation
	people map[desk.PersonID]desk.Person // whom it may concern
	wishes []Wish                        // those who may be told, unless they don't want to be
	now    time.Time
}

func newNews(ctx context.Context, d *desk.Desk, e event.Event) (*news, error) {
	n := &news{event: e, now: d.Now().UTC().Truncate(time.Microsecond)}
	if err := json.Unmarshal(e.Data, &n.fact); err != nil {
		return nil, fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	n.note = n.fact.Internal || e.Type == desk.TicketNoted
	var err error
	if n.org, err = d.Organisation(ctx); err != nil {
		return nil, err
	}
	var admins []desk.PersonID
	if (e.Type == desk.TicketEscalated || e.Type == desk.TicketAlarm) && n.fact.Priority == desk.PriorityCritical {
		if admins, err = d.Admins(ctx); err != nil {
			return nil, err
		}
	}
	wishes := Audience(e.Type, desk.PersonID(e.Actor), n.fact, n.org, admins)
	ids := concerned(n.fact)
	for _, w := range wishes {
		if !slices.Contains(ids, w.Person) {
			ids = append(ids, w.Person)
		}
	}
	if n.people, err = d.People(ctx, ids); err != nil {
		return nil, err
	}
	n.wishes = slices.DeleteFunc(wishes, func(w Wish) bool { return !n.permits(w) })
	return n, nil
}

// permits reports whether the person of a wish is active and may learn of the fact.
// Somebody who has just lost a ticket hears that it is gone, though they may not see it
// any more.
func (n *news) permits(w Wish) bool {
	p, ok := n.people[w.Person]
	if !ok || p.Disabled {
		return false
	}
	if c, ok := n.fact.Changed("assignee"); ok && c.Before == string(w.Person) && w.Type == Assignment {
		return true
	}
	return desk.MayLearn(p.Actor(), n.fact, n.note, n.org)
}

// tell writes the notices of those who want them, and returns who was told in the
// application.
func (n *news) tell(ctx context.Context, tx *docdb.Tx) ([]Wish, error) {
	recipients, err := n.recipients(ctx, tx, n.wishes)
	if err != nil {
		return nil, err
	}
	var told []Wish
	var ready []string
	for i, w := range n.wishes {
		r := recipients[i]
		if !r.wants(w) {
			continue
		}
		notice := n.notice(w, r.box.Epoch)
		made, err := n.address(tx, notice, w.Say, r.preferences)
		if err != nil {
			return nil, err
		}
		ready = append(ready, made...)
		if !r.preferences.Wants(w.Type, InApp) {
			continue
		}
		if err := r.take(tx, notice, n.now); err != nil {
			return nil, err
		}
		told = append(told, w)
	}
	return told, n.post(tx, ready)
}

// recipients reads what is kept of those whom wishes name.
func (n *news) recipients(ctx context.Context, tx *docdb.Tx, wishes []Wish) ([]recipient, error) {
	ticket := desk.TicketID(n.event.Subject)
	keys := make([]docdb.Key, 0, 3*len(wishes))
	for _, w := range wishes {
		keys = append(keys, inboxKey(w.Person), threadKey(w.Person, ticket), preferencesKey(w.Person))
	}
	recs, err := tx.Read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	out := make([]recipient, len(wishes))
	for i := range wishes {
		if out[i], err = readRecipient(recs[3*i], recs[3*i+1], recs[3*i+2]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wants reports whether the person did not mute the ticket, or is called by name.
func (r recipient) wants(w Wish) bool { return !r.thread.Muted || w.Type.breaksMute() }

// notice is what a wish becomes. Its time is that of telling, not of the event.
func (n *news) notice(w Wish, epoch int64) Notice {
	return Notice{
		ID: string(w.Person) + "-" + n.event.ID, Person: w.Person, Type: w.Type, Ticket: desk.TicketID(n.event.Subject),
		Number: n.fact.Number, Title: n.fact.Title, Text: w.Say.English(), Actor: desk.PersonID(n.event.Actor), ActorName: n.fact.ActorName,
		Event: n.event.ID, At: n.now, Epoch: epoch,
	}
}

// recipient is what is kept of somebody who may be told.
type recipient struct {
	box         Inbox
	thread      Thread
	preferences Preferences
}

func readRecipient(box, thread, preferences docdb.Record) (r recipient, err error) {
	for _, one := range []struct {
		rec  docdb.Record
		into any
	}{{box, &r.box}, {thread, &r.thread}, {preferences, &r.preferences}} {
		if one.rec.Exists() {
			if err := docdb.Decode(one.rec, one.into); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// take writes a notice, and counts it where its person and its ticket are counted. The
// person's count is added to without a condition: a manager of whom many facts are told at
// once is no bottleneck.
func (r recipient) take(tx *docdb.Tx, n Notice, now time.Time) error {
	if err := tx.CreateUntil(noticeKey(n.ID), n, now.Add(Keep)); err != nil {
		return err
	}
	if err := tx.Add(inboxKey(n.Person), map[string]int64{counter(n.Epoch): 1}); err != nil {
		return err
	}
	return r.thread.with(n).save(tx)
}
