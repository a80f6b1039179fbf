package docdb

import (
	"context"
	"fmt"
	"time"
)

// Tx is one run of a transaction's closure: what it read, with versions, and what it
// will write. All reads come before the first write of the same document.
type Tx struct {
	db     *DB
	try    int
	seen   map[Key]Version
	writes []Write
	staged map[Key]bool
	misuse error
}

func newTx(db *DB, try int) *Tx {
	return &Tx{db: db, try: try, seen: map[Key]Version{}, staged: map[Key]bool{}}
}

// Attempt counts the runs of the closure from 0. A closure may take a cheaper path
// first and look more closely after a conflict.
func (tx *Tx) Attempt() int { return tx.try }

// Read gets documents and remembers their versions.
func (tx *Tx) Read(ctx context.Context, keys ...Key) ([]Record, error) {
	for _, k := range keys {
		if tx.staged[k] {
			return nil, tx.lateRead(k)
		}
	}
	recs, err := tx.db.Read(ctx, keys...)
	if err == nil {
		tx.remember(recs)
	}
	return recs, err
}

// Query finds documents and remembers their versions.
func (tx *Tx) Query(ctx context.Context, q Query) ([]Record, error) {
	recs, err := tx.db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, r := range recs {
		if tx.staged[r.Key] {
			return nil, tx.lateRead(r.Key)
		}
	}
	tx.remember(recs)
	return recs, nil
}

func (tx *Tx) lateRead(k Key) error {
	return tx.fail("docdb: %s is read after it was written in the same transaction", k)
}

// remember keeps the first version of each document: if a second read finds another,
// decisions may hang on either, and the commit must collide.
func (tx *Tx) remember(recs []Record) {
	for _, r := range recs {
		if _, again := tx.seen[r.Key]; !again {
			tx.seen[r.Key] = r.Version
		}
	}
}

// Create writes a document that must not exist yet.
func (tx *Tx) Create(key Key, v any) error {
	return tx.CreateUntil(key, v, time.Time{})
}

// CreateUntil is Create for a document that the database may remove after expires.
func (tx *Tx) CreateUntil(key Key, v any, expires time.Time) error {
	return tx.put(Write{Key: key, Expires: expires, MustMiss: true}, v)
}

// Put replaces a document that this transaction has read (or found missing), on the
// condition that it has not changed since.
func (tx *Tx) Put(key Key, v any) error { return tx.PutUntil(key, v, time.Time{}) }

// PutUntil is Put for a document that the database may remove after expires.
func (tx *Tx) PutUntil(key Key, v any, expires time.Time) error {
	version, ok := tx.seen[key]
	if !ok {
		return tx.fail("docdb: %s is put without having been read", key)
	}
	return tx.put(Write{Key: key, Expires: expires, MustMiss: version == "", IfVersion: version}, v)
}

// Set replaces a document whatever it was. It is for projections that are computed
// whole, never for state that somebody else may be changing.
func (tx *Tx) Set(key Key, v any) error { return tx.SetUntil(key, v, time.Time{}) }

// SetUntil is Set for a document that the database may remove after expires.
func (tx *Tx) SetUntil(key Key, v any, expires time.Time) error {
	return tx.put(Write{Key: key, Expires: expires}, v)
}

// Add adds deltas to integer fields without a read, so that many may do it at once.
func (tx *Tx) Add(key Key, deltas map[string]int64) error {
	f := Fields{}
	for name, d := range deltas {
		f[name] = d
	}
	return tx.stage(Write{Key: key, Op: OpAdd, Fields: f})
}

// Delete removes a document; if this transaction read it, only in that version (and
// if it found it missing, only if it still is).
func (tx *Tx) Delete(key Key) error {
	version, read := tx.seen[key]
	return tx.stage(Write{Key: key, Op: OpDelete, MustMiss: read && version == "", IfVersion: version})
}

func (tx *Tx) put(w Write, v any) error {
	f, err := Encode(v)
	if err != nil {
		return tx.fail("%w", err)
	}
	w.Fields = f
	return tx.stage(w)
}

func (tx *Tx) stage(w Write) error {
	if tx.staged[w.Key] {
		return tx.fail("docdb: %s is written twice in one transaction", w.Key)
	}
	if len(tx.writes) >= MaxWrites {
		return tx.fail("docdb: a transaction holds at most %d writes", MaxWrites)
	}
	tx.staged[w.Key] = true
	tx.writes = append(tx.writes, w)
	return nil
}

// fail remembers a misuse, so that it surfaces even where a caller drops the error.
func (tx *Tx) fail(format string, args ...any) error {
	if tx.misuse == nil {
		tx.misuse = fmt.Errorf(format, args...)
	}
	return tx.misuse
}
