package docdb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

type note struct {
	Text string `json:"text"`
	N    int64  `json:"n"`
}

func key(id string) docdb.Key { return docdb.Key{Collection: "notes", ID: id} }

func open(t *testing.T) (*docdb.Memory, *docdb.DB) {
	m := docdb.NewMemory()
	return m, docdb.Open(m, []docdb.Index{docdb.On("notes", "text", "n")}, nil)
}

// must fails the test on any error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func set(t *testing.T, db *docdb.DB, id string, n note) {
	t.Helper()
	must(t, db.Run(t.Context(), func(tx *docdb.Tx) error { return tx.Set(key(id), n) }))
}

func TestAMissingDocumentIsNotFound(t *testing.T) {
	_, db := open(t)
	if _, err := docdb.Get[note](t.Context(), db, key("a")); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestFindDecodesInTheQuerysOrder(t *testing.T) {
	_, db := open(t)
	set(t, db, "a", note{"x", 2})
	set(t, db, "b", note{"x", 1})
	set(t, db, "c", note{"y", 0})
	q := docdb.Query{Collection: "notes", Where: []docdb.Where{eq("text")}, Order: []docdb.Order{up("n")}, Limit: 10}
	got, err := docdb.Find[note](t.Context(), db, q)
	if err != nil || !slices.Equal(got, []note{{"x", 1}, {"x", 2}}) {
		t.Errorf("got %v, %v", got, err)
	}
	q.Order = []docdb.Order{down("n")}
	if _, err := docdb.Find[note](t.Context(), db, q); err == nil || !strings.Contains(err.Error(), "notes: text asc, n desc") {
		t.Errorf("an undeclared index: %v", err)
	}
}

func TestAClosureRunsAgainOnFreshReadsAfterACollision(t *testing.T) {
	_, db := open(t)
	set(t, db, "a", note{N: 1})
	var attempts []int
	err := db.Run(t.Context(), func(tx *docdb.Tx) error {
		attempts = append(attempts, tx.Attempt())
		n, err := docdb.Get[note](t.Context(), tx, key("a"))
		if tx.Attempt() < 2 {
			set(t, db, "a", note{N: n.N * 10})
		}
		n.N++
		return errors.Join(err, tx.Put(key("a"), n))
	})
	got, _ := docdb.Get[note](t.Context(), db, key("a"))
	if err != nil || got.N != 101 || !slices.Equal(attempts, []int{0, 1, 2}) {
		t.Errorf("got %v after attempts %v, %v", got, attempts, err)
	}
}

func TestEndlessCollisionsEndInUnavailable(t *testing.T) {
	m, db := open(t)
	runs, commits := 0, 0
	m.Before = func(op string) error {
		if op == "commit" {
			commits++
			return docdb.ErrConflict
		}
		return nil
	}
	err := db.Run(t.Context(), func(tx *docdb.Tx) error { runs++; return tx.Set(key("a"), note{}) })
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, docdb.ErrConflict) || runs != 8 || commits != 8 {
		t.Errorf("%d runs, %d commits, %v", runs, commits, err)
	}
}

func TestARunEndsWithItsContext(t *testing.T) {
	_, db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Run(ctx, func(tx *docdb.Tx) error { cancel(); return docdb.ErrConflict })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOtherErrorsEndARunAtOnce(t *testing.T) {
	m, db := open(t)
	sorry := errors.New("sorry")
	for _, op := range []string{"get", "commit"} {
		m.Before = func(now string) error {
			if now == op {
				return sorry
			}
			return nil
		}
		runs := 0
		err := db.Run(t.Context(), func(tx *docdb.Tx) error {
			runs++
			if _, err := tx.Read(t.Context(), key("a")); err != nil {
				return err
			}
			return tx.Put(key("a"), note{})
		})
		if !errors.Is(err, sorry) || runs != 1 {
			t.Errorf("%s: %d runs, %v", op, runs, err)
		}
	}
}

func TestARunThatWritesNothingCommitsNothing(t *testing.T) {
	m, db := open(t)
	m.Before = func(op string) error {
		if op == "commit" {
			t.Error("committed")
		}
		return nil
	}
	must(t, db.Run(t.Context(), func(tx *docdb.Tx) error { _, err := tx.Read(t.Context(), key("a")); return err }))
}

func TestADocumentThatChangedBetweenTwoReadsCollides(t *testing.T) {
	_, db := open(t)
	set(t, db, "a", note{N: 1})
	var seen []int64
	must(t, db.Run(t.Context(), func(tx *docdb.Tx) error {
		first, err := docdb.Get[note](t.Context(), tx, key("a"))
		must(t, err)
		if tx.Attempt() == 0 {
			set(t, db, "a", note{N: 5})
		}
		_, err = docdb.Get[note](t.Context(), tx, key("a"))
		must(t, err)
		seen = append(seen, first.N)
		return tx.Put(key("a"), note{N: first.N + 1}) // decided on the first read
	}))
	got, _ := docdb.Get[note](t.Context(), db, key("a"))
	if got.N != 6 || !slices.Equal(seen, []int64{1, 5}) {
		t.Errorf("got %v after having seen %v", got, seen)
	}
}

func TestATransactionHoldsALimitedNumberOfWrites(t *testing.T) {
	m, db := open(t)
	err := db.Run(t.Context(), func(tx *docdb.Tx) error {
		for i := range docdb.MaxWrites + 1 {
			_ = tx.Set(key(string(rune('a'+i))), note{})
		}
		return nil
	})
	if err == nil || len(m.Dump("notes")) != 0 {
		t.Errorf("%v, %d written", err, len(m.Dump("notes")))
	}
}

func TestTwiceFindsClosuresThatAreNotRepeatable(t *testing.T) {
	m, db := open(t)
	ids := []string{"first", "second"}
	must(t, db.Twice().Run(t.Context(), func(tx *docdb.Tx) error {
		id := ids[0]
		ids = ids[1:] // an effect outside of the transaction
		return tx.Create(key(id), note{})
	}))
	if got := m.Dump("notes"); len(got) != 1 || got[0].Key != key("second") {
		t.Errorf("got %v", got)
	}
	runs := 0
	must(t, db.Run(t.Context(), func(*docdb.Tx) error { runs++; return nil }))
	if runs != 1 {
		t.Error("Twice changed the DB that it was asked of")
	}
}
