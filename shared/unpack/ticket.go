package unpack

import (
	"fmt"
	"regexp"
	"strings"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/markdown"
)

// Tags that say what people should know of a mail before they believe it.
const (
	tagUnverified = "sender-not-verified" // the address may be somebody else's
	tagUnmatched  = "unmatched-reply"     // it answers a ticket to which its sender may not write
	tagUnreadable = "unreadable-mail"
)

// numberInSubject is a ticket's number as people leave it in a subject.
var numberInSubject = regexp.MustCompile(`\bTKT-\d{6}-\d{4,}\b`)

// named finds the ticket that a mail says it belongs to. proof is that it names it by a
// token, which only those have to whom we wrote about the ticket.
func (h *handling) named() (ticket string, proof bool, err error) {
	l := h.letter
	if t := first(h.tokens(append(l.to, l.answers...)...)); t != "" {
		return t, true, nil
	}
	for _, id := range l.answers[:min(len(l.answers), 5)] {
		k, err := h.known(id)
		if err != nil || k.Ticket != "" {
			return string(k.Ticket), false, err
		}
	}
	return numberInSubject.FindString(l.subject), false, nil
}

// believed reports whether the sender is taken for the person whose address it is, to write
// to a ticket. A token shows that somebody was written to about it, so it is enough for what
// a requester can say there; whoever works on tickets needs a verified address, or anyone
// with the token could answer in their name.
func (h *handling) believed(proof bool) bool {
	switch {
	case h.sender.ID == "" || h.trust == forged:
		return false
	case h.trust == verified:
		return true
	}
	return proof && h.sender.Role == desk.RoleUser
}

// reply adds the mail to the ticket that it names, if its sender may write there.
func (h *handling) reply() (bool, error) {
	ref, proof, err := h.named()
	if err != nil || ref == "" || !h.believed(proof) {
		return false, err
	}
	a := h.sender.Actor()
	t, err := h.Desk.Show(h.ctx, a, ref)
	for n := 0; err == nil && t.MergedInto != nil && n < 8; n++ {
		t, err = h.Desk.Show(h.ctx, a, string(t.MergedInto.Ticket))
	}
	if err == nil {
		body := h.body(fresh(h.letter.text), desk.MaxComment)
		var c desk.Comment
		if c, err = h.Desk.Comment(h.ctx, a, string(t.ID), desk.NewComment{Body: body}, desk.Options{Request: h.request("mail")}); err == nil {
			h.mail.Outcome, h.mail.Ticket, h.mail.Comment = inbound.Reply, ticketOf(string(c.ID)), c.ID
			h.mail.Reason = "It answers the ticket."
			return true, h.attach(a)
		}
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		return false, nil
	}
	return false, err
}

// ticketOf is the ticket of an id: a repeated mail may find that it opened one before it
// was taken for a reply, or the other way round.
func ticketOf(id string) desk.TicketID {
	id, _, _ = strings.Cut(id, "-")
	return desk.TicketID(id)
}

// open makes a ticket of the mail: its sender's if they are believed, else the desk's own.
func (h *handling) open() error {
	l := h.letter
	ref, _, err := h.named()
	if err != nil {
		return err
	}
	var tags []string
	if ref != "" {
		tags = append(tags, tagUnmatched)
	}
	if h.trust != verified && (h.Policy.Checker != "" || h.trust == forged) {
		tags = append(tags, tagUnverified)
	}
	a := h.robot
	switch {
	case h.trust == forged:
	case h.sender.ID != "":
		a = h.sender.Actor()
	case h.Policy.Introduce:
		p, err := h.Desk.Introduce(h.ctx, h.robot, h.senderName(), l.from.Address)
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
			return err
		}
		if err == nil && !p.Disabled {
			a = p.Actor()
		}
	}
	text := l.text
	if a.Role == desk.RoleRobot {
		text = "From: " + code(l.from.String()) + "\n\n" + text
	}
	t, err := h.Desk.Create(h.ctx, a, desk.NewTicket{
		Title: title(l.subject), Description: h.body(text, desk.MaxDescription), Source: "email", Tags: tags,
	}, desk.Options{Request: h.request("mail")})
	if err != nil {
		return err
	}
	h.mail.Outcome, h.mail.Reason, h.mail.Ticket = inbound.NewTicket, "It opened a ticket.", ticketOf(string(t.ID))
	return h.attach(a)
}

// senderName is what the sender calls themselves, or the address.
func (h *handling) senderName() string {
	if n := short(h.letter.from.Name, 100); n != "" {
		return n
	}
	return short(h.letter.from.Address, 200)
}

// title is a subject as a ticket has it.
func title(subject string) string {
	switch n := len([]rune(subject)); {
	case n == 0:
		return "(no subject)"
	case n < desk.MinTitle:
		return "Mail: " + subject
	}
	return short(subject, desk.MaxTitle)
}

// code is a text that Markdown shows as it stands.
func code(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

// body is what a ticket or a reply says: the text, what was not attached, and that
// something is missing. h then knows whether staff need the original.
func (h *handling) body(text string, most int) string {
	var notes []string
	if text == "" {
		text = "(This mail has no text.)"
	}
	if h.letter.damaged {
		notes = append(notes, "[Parts of this mail could not be read.]")
	}
	h.letter.files, h.rejected = h.takable(h.letter.files)
	for _, f := range h.rejected {
		notes = append(notes, "[Not attached: "+code(short(f.name, 100))+"]")
	}
	if len(notes) > 12 {
		notes = append(notes[:12], fmt.Sprintf("[and %d more]", len(notes)-12))
	}
	if len(markdown.Mentions(text)) > desk.MaxMentions { // addresses and code, not calls
		text = strings.ReplaceAll(text, "@", "\\@")
	}
	tail := strings.Join(notes, "\n")
	text, cut := shortened(text, most-len([]rune(tail))-100)
	if cut {
		text += "\n\n[The rest of this mail was cut off.]"
	}
	h.original = h.original || cut || h.letter.damaged
	return clean(text + "\n\n" + tail)
}

// placeholder makes a ticket of a mail that can't be read, so that somebody sees it.
func (h *handling) placeholder(why string) error {
	why = short(line(why), 300)
	h.mail.Outcome, h.mail.Reason, h.original = inbound.Placeholder, "It can't be read: "+why+".", true
	about := fmt.Sprintf("A mail of %d bytes came at %s and can't be read: %s.\n\nIts original is attached for staff as soon as it is checked. It is also kept under this id: %s",
		h.mail.Size, h.mail.ReceivedAt.Format("2006-01-02 15:04 MST"), why, code(h.mail.ID))
	if h.mail.From != "" {
		about += "\n\nIt says that it is from " + code(h.mail.From)
	}
	name := "A mail that can't be read"
	if h.mail.Subject != "" {
		name += ": " + h.mail.Subject
	}
	t, err := h.Desk.Create(h.ctx, h.robot, desk.NewTicket{
		Title: short(name, desk.MaxTitle), Description: about, Source: "email", Tags: []string{tagUnreadable},
	}, desk.Options{Request: &desk.Request{ID: "mail-" + digest("placeholder", h.mail.ID), Fingerprint: h.mail.ID, Keep: keepIDs}})
	if err != nil {
		return err
	}
	h.mail.Ticket, h.letter.files = t.ID, nil
	return h.attach(h.robot)
}
