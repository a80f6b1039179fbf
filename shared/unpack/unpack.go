// Package unpack makes something visible of every mail that the desk receives: a reply on
// its ticket, a new ticket, or a placeholder for what can't be read.
//
// Ideas:
//
//   - From is a claim, not a proof. Who wrote is believed by what the receiving server found
//     (Authentication-Results), and by the token of a ticket for what a requester may do
//     there. A sender who may not write to the ticket that a mail names opens a new one,
//     which tells them nothing of the other.
//   - Mails of machines are records and no tickets: our own that came back, bounces and
//     automatic answers. So two desks can't keep each other busy.
//   - Whatever can't be read, by whatever mistake in it or in our parser, becomes a ticket
//     that says so. Tickets, replies, placeholders, records and repetitions add up to the
//     mails received.
//   - The same mail twice is one: by its content, and by its Message-ID with what it says,
//     since each server on the way adds lines of its own.
//
// What it stores: mail_ids, the ticket of each Message-ID, for a year; tickets, comments and
// files by way of package desk. Files of a mail go through quarantine like any upload. A
// typical use:
//
//	box := unpack.Box{Desk: d, Threads: threads}
//	err := box.Handle(ctx, e) // the fact mail.received
//
// It sends nothing and answers nobody.
package unpack

import (
	"crypto/sha256"
	"encoding/hex"

	"ticketsystem.example/shared/desk"
)

// Threads finds the ticket that an address or the id of a message of ours names.
type Threads interface {
	Ticket(s string) (ticket string, ok bool)
}

// Policy is how far senders are believed.
type Policy struct {
	// Checker is the name under which the receiving server writes Authentication-Results;
	// without one nobody's address is ever verified.
	Checker string
	// Introduce makes whoever writes and isn't known a requester; otherwise their mails are
	// tickets of the desk itself, for people to sort out.
	Introduce bool
	// Machines are addresses, or domains as "@example.org", whose automatic mails are tickets
	// too, such as those of a monitoring system.
	Machines []string
}

// Box is where mails are handled.
type Box struct {
	Desk    *desk.Desk // with its store for files
	Threads Threads
	Policy  Policy
}

// mailIDs is the collection of this package.
const mailIDs = "mail_ids"

// digest is a name made of parts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
