// Package notification tells people what happened to the tickets that concern them,
// each once.
//
// Ideas: who is told is a pure function of a fact (audience.go); a notice is keyed by
// the person and the event, and is written together with the event's marker, so that
// a repeated event makes no second notice. Nobody is told of what they may not see,
// or of what they did themselves. What is unread is counted with the notices, not by
// reading them (inbox.go), in all and for each ticket (thread.go). People choose what they
// are told, and how (preferences.go).
//
// Feeds (feed.go) are documents that clients listen to: they say that something changed,
// never what it is now. infra/firestore.rules lets a person read their own feed, and staff
// the feeds of their departments and of those below; clients read nothing else.
//
// It stores notices, inboxes, threads, preferences, deliveries, what digests gather, and
// both sorts of feeds.
// Package delivery sends what it keeps to be sent, and desk decides
// permissions.
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
	Epoch     int64         `json:"epoch"` // of the person's inbox; in a later one this is read
}

// The collections of this package.
const (
	notices         = "notices"
	inboxes         = "inboxes"
	threads         = "threads"
	preferences     = "preferences"
	deliveries      = "deliveries"
	digestItems     = "digest_items"
	peopleFeeds     = "feeds_people"
	departmentFeeds = "feeds_departments"
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
		docdb.On(notices, "person", "read", "epoch", "at desc"),
		docdb.On(notices, "person", "ticket", "read", "epoch"),
		docdb.On(threads, "person", "at desc"),
		docdb.On(digestItems, "delivery", "at"),
	}
}
