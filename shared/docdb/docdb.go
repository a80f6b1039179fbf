// Package docdb is the storage contract: documents in collections, queries from
// declared indexes, and commits that are all or nothing.
//
// Ideas:
//
//   - Store is the whole contract a database must fulfil: Get, Query and Commit.
//     Two exist: gcp/firestore and Memory, its strict twin; dbtest runs one
//     conformance suite over both.
//   - DB adds on top, once for both: typed documents, optimistic transactions (Run)
//     and the rule that a query exists only from a declared index.
//   - A transaction takes no locks. It remembers the version of what it read, and
//     each write carries that version as its precondition; if somebody else was
//     faster, the closure runs again. So a document that is read and written is
//     safe; a document that is only read is a snapshot. A decision that hangs on
//     a document must therefore write it, and each aggregate is one document.
//   - Stored values are what JSON can say. Times are RFC 3339 strings in UTC with
//     six decimals, so that they sort as text.
//
// A typical use:
//
//	err := db.Run(ctx, func(tx *docdb.Tx) error {
//		ticket, err := docdb.Get[Ticket](ctx, tx, key)
//		if err != nil {
//			return err
//		}
//		ticket.Title = "Printer on fire"
//		return tx.Put(key, ticket)
//	})
//
// Errors: a store repeats by itself what is safe to repeat, for at most a few seconds,
// and then says fault.Unavailable; Run repeats collisions. Nobody else in the middle
// repeats: who called from outside (a person, a browser, Pub/Sub) does, and makes it
// safe with an idempotency key or event.Once.
//
// It does not do joins, aggregates, sub-collections or full-text search.
package docdb

import (
	"context"
	"errors"
	"time"
)

// Key names a document. Neither part holds a slash.
type Key struct {
	Collection string
	ID         string
}

// String is "collection/id".
func (k Key) String() string { return k.Collection + "/" + k.ID }

// Fields are a document's values by name: nil, bool, int64, float64, string,
// []any or map[string]any of these, and nothing else. No name begins with an
// underscore.
type Fields = map[string]any

// Version changes whenever its document does, and with every put that carried a
// version, even one that stored the same content again. It is opaque; "" means there
// is no such document.
type Version string

// Record is a document as it was read.
type Record struct {
	Key     Key
	Fields  Fields
	Version Version
}

// Exists reports whether the document was there.
func (r Record) Exists() bool { return r.Version != "" }

// Op is what a Write does.
type Op int

// The writes there are.
const (
	OpPut    Op = iota // replace the whole document, or create it
	OpDelete           // remove it; a missing document is fine unless a condition says otherwise
	OpAdd              // add int64 deltas to fields, atomically and without a read; a missing field counts from 0
)

// Write is one change in a commit. A commit names each key at most once.
type Write struct {
	Key     Key
	Op      Op
	Fields  Fields    // OpPut: the document; OpAdd: the deltas, all int64
	Expires time.Time // OpPut: when the database may remove it by itself; zero means never

	// The condition: with MustMiss the document must not exist; otherwise a
	// Version other than "" must be the current one. OpAdd takes none.
	MustMiss  bool
	IfVersion Version
}

// Store is what a database has to offer.
type Store interface {
	// Get reads documents, in the order of keys. One that is missing comes back
	// with Version "" and is no error.
	Get(ctx context.Context, keys []Key) ([]Record, error)
	// Query returns the records that match q, in its order.
	Query(ctx context.Context, q Query) ([]Record, error)
	// Commit does all the writes or none. A condition that does not hold gives
	// ErrConflict. After any other error the writes may have happened or not: the
	// answer may have been lost.
	Commit(ctx context.Context, writes []Write) error
}

// ErrConflict says that a commit's condition did not hold: somebody else was faster.
var ErrConflict = errors.New("docdb: a document changed in the meantime")
