// Package event carries facts from the change that made them to everything that
// follows from them: nothing lost, nothing twice.
//
// Ideas:
//
//   - A fact is appended to the outbox in the transaction that makes it true
//     (Append), so there is no change without its fact and no fact without its change.
//   - Relay drains the outbox to a Publisher, oldest first, and moves what was taken
//     to the archive, where it stays. If it dies in between, the fact is published
//     again: at least once.
//   - Once makes a consumer idempotent: its effect and a marker with the event's id
//     are one transaction, so at least once becomes exactly one effect.
//   - Each event carries how deep it is in a chain of causes; a chain deeper than
//     MaxDepth is a loop and is refused.
//
// It does not know what the events mean, and it does not know Pub/Sub.
package event

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Schema is the version of the Event shape. Consumers read this and all older ones.
const Schema = 1

// MaxDepth is the longest chain of events that cause each other.
const MaxDepth = 8

// Event is one published fact. It says what changed, never the words of a message.
type Event struct {
	Schema   int            `json:"schema"`
	ID       string         `json:"id"`       // also the key of every effect
	Type     string         `json:"type"`     // e.g. "ticket.created"
	Subject  string         `json:"subject"`  // id of the ticket (or other thing) it is about
	Sequence int64          `json:"sequence"` // counts the subject's events from 1
	At       time.Time      `json:"at"`
	Actor    string         `json:"actor"`           // person id, or "robot:route"
	Cause    string         `json:"cause,omitzero"`  // id of the event that led to this one
	Depth    int            `json:"depth"`           // 0 for what a person did
	Data     jsontext.Value `json:"data,omitempty"`  // by type; see the type's owner
	Trace    string         `json:"trace,omitempty"` // trace id of the request that made it
	For      string         `json:"for,omitempty"`   // the one consumer that it goes to again; empty for all
}

// Collections of this package.
const (
	OutboxCollection  = "outbox"
	ArchiveCollection = "facts"
	EffectCollection  = "effects"
)

// Append puts an event into the outbox, as part of tx.
func Append(tx *docdb.Tx, e Event) error {
	if e.Depth > MaxDepth {
		return fault.New(fault.Permanent, "loop", "event %s of type %s would be number %d in a chain of causes", e.ID, e.Type, e.Depth)
	}
	e.Schema = Schema
	e.For = ""
	return tx.Create(outboxKey(e), e)
}

// Again puts an event into the outbox once more, as part of tx, for one consumer alone:
// the others had it, perhaps so long ago that their markers are gone. While it waits
// there, putting it in again changes nothing.
func Again(tx *docdb.Tx, e Event, consumer string) error {
	e.For = consumer
	return tx.Set(outboxKey(e), e)
}

// outboxKey is where an event waits: under its id, or, once more for one consumer, under
// both names.
func outboxKey(e Event) docdb.Key {
	if e.For != "" {
		return docdb.Key{Collection: OutboxCollection, ID: e.ID + "~" + e.For}
	}
	return docdb.Key{Collection: OutboxCollection, ID: e.ID}
}

// Decode reads a published event of any known schema.
func Decode(data []byte) (Event, error) {
	var e Event
	if err := json.Unmarshal(data, &e); err != nil {
		return e, fault.Wrap(err, fault.Permanent, "unreadable_event", "the event can't be read")
	}
	if e.Schema < 1 || e.Schema > Schema || e.ID == "" || e.Type == "" || e.Subject == "" {
		return e, fault.New(fault.Permanent, "unknown_event", "event %q of schema %d and type %q is not known here", e.ID, e.Schema, e.Type)
	}
	return e, nil
}

// Encode is the event as it is published.
func Encode(e Event) ([]byte, error) { return docdb.Marshal(e) }

// Marker is what Once leaves behind: that a consumer has done its work for an event.
type Marker struct {
	Consumer string    `json:"consumer"`
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Subject  string    `json:"subject"`
	At       time.Time `json:"at"`
}

// Keep is how long markers stay: far longer than any redelivery (Pub/Sub keeps a
// message for 7 days at most).
const Keep = 30 * 24 * time.Hour

// Once runs fn in a transaction such that its writes happen once for the event and
// consumer, however often and however concurrently it is called. done is false if
// the event had been handled before.
func Once(ctx context.Context, db *docdb.DB, consumer string, e Event, now time.Time, fn func(*docdb.Tx) error) (done bool, err error) {
	key := MarkerKey(consumer, e.ID)
	before, err := db.RunUnless(ctx, key, func(tx *docdb.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return Mark(tx, consumer, e, now)
	})
	return err == nil && !before.Exists(), err
}

// MarkerKey is where a consumer's marker for an event lies.
func MarkerKey(consumer, id string) docdb.Key {
	return docdb.Key{Collection: EffectCollection, ID: consumer + "~" + id}
}

// Done leaves a consumer's marker for an event that asks nothing of it any more.
func Done(ctx context.Context, db *docdb.DB, consumer string, e Event, now time.Time) error {
	_, err := Once(ctx, db, consumer, e, now, func(*docdb.Tx) error { return nil })
	return err
}

// Mark leaves the marker that Once does. It is for work on many events in one
// transaction, which has looked for their markers.
func Mark(tx *docdb.Tx, consumer string, e Event, now time.Time) error {
	return tx.CreateUntil(MarkerKey(consumer, e.ID), Marker{consumer, e.ID, e.Type, e.Subject, now}, now.Add(Keep))
}
