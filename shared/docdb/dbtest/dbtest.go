// Package dbtest is the conformance suite of docdb.Store: what every database behind
// the contract must do, and what it must refuse. Memory and gcp/firestore both pass
// it, so a test on Memory says something about production.
//
// Ideas: each case opens an empty store of its own and may run beside the others;
// cases speak only the contract; where the contract leaves a choice, so does the
// suite. The last group of cases runs docdb.DB on the store, because its promises
// (no lost update, nothing half done) rest on both.
//
// A typical use:
//
//	func TestMemoryConforms(t *testing.T) {
//		dbtest.Run(t, func(*testing.T) docdb.Store { return docdb.NewMemory() }, dbtest.Indexes())
//	}
//
// It does not measure speed and does not inject faults.
package dbtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// things is the collection that all cases use.
const things = "things"

// Indexes are the composite indexes that the suite's queries need, all of them.
func Indexes() []docdb.Index {
	return []docdb.Index{
		docdb.On(things, "group", "rank"),
		docdb.On(things, "group", "rank desc"),
		docdb.On(things, "group desc", "rank"),
		docdb.On(things, "group", "tags array"),
		docdb.On(things, "tags array", "rank"),
		docdb.On(things, "rank", "size"),
		docdb.On(things, "rank desc", "size desc"),
		docdb.On(things, "size", "rank"),
	}
}

// test is one case: a sentence, and what it does with an empty store.
type test struct {
	name string
	run  func(*testing.T, *fixture)
}

// Run runs every case, in parallel, on a store of its own from open. The indexes are
// those that the backend was provisioned with: at least Indexes.
func Run(t *testing.T, open func(*testing.T) docdb.Store, indexes []docdb.Index) {
	for _, group := range [][]test{reads, writes, values, comparisons, orders, transactions} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				store := open(t)
				c.run(t, &fixture{T: t, Store: store, db: docdb.Open(store, indexes)})
			})
		}
	}
}

// fixture is a store with short words for what cases do to it.
type fixture struct {
	*testing.T
	docdb.Store
	db *docdb.DB
}

func key(id string) docdb.Key { return docdb.Key{Collection: things, ID: id} }

// put writes a document whatever it was.
func (f *fixture) put(id string, fields docdb.Fields) {
	f.Helper()
	f.commit(docdb.Write{Key: key(id), Fields: fields})
}

func (f *fixture) commit(writes ...docdb.Write) {
	f.Helper()
	if err := f.Commit(f.Context(), writes); err != nil {
		f.Fatalf("commit: %v", err)
	}
}

// conflicts expects that the commit collides.
func (f *fixture) conflicts(writes ...docdb.Write) {
	f.Helper()
	if err := f.Commit(f.Context(), writes); !errors.Is(err, docdb.ErrConflict) {
		f.Fatalf("commit: %v, want a conflict", err)
	}
}

// refuses expects that the commit is refused for what it is, not for bad luck.
func (f *fixture) refuses(what string, writes ...docdb.Write) {
	f.Helper()
	err := f.Commit(f.Context(), writes)
	if err == nil || errors.Is(err, docdb.ErrConflict) || fault.Is(err, fault.Unavailable) {
		f.Errorf("%s: %v, want a refusal", what, err)
	}
}

// get reads one document.
func (f *fixture) get(id string) docdb.Record {
	f.Helper()
	recs, err := f.Get(f.Context(), []docdb.Key{key(id)})
	if err != nil || len(recs) != 1 {
		f.Fatalf("get %s: %d records, %v", id, len(recs), err)
	}
	return recs[0]
}

func (f *fixture) absent(id string) {
	f.Helper()
	if f.get(id).Exists() {
		f.Errorf("%s is there and should not be", id)
	}
}

// find runs a query and gives the ids of its records.
func (f *fixture) find(q docdb.Query) []string {
	f.Helper()
	recs := f.records(q)
	ids := make([]string, len(recs))
	for i, r := range recs {
		ids[i] = r.Key.ID
	}
	return ids
}

// records runs a query through the DB, which checks its index too.
func (f *fixture) records(q docdb.Query) []docdb.Record {
	f.Helper()
	q.Collection = things
	if q.Limit == 0 {
		q.Limit = 1000
	}
	recs, err := f.db.Query(f.Context(), q)
	if err != nil {
		f.Fatalf("query %+v: %v", q, err)
	}
	return recs
}

func (f *fixture) equal(what string, got, want []string) {
	f.Helper()
	if !slices.Equal(got, want) {
		f.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// run is a transaction that must succeed.
func (f *fixture) run(ctx context.Context, fn func(*docdb.Tx) error) {
	f.Helper()
	if err := f.db.Run(ctx, fn); err != nil {
		f.Errorf("transaction: %v", err)
	}
}
