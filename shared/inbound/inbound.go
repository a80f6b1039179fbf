// Package inbound keeps the mails that the desk receives, as they came, and what became of
// each.
//
// Ideas:
//
//   - A mail is kept before anybody looks at it (Take): its bytes in the bucket for mails
//     under their own SHA-256, then its record with the fact mail.received in one
//     transaction. Only then is the sender's server told that we have it, so whatever breaks
//     afterwards can be done again from the original.
//   - Each mail has one record with one outcome. So the outcomes add up to the mails
//     received, and none is dropped unseen.
//
// What it stores: mails, one record each; objects in the bucket for mails. A typical use:
//
//	m, err := inbound.Take(ctx, d, raw, "push")
//
// It doesn't read what is in a mail; package unpack does, from the fact.
package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is the name of the function that handles received mails, and Kinds what it acts
// on.
const Consumer = "unpack"

// Received is the type of the fact that a mail is kept and waits to be handled.
const Received = "mail.received"

// Kinds are the facts that it acts on.
var Kinds = []string{Received}

// MaxSize is how large a mail may be, in bytes: what a function takes in one request, and
// more than most servers let through.
const MaxSize = 30 << 20

// Outcome is what became of a mail.
type Outcome string

// The outcomes; a mail that waits to be handled has none.
const (
	NewTicket   Outcome = "ticket"      // it opened one
	Reply       Outcome = "reply"       // it became a reply on one
	Placeholder Outcome = "placeholder" // it could not be read, and a ticket says so
	Automatic   Outcome = "automatic"   // a machine wrote it; it is only recorded
	Bounce      Outcome = "bounce"      // it says that a mail of ours didn't arrive
	Loop        Outcome = "loop"        // it is our own, or goes round in circles
	Repeated    Outcome = "repeated"    // it is the same as an earlier one
)

// Outcomes lists them.
var Outcomes = []Outcome{NewTicket, Reply, Placeholder, Automatic, Bounce, Loop, Repeated}

// Mail is the record of one mail.
type Mail struct {
	ID         string         `json:"id"` // SHA-256 of its bytes; also the name of its object
	Size       int            `json:"size"`
	Via        string         `json:"via"` // "push" or "pipe"
	ReceivedAt time.Time      `json:"received_at"`
	Outcome    Outcome        `json:"outcome"`
	Reason     string         `json:"reason"` // why, in a sentence
	From       string         `json:"from"`   // as it claims
	Subject    string         `json:"subject"`
	MessageID  string         `json:"message_id"`
	Ticket     desk.TicketID  `json:"ticket"`
	Comment    desk.CommentID `json:"comment"`
	NotTaken   []string       `json:"not_taken"` // names of files that were not attached
	HandledAt  time.Time      `json:"handled_at,omitzero"`
}

// mails is the collection of this package.
const mails = "mails"

// Indexes are the composite indexes that its queries need.
func Indexes() []docdb.Index {
	return []docdb.Index{docdb.On(mails, "outcome", "received_at desc")}
}

// Key is where a mail's record lies.
func Key(id string) docdb.Key { return docdb.Key{Collection: mails, ID: id} }

// original is where a mail lies as it came.
func original(id string) blob.Ref { return blob.Ref{Bucket: blob.Mail, Name: id} }

// Take keeps a mail and says that it came. Only when it returns without an error may the
// sender's server forget the mail. The same one again changes nothing.
func Take(ctx context.Context, d *desk.Desk, raw []byte, via string) (Mail, error) {
	if len(raw) > MaxSize {
		return Mail{}, fault.New(fault.Invalid, "too_large", "A mail has at most %d MB.", MaxSize>>20)
	}
	sum := sha256.Sum256(raw)
	m := Mail{ID: hex.EncodeToString(sum[:]), Size: len(raw), Via: via, ReceivedAt: d.Now().UTC().Truncate(time.Microsecond), NotTaken: []string{}}
	if _, err := d.Files.Put(ctx, original(m.ID), blob.Head{Type: "application/octet-stream"}, raw); err != nil {
		return m, err
	}
	before, err := d.DB.RunUnless(ctx, Key(m.ID), func(tx *docdb.Tx) error {
		if err := tx.Create(Key(m.ID), m); err != nil {
			return err
		}
		return event.Append(tx, event.Event{ID: "mail-" + m.ID, Type: Received, Subject: m.ID, Sequence: 1, At: m.ReceivedAt, Actor: "robot:" + Consumer})
	})
	if err == nil && before.Exists() {
		err = docdb.Decode(before, &m)
	}
	return m, err
}

// Original reads a mail as it came, for operators. Nobody has checked what is in it.
func Original(ctx context.Context, d *desk.Desk, id string) ([]byte, error) {
	if !blob.ValidName(id) {
		return nil, fault.Missing("mail")
	}
	return d.Files.Get(ctx, original(id), MaxSize)
}

// List lists what mails came, newest first, to those who may see that.
func List(ctx context.Context, d *desk.Desk, a desk.Actor, of Outcome, page desk.Page) ([]Mail, string, error) {
	if err := desk.AllowAdmin(a, desk.MailRead); err != nil {
		return nil, "", err
	}
	q := docdb.Query{Collection: mails, Order: []docdb.Order{{Field: "received_at", Desc: true}}}
	if of != "" {
		q.Where = []docdb.Where{{Field: "outcome", Cmp: docdb.Equal, Value: string(of)}}
	}
	return desk.Find[Mail](ctx, d.DB, q, page)
}

// Show returns one mail's record to those who may see that.
func Show(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (Mail, error) {
	if err := desk.AllowAdmin(a, desk.MailRead); err != nil {
		return Mail{}, err
	}
	return Find(ctx, d, id)
}

// Find returns one mail's record, whoever asks; it is for operations.
func Find(ctx context.Context, d *desk.Desk, id string) (Mail, error) {
	if !blob.ValidName(id) {
		return Mail{}, fault.Missing("mail")
	}
	m, err := docdb.Get[Mail](ctx, d.DB, Key(id))
	if fault.Is(err, fault.NotFound) {
		return m, fault.Missing("mail")
	}
	return m, err
}
