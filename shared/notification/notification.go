// Package notification tells people what happened to the tickets that concern them,
// each once.
//
// Ideas: who is told is a pure function of a fact (audience.go); a notice is keyed by
// the person and the event, and is written together with the event's marker, so that
// a repeated event makes no second notice. Nobody is told of what they may not see,
// or of what they did themselves. The count of unread notices is kept with them, not
// computed by reading.
//
// It stores notices and inboxes (the unread count, and up to when everything is
// read). It does not send mail or push, and it does not decide permissions: desk does.
package notification

import (
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// Type says what a notice is about; the values are the contract's.
type Type string

// The types of notices.
const (
	Assignment   Type = "assignment"
	Comment      Type = "comment"
	StatusChange Type = "status_change"
	Escalation   Type = "escalation"
	SLABreach    Type = "sla_breach"
	Mention      Type = "mention"
)

// Notice tells one person of one event.
type Notice struct {
	ID        string        `json:"id"` // person, "-", event id
	Person    desk.PersonID `json:"person"`
	Type      Type          `json:"type"`
	Ticket    desk.TicketID `json:"ticket"`
	Number    string        `json:"number"`
	Title     string        `json:"title"`
	Text      string        `json:"text"` // one plain sentence
	Actor     desk.PersonID `json:"actor"`
	ActorName string        `json:"actor_name"`
	Event     string        `json:"event"`
	At        time.Time     `json:"at"` // of telling
	Read      bool          `json:"read"`
}

// Inbox is what is kept per person beside the notices.
type Inbox struct {
	Unread    int64     `json:"unread"`
	ReadUntil time.Time `json:"read_until,omitzero"` // everything up to here is read
}

// The collections of this package.
const (
	notices = "notices"
	inboxes = "inboxes"
)

// Keep is how long notices stay.
const Keep = 180 * 24 * time.Hour

func noticeKey(id string) docdb.Key { return docdb.Key{Collection: notices, ID: id} }
func inboxKey(person desk.PersonID) docdb.Key {
	return docdb.Key{Collection: inboxes, ID: string(person)}
}

// Indexes are the composite indexes that this package's queries need.
func Indexes() []docdb.Index {
	return []docdb.Index{
		docdb.On(notices, "person", "at desc"),
		docdb.On(notices, "person", "read", "at desc"),
	}
}
