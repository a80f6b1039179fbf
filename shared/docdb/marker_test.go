package docdb_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"ticketsystem.example/shared/docdb"
)

// mark is a closure with an effect of one, and the marker.
func mark(tx *docdb.Tx) error {
	return errors.Join(tx.Add(key("effect"), map[string]int64{"n": 1}), tx.Create(key("marker"), note{Text: "done"}))
}

func effects(t *testing.T, db *docdb.DB) int64 {
	t.Helper()
	n, err := docdb.Get[note](t.Context(), db, key("effect"))
	must(t, err)
	return n.N
}

func TestMarkedWorkIsDoneOnceAndThenTheMarkerComesBack(t *testing.T) {
	_, plain := open(t)
	for _, db := range []*docdb.DB{plain, plain.Twice()} {
		before, err := db.RunUnless(t.Context(), key("marker"), mark)
		if err != nil || before.Exists() != (db != plain) || effects(t, db) != 1 {
			t.Errorf("first: %+v, %v", before, err)
		}
		before, err = db.RunUnless(t.Context(), key("marker"), mark)
		if err != nil || before.Fields["text"] != "done" || effects(t, db) != 1 {
			t.Errorf("again: %+v, %v", before, err)
		}
	}
}

func TestMarkedWorkIsDoneOnceHoweverManyTry(t *testing.T) {
	_, db := open(t)
	var wg sync.WaitGroup
	var did atomic.Int32
	for range 16 {
		wg.Go(func() {
			before, err := db.RunUnless(t.Context(), key("marker"), mark)
			if err != nil {
				t.Error(err)
			}
			if !before.Exists() {
				did.Add(1)
			}
		})
	}
	wg.Wait()
	if did.Load() != 1 || effects(t, db) != 1 {
		t.Errorf("%d did it, %d effects", did.Load(), effects(t, db))
	}
}

func TestAFailureOfMarkedWorkIsForgivenOnlyIfTheMarkerIsThere(t *testing.T) {
	_, db := open(t)
	sorry := errors.New("sorry")
	fail := func(*docdb.Tx) error { return sorry }
	if before, err := db.RunUnless(t.Context(), key("marker"), fail); !errors.Is(err, sorry) || before.Exists() {
		t.Errorf("without a marker: %+v, %v", before, err)
	}
	_, err := db.RunUnless(t.Context(), key("marker"), mark)
	must(t, err)
	if before, err := db.RunUnless(t.Context(), key("marker"), fail); err != nil || !before.Exists() {
		t.Errorf("with a marker: %+v, %v", before, err)
	}
}

func TestMarkedWorkIsNotForgivenWhenTheMarkerCannotBeRead(t *testing.T) {
	m, db := open(t)
	_, err := db.RunUnless(t.Context(), key("marker"), mark)
	must(t, err)
	down := errors.New("down")
	m.Before = func(op string) error {
		if op == "get" {
			return down
		}
		return nil
	}
	if _, err := db.RunUnless(t.Context(), key("marker"), mark); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
}
