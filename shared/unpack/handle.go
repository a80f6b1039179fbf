package unpack

import (
	"context"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/inbound"
)

// keepIDs is how long a Message-ID is known: a repetition or an answer that comes later is
// a new ticket.
const keepIDs = 365 * 24 * time.Hour

// known is the ticket that a message of somebody else's led to.
type known struct {
	Ticket desk.TicketID `json:"ticket"`
	Mail   string        `json:"mail"`
}

// Handle makes of a received mail what it is. Delivered again, it does nothing; broken off
// anywhere, it goes on where it was. The mail's record says what became of it; the marker
// is for the ledger, which knows facts and no mails.
func (b Box) Handle(ctx context.Context, e event.Event) error {
	if err := b.unpack(ctx, e); err != nil {
		return err
	}
	_, err := event.Once(ctx, b.Desk.DB, inbound.Consumer, e, b.Desk.Now(), func(*docdb.Tx) error { return nil })
	return err
}

func (b Box) unpack(ctx context.Context, e event.Event) error {
	m, err := docdb.Get[inbound.Mail](ctx, b.Desk.DB, inbound.Key(e.Subject))
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(err, fault.Permanent, "unknown_mail", "there is no mail %q", e.Subject)
	}
	if err != nil || m.Outcome != "" {
		return err
	}
	raw, err := inbound.Original(ctx, b.Desk, m.ID)
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(err, fault.Permanent, "mail_gone", "the original of mail %q is not there", m.ID)
	}
	if err != nil {
		return err
	}
	c := &handling{Box: b, ctx: ctx, mail: m, robot: desk.Robot(inbound.Consumer, e.ID, e.Depth)}
	if err := c.sort(raw); err != nil {
		return err
	}
	return c.done()
}

// handling is one mail under way.
type handling struct {
	Box
	ctx    context.Context
	mail   inbound.Mail // its record, being filled
	letter letter
	robot  desk.Actor
	trust  trust
	sender desk.Person // the zero Person for nobody who is known

	original bool   // the whole mail is to be attached for staff
	rejected []file // files that can't be attached
}

// sort finds out what a mail is and does what follows.
func (h *handling) sort(raw []byte) (err error) {
	if h.letter, err = read(raw); err != nil {
		h.letter.raw = raw
		return h.placeholder(err.Error())
	}
	l := h.letter
	h.mail.From, h.mail.Subject, h.mail.MessageID = short(l.from.String(), 300), short(l.subject, 300), short(l.id, 250)
	if kind, why := h.machine(l); kind != "" {
		h.mail.Outcome, h.mail.Reason = kind, why
		return h.bounce()
	}
	h.trust = h.Policy.trusted(l)
	if h.sender, err = h.Desk.PersonAt(h.ctx, l.from.Address); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if h.sender.Disabled {
		h.sender = desk.Person{}
	}
	answered, err := h.reply()
	if err == nil && !answered {
		err = h.open()
	}
	switch fault.KindOf(err) {
	case fault.KeyReuse: // another mail of the same id and words was first
		h.mail.Outcome, h.mail.Reason = inbound.Repeated, "It is the same as an earlier one."
		return h.linkEarlier()
	case fault.Invalid: // a value that the desk doesn't take, which we did not foresee
		return h.placeholder("the desk does not take what it says (" + err.Error() + ")")
	}
	return err
}

func short(s string, most int) string { s, _ = shortened(s, most); return s }

// request names the one effect of a mail. The same Message-ID with the same words is the
// same, whatever servers added on the way; another file with that name is a repetition.
func (h *handling) request(what string) *desk.Request {
	l := h.letter
	id := digest(l.id, l.from.Address, l.subject, first(l.headDate()), l.text, digest(names(l.files)...))
	if l.from.Address == "" { // nothing of it could be read
		id = h.mail.ID
	}
	return &desk.Request{ID: "mail-" + digest(what, id), Fingerprint: h.mail.ID, Keep: keepIDs}
}

// headDate is when the mail says that it was written.
func (l letter) headDate() []string {
	if l.head == nil {
		return nil
	}
	return l.head("Date")
}

// names are the files' names with digests of their contents.
func names(files []file) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.name, digest(string(f.content)))
	}
	return out
}

// bounce says on its ticket that a mail didn't arrive, for staff.
func (h *handling) bounce() error {
	ticket := h.about(h.letter)
	if h.mail.Outcome != inbound.Bounce || ticket == "" {
		return nil
	}
	gone := failed(h.letter)
	if len(gone) == 0 {
		h.mail.Ticket = desk.TicketID(ticket)
		return nil
	}
	body := "A mail about this ticket could not be delivered to `" + strings.Join(gone, "`, `") + "`."
	c, err := h.Desk.Comment(h.ctx, h.robot, ticket, desk.NewComment{Body: body, Internal: true}, desk.Options{Request: h.request("bounce")})
	switch fault.KindOf(err) {
	case "":
		h.mail.Ticket, h.mail.Comment = c.Ticket, c.ID
	case fault.NotFound, fault.Conflict, fault.Invalid, fault.KeyReuse: // deleted, merged, or said already: the record is enough
		return nil
	}
	return err
}

// linkEarlier says which ticket the earlier mail led to.
func (h *handling) linkEarlier() error {
	k, err := h.known(h.letter.id)
	h.mail.Ticket = k.Ticket
	return err
}

func idKey(id string) docdb.Key { return docdb.Key{Collection: mailIDs, ID: digest(id)} }

// known finds what the mail of an id led to, the zero value for nothing.
func (h *handling) known(id string) (known, error) {
	if id == "" {
		return known{}, nil
	}
	k, err := docdb.Get[known](h.ctx, h.Desk.DB, idKey(id))
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return k, err
}

// done writes down what became of the mail, and its Message-ID if it is the first of that.
func (h *handling) done() error {
	h.mail.HandledAt = h.Desk.Now().UTC().Truncate(time.Microsecond)
	return h.Desk.DB.Run(h.ctx, func(tx *docdb.Tx) error {
		before, err := docdb.Get[inbound.Mail](h.ctx, tx, inbound.Key(h.mail.ID))
		if err != nil || before.Outcome != "" {
			return err
		}
		if err := tx.Put(inbound.Key(h.mail.ID), h.mail); err != nil {
			return err
		}
		if h.mail.Ticket == "" || h.letter.id == "" || h.mail.Outcome == inbound.Bounce {
			return nil
		}
		if _, err := docdb.Get[known](h.ctx, tx, idKey(h.letter.id)); !fault.Is(err, fault.NotFound) {
			return err
		}
		return tx.CreateUntil(idKey(h.letter.id), known{h.mail.Ticket, h.mail.ID}, h.mail.HandledAt.Add(keepIDs))
	})
}
