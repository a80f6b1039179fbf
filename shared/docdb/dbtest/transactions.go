package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// counter is the document of the transaction cases.
type counter struct {
	N     int64    `json:"n"`
	Names []string `json:"names"`
}

// increment adds one to a counter by reading and putting it.
func increment(ctx context.Context, tx *docdb.Tx, id, name string) error {
	c, err := docdb.Get[counter](ctx, tx, key(id))
	if err != nil {
		return err
	}
	c.N++
	c.Names = append(c.Names, name)
	return tx.Put(key(id), c)
}

var transactions = []test{
	{"SixteenAtOnceIncrementExactlyOnceEach", func(t *testing.T, f *fixture) {
		f.run(t.Context(), func(tx *docdb.Tx) error { return tx.Create(key("a"), counter{}) })
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for try := 0; ; try++ { // Run gives up after some collisions; nothing is written then
					err := f.db.Run(t.Context(), func(tx *docdb.Tx) error { return increment(t.Context(), tx, "a", fmt.Sprint(i)) })
					if err == nil {
						return
					}
					if !fault.Is(err, fault.Unavailable) || try == 20 {
						t.Errorf("increment: %v", err)
						return
					}
				}
			})
		}
		wg.Wait()
		c, err := docdb.Get[counter](t.Context(), f.db, key("a"))
		if err != nil || c.N != 16 || len(c.Names) != 16 {
			t.Fatalf("got %+v, %v", c, err)
		}
		seen := map[string]bool{}
		for _, name := range c.Names {
			seen[name] = true
		}
		if len(seen) != 16 {
			t.Errorf("some counted twice: %q", c.Names)
		}
	}},
	{"OnlyOneOfManyCreatesADocument", func(t *testing.T, f *fixture) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var created []int
		for i := range 8 {
			wg.Go(func() {
				mine := false
				f.run(t.Context(), func(tx *docdb.Tx) error {
					recs, err := tx.Read(t.Context(), key("a"))
					if mine = err == nil && !recs[0].Exists(); !mine {
						return err
					}
					return tx.Put(key("a"), counter{N: int64(i)})
				})
				if mine {
					mu.Lock()
					defer mu.Unlock()
					created = append(created, i)
				}
			})
		}
		wg.Wait()
		if len(created) != 1 || f.get("a").Fields["n"] != int64(created[0]) {
			t.Errorf("created by %v, holds %v", created, f.get("a").Fields)
		}
	}},
	{"ADecisionHoldsIfItWritesWhatItHangsOn", func(t *testing.T, f *fixture) {
		f.put("guard", one)
		f.run(t.Context(), func(tx *docdb.Tx) error {
			g, err := docdb.Get[counter](t.Context(), tx, key("guard"))
			if err != nil {
				return err
			}
			if tx.Attempt() == 0 { // somebody else decides in between, and leaves the guard as it was
				f.run(t.Context(), func(other *docdb.Tx) error {
					if _, err := other.Read(t.Context(), key("guard")); err != nil {
						return err
					}
					return errors.Join(other.Put(key("guard"), g), other.Create(key("effect"), one))
				})
			}
			recs, err := f.db.Read(t.Context(), key("effect"))
			if err != nil || tx.Attempt() > 0 && recs[0].Exists() {
				return err
			}
			return errors.Join(tx.Put(key("guard"), g), tx.Set(key("twice"), one))
		})
		f.absent("twice")
	}},
	{"ADocumentFoundMissingMustStillMissWhenItIsDeleted", func(t *testing.T, f *fixture) {
		runs := 0
		f.run(t.Context(), func(tx *docdb.Tx) error {
			runs++
			if _, err := tx.Read(t.Context(), key("a")); err != nil {
				return err
			}
			if tx.Attempt() == 0 {
				f.put("a", one)
			}
			return tx.Delete(key("a"))
		})
		f.absent("a")
		if runs != 2 {
			t.Errorf("%d runs, want 2", runs)
		}
	}},
	{"WhatAQueryFoundCanBePut", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"n": int64(1), "group": "x"})
		f.run(t.Context(), func(tx *docdb.Tx) error {
			recs, err := tx.Query(t.Context(), docdb.Query{Collection: things, Limit: 5, Where: []docdb.Where{{Field: "group", Cmp: docdb.Equal, Value: "x"}}})
			if err != nil {
				return err
			}
			if tx.Attempt() == 0 {
				f.put("a", docdb.Fields{"n": int64(10), "group": "x"})
			}
			return tx.Put(recs[0].Key, counter{N: recs[0].Fields["n"].(int64) + 1})
		})
		if f.get("a").Fields["n"] != int64(11) {
			t.Errorf("got %v", f.get("a").Fields)
		}
	}},
	{"AnErrorOfTheClosureWritesNothing", func(t *testing.T, f *fixture) {
		sorry := errors.New("sorry")
		err := f.db.Run(t.Context(), func(tx *docdb.Tx) error { return errors.Join(tx.Create(key("a"), one), sorry) })
		if !errors.Is(err, sorry) {
			t.Errorf("got %v", err)
		}
		f.absent("a")
	}},
	{"MisuseIsRefusedEvenIfItsErrorIsDropped", func(t *testing.T, f *fixture) {
		f.put("a", one)
		for want, misuse := range map[string]func(*docdb.Tx) error{
			"without having been read": func(tx *docdb.Tx) error { return tx.Put(key("a"), two) },
			"read after it was written": func(tx *docdb.Tx) error {
				_ = tx.Set(key("a"), two)
				_, err := tx.Read(t.Context(), key("a"))
				return err
			},
			"a is read after": func(tx *docdb.Tx) error {
				_ = tx.Set(key("a"), two)
				_, err := tx.Query(t.Context(), docdb.Query{Collection: things, Limit: 1})
				return err
			},
			"written twice": func(tx *docdb.Tx) error {
				_ = tx.Set(key("a"), two)
				return tx.Delete(key("a"))
			},
			"encode": func(tx *docdb.Tx) error { return tx.Set(key("a"), make(chan int)) },
		} {
			var told error
			err := f.db.Run(t.Context(), func(tx *docdb.Tx) error {
				told = misuse(tx)
				return tx.Set(key("b"), two)
			})
			if err == nil || told == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v and %v, want %q", told, err, want)
			}
		}
		f.absent("b")
		if f.get("a").Fields["n"] != int64(1) {
			t.Error("a was written")
		}
	}},
}
