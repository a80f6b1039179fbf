package docdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ticketsystem.example/shared/fault"
)

// DB is a store with its declared indexes; it is what the rest of the code uses.
type DB struct {
	store   Store
	indexes []Index
	twice   bool
	wait    func(ctx context.Context, most time.Duration) error
}

// Open joins a store with the indexes that queries may use.
func Open(store Store, indexes ...[]Index) *DB {
	db := &DB{store: store, wait: doze}
	for _, list := range indexes {
		db.indexes = append(db.indexes, list...)
	}
	return db
}

// Twice returns a copy of db that runs every transaction's closure twice and throws
// the first run away, so that a test notices closures that are not repeatable.
func (db *DB) Twice() *DB {
	c := *db
	c.twice = true
	return &c
}

// Waiting returns a copy of db that waits by wait, for a while up to most, before it tries
// a transaction that collided again. It is for simulations, whose time is not the real one.
func (db *DB) Waiting(wait func(ctx context.Context, most time.Duration) error) *DB {
	c := *db
	c.wait = wait
	return &c
}

// Reader is what can be read from: a DB, or a Tx that remembers versions.
type Reader interface {
	Read(ctx context.Context, keys ...Key) ([]Record, error)
	Query(ctx context.Context, q Query) ([]Record, error)
}

// Read gets documents in the order of keys; a missing one has no Version.
func (db *DB) Read(ctx context.Context, keys ...Key) ([]Record, error) {
	return db.store.Get(ctx, keys)
}

// Query returns the matching records. A query without a declared index is refused,
// with any store.
func (db *DB) Query(ctx context.Context, q Query) ([]Record, error) {
	if err := Check(db.indexes, q); err != nil {
		return nil, err
	}
	return db.store.Query(ctx, q)
}

// Get reads one document as a T. A missing one is fault.NotFound.
func Get[T any](ctx context.Context, r Reader, key Key) (T, error) {
	var v T
	recs, err := r.Read(ctx, key)
	if err != nil {
		return v, err
	}
	if !recs[0].Exists() {
		return v, fault.Missing("document")
	}
	return v, Decode(recs[0], &v)
}

// Find runs a query and decodes its records as Ts.
func Find[T any](ctx context.Context, r Reader, q Query) ([]T, error) {
	recs, err := r.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(recs))
	for i, rec := range recs {
		if err := Decode(rec, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// attempts bounds how often a closure runs: with full jitter up to 160 ms, eight
// tries outlast any contention that the product's single-aggregate writes meet.
const attempts = 8

// Run calls fn with a transaction and commits what it wrote. When another commit was
// faster, fn runs again on fresh reads; it must therefore have no effects but through
// tx. After too many collisions it gives up with fault.Unavailable. An error of fn
// is returned as it is and nothing is written.
func (db *DB) Run(ctx context.Context, fn func(*Tx) error) error {
	err := db.once(ctx, 0, fn)
	for try := 1; try < attempts && errors.Is(err, ErrConflict); try++ {
		if err := db.wait(ctx, 5*time.Millisecond<<min(try-1, 5)); err != nil {
			return err
		}
		err = db.once(ctx, try, fn)
	}
	if !errors.Is(err, ErrConflict) {
		return err
	}
	return fault.Down(fmt.Errorf("after %d attempts: %w", attempts, err))
}

// doze waits for a random while, most at most, or until ctx is done.
func doze(ctx context.Context, most time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(rand.Int64N(int64(most)))):
		return nil
	}
}

func (db *DB) once(ctx context.Context, try int, fn func(*Tx) error) error {
	if db.twice {
		if err := fn(newTx(db, try)); err != nil {
			return err
		}
	}
	tx := newTx(db, try)
	if err := fn(tx); err != nil {
		return err
	}
	if tx.misuse != nil {
		return tx.misuse
	}
	if len(tx.writes) == 0 {
		return nil
	}
	return db.store.Commit(ctx, tx.writes)
}

// RunUnless runs fn in a transaction unless the marker document exists, and fn must
// itself create the marker. It returns the marker's record if it was there before,
// and then nothing was written.
//
// The first attempt doesn't read the marker; its creation is conditional anyway, and
// that saves a read each time the work is new. When the commit collides, or fn fails
// (perhaps because its effect is already there), the marker decides.
func (db *DB) RunUnless(ctx context.Context, marker Key, fn func(*Tx) error) (before Record, err error) {
	err = db.Run(ctx, func(tx *Tx) error {
		before = Record{}
		if tx.Attempt() > 0 {
			if found, err := db.lookup(ctx, marker, &before); found || err != nil {
				return err
			}
		}
		failed := fn(tx)
		if failed == nil {
			return nil
		}
		if found, err := db.lookup(ctx, marker, &before); err == nil && found {
			return errMarked
		}
		return failed
	})
	if errors.Is(err, errMarked) {
		err = nil
	}
	return before, err
}

// errMarked ends a transaction whose writes must not happen.
var errMarked = errors.New("docdb: marker exists")

func (db *DB) lookup(ctx context.Context, key Key, into *Record) (bool, error) {
	recs, err := db.Read(ctx, key)
	if err != nil || !recs[0].Exists() {
		return false, err
	}
	*into = recs[0]
	return true, nil
}
