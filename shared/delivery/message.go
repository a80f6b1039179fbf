package delivery

import (
	"context"

	"ticketsystem.example/shared/desk"
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
	if !wants.Wants(d.Type, d.Channel) {
		return m, dropUnwanted, nil
	}
	m = Message{
		Key: d.ID, Person: p, Language: wording.For(p.Locale), Type: d.Type, Ticket: d.Ticket,
		Number: d.Number, Title: d.Title, Link: o.link(d.Number),
	}
	m.Sentence = d.Say.In(m.Language)
	if d.Lost { // they may not see the ticket, but that it is gone
		m.Link = ""
		return m, "", nil
	}
	m.Comment, err = o.comment(ctx, p.Actor(), d)
	if fault.Is(err, fault.NotFound) {
		return m, dropHidden, nil
	}
	return m, "", err
}

// comment is what was said, if anything was, as the person may read it. What they may not
// read is not found, and neither is a ticket that they may not see.
func (o Office) comment(ctx context.Context, a desk.Actor, d notification.Delivery) (*desk.Comment, error) {
	if d.Comment == "" {
		_, err := o.Desk.Show(ctx, a, string(d.Ticket))
		return nil, err
	}
	c, err := o.Desk.ShowComment(ctx, a, string(d.Ticket), d.Comment)
	return &c, err
}
