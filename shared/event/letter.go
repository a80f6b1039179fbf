package event

import (
	"context"
	"strings"
	"time"

	"ticketsystem.example/shared/docdb"
)

// DeadLetter is an event that a consumer could not handle, kept for people to look at
// and to redrive.
type DeadLetter struct {
	ID         string      `json:"id"`       // consumer, ":", message id
	Consumer   string      `json:"consumer"` // the function's name
	Event      string      `json:"event"`
	Type       string      `json:"type"`
	Subject    string      `json:"subject"`
	Reason     string      `json:"reason"` // for operators: may name our insides
	Payload    string      `json:"payload"`
	Attempts   int         `json:"attempts"`
	At         time.Time   `json:"at"`
	State      LetterState `json:"state"`
	RedrivenAt time.Time   `json:"redriven_at"`
	RedrivenBy string      `json:"redriven_by"`
}

// LetterState says whether a dead letter still waits for somebody.
type LetterState string

// The states of a dead letter. What fails again after it was redriven is a new one.
const (
	LetterWaiting  LetterState = "waiting"
	LetterRedriven LetterState = "redriven"
)

// DeadLetterCollection holds the dead letters. None is ever removed by a function.
const DeadLetterCollection = "dead_letters"

// Indexes are the composite indexes that this package's collections need; the outbox is
// sorted by one field, which needs no declaration.
func Indexes() []docdb.Index {
	return []docdb.Index{
		docdb.On(DeadLetterCollection, "consumer", "at desc"),
		docdb.On(DeadLetterCollection, "state", "at desc"),
	}
}

// What is kept of an error and of a payload at most, in bytes: a dead letter that is
// too large to be stored would come back for ever.
const (
	maxReason  = 2000
	maxPayload = 256 << 10
)

// Bury keeps a dead letter; the same one again replaces it.
func Bury(ctx context.Context, db *docdb.DB, l DeadLetter) error {
	l.Reason = strings.ToValidUTF8(l.Reason[:min(len(l.Reason), maxReason)], "")
	l.Payload = strings.ToValidUTF8(l.Payload[:min(len(l.Payload), maxPayload)], "�")
	if l.State == "" {
		l.State = LetterWaiting
	}
	return db.Run(ctx, func(tx *docdb.Tx) error {
		return tx.Set(docdb.Key{Collection: DeadLetterCollection, ID: l.ID}, l)
	})
}
