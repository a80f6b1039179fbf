package notification

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "notify"

// Kinds are the types of facts that Handle acts on.
var Kinds = []string{
	desk.TicketRouted, desk.TicketUpdated, desk.TicketReplied, desk.TicketNoted, desk.TicketEdited, desk.TicketEscalated, desk.TicketAlarm,
	desk.TicketMerged, desk.TicketUnmerged,
}

// Handle writes the notices of an event. It costs one read for each person to be
// told, and two writes for each who is, beside the marker; a critical escalation
// costs one read more for each admin.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return err
	}
	var admins []desk.PersonID
	if (e.Type == desk.TicketEscalated || e.Type == desk.TicketAlarm) && fact.Priority == desk.PriorityCritical {
		if admins, err = d.Admins(ctx); err != nil {
			return err
		}
	}
	wishes, err := permitted(ctx, d, Audience(e.Type, desk.PersonID(e.Actor), fact, org, admins), fact, fact.Internal || e.Type == desk.TicketNoted, org)
	if err != nil {
		return err
	}
	now := d.Now().UTC().Truncate(time.Microsecond)
	_, err = event.Once(ctx, d.DB, Consumer, e, now, func(tx *docdb.Tx) error {
		for _, w := range wishes {
			if err := tell(tx, w, fact, e, now); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// permitted keeps the wishes of people who are active and may learn of the fact.
func permitted(ctx context.Context, d *desk.Desk, wishes []Wish, fact desk.Fact, note bool, org *desk.Organisation) ([]Wish, error) {
	ids := make([]desk.PersonID, len(wishes))
	for i, w := range wishes {
		ids[i] = w.Person
	}
	people, err := d.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Wish
	for _, w := range wishes {
		p, ok := people[w.Person]
		if ok && !p.Disabled && w.learns(p, fact, note, org) {
			out = append(out, w)
		}
	}
	return out, nil
}

// learns lets somebody who has just lost a ticket hear that it is gone, though they
// may not see it any more.
func (w Wish) learns(p desk.Person, fact desk.Fact, note bool, org *desk.Organisation) bool {
	if c, ok := fact.Changed("assignee"); ok && c.Before == string(w.Person) && w.Type == Assignment {
		return true
	}
	return desk.MayLearn(p.Actor(), fact, note, org)
}

// tell writes one notice. Its time is that of telling, not of the event: what is told
// after somebody marked everything as read is unread.
func tell(tx *docdb.Tx, w Wish, fact desk.Fact, e event.Event, now time.Time) error {
	n := Notice{
		ID: string(w.Person) + "-" + e.ID, Person: w.Person, Type: w.Type, Ticket: desk.TicketID(e.Subject),
		Number: fact.Number, Title: fact.Title, Text: w.Text, Actor: desk.PersonID(e.Actor), ActorName: fact.ActorName,
		Event: e.ID, At: now,
	}
	if err := tx.CreateUntil(noticeKey(n.ID), n, now.Add(Keep)); err != nil {
		return err
	}
	return tx.Add(inboxKey(w.Person), map[string]int64{"unread": 1})
}
