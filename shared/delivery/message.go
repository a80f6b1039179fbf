package delivery

import (
	"context"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/wording"
)

// Why a delivery is dropped rather than sent.
const (
	dropPerson   = "The person is not here any more."
	dropUnwanted = "The person doesn't want this any more."
	dropHidden   = "The person may not see this any more."
)

// message is a delivery as its person may be told of it now, or why they are not. It reads
// the person and their preferences, and with their rights the ticket and the comment.
func (o Office) message(ctx context.Context, d notification.Delivery) (m Message, dropped string, err error) {
	p, err := o.Desk.Person(ctx, d.Person)
	if fault.Is(err, fault.NotFound) || err == nil && p.Disabled {
		return m, dropPerson, nil
	}
	if err != nil {
		return m, "", err
	}
	wants, err := notification.ReadPreferences(ctx, o.Desk, p.Actor())
	if err != nil {
		return m, "", err
	}
	m = Message{Key: d.ID, Person: p, Language: wording.For(p.Locale), Choose: o.link("/settings/notifications")}
	if d.Digest {
		return o.digest(ctx, m, wants, d)
	}
	if !wants.Wants(d.Type, d.Channel) {
		return m, dropUnwanted, nil
	}
	m.Type, m.Ticket, m.Number, m.Title, m.Link = d.Type, d.Ticket, d.Number, d.Title, o.link("/tickets/"+d.Number)
	m.Sentence = d.Say.In(m.Language)
	if d.Lost { // they may not see the ticket, but that it is gone
		m.Link = ""
		return m, "", nil
	}
	m.Comment, err = o.comment(ctx, p.Actor(), d.Ticket, d.Comment)
	if fault.Is(err, fault.NotFound) {
		return m, dropHidden, nil
	}
	return m, "", err
}

// inDigest is how many lines a digest has at most. Whoever gets more has to look anyway.
const inDigest = 50

// digest is a message of what a digest gathered, as far as its person still wants and may
// know of it.
func (o Office) digest(ctx context.Context, m Message, wants notification.Preferences, d notification.Delivery) (Message, string, error) {
	items, err := docdb.Find[notification.DigestItem](ctx, o.Desk.DB, notification.DigestItems(d.ID, inDigest+1))
	if err != nil {
		return m, "", err
	}
	m.More = len(items) > inDigest
	for _, item := range items[:min(len(items), inDigest)] {
		if !wants.Wants(item.Type, d.Channel) {
			continue
		}
		line := News{Number: item.Number, Sentence: item.Say.In(m.Language), Link: o.link("/tickets/" + item.Number)}
		if item.Lost {
			line.Link = ""
		} else if _, err := o.comment(ctx, m.Person.Actor(), item.Ticket, item.Comment); fault.Is(err, fault.NotFound) {
			continue
		} else if err != nil {
			return m, "", err
		}
		m.News = append(m.News, line)
	}
	if len(m.News) == 0 {
		return m, dropHidden, nil
	}
	return m, "", nil
}

// comment is what was said, if anything was, as the person may read it. What they may not
// read is not found, and neither is a ticket that they may not see.
func (o Office) comment(ctx context.Context, a desk.Actor, ticket desk.TicketID, id desk.CommentID) (*desk.Comment, error) {
	if id == "" {
		_, err := o.Desk.Show(ctx, a, string(ticket))
		return nil, err
	}
	c, err := o.Desk.ShowComment(ctx, a, string(ticket), id)
	return &c, err
}
