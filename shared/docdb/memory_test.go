package docdb_test

import (
	"errors"
	"slices"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/docdb/dbtest"
)

func TestMemoryConforms(t *testing.T) {
	dbtest.Run(t, func(*testing.T) docdb.Store { return docdb.NewMemory() }, dbtest.Indexes())
}

func TestAFaultBeforeAnOperationLeavesEverythingAsItWas(t *testing.T) {
	m, db := open(t)
	set(t, db, "a", note{N: 1})
	down := errors.New("down")
	var ops []string
	m.Before = func(op string) error { ops = append(ops, op); return down }
	_, gotten := m.Get(t.Context(), []docdb.Key{key("a")})
	_, found := m.Query(t.Context(), docdb.Query{Collection: "notes", Limit: 1})
	committed := m.Commit(t.Context(), []docdb.Write{{Key: key("a"), Op: docdb.OpDelete}})
	for _, err := range []error{gotten, found, committed} {
		if !errors.Is(err, down) {
			t.Errorf("got %v", err)
		}
	}
	if got := m.Dump("notes"); len(got) != 1 || !slices.Equal(ops, []string{"get", "query", "commit"}) {
		t.Errorf("holds %v after %v", got, ops)
	}
}

func TestALostAnswerLeavesTheWritesDone(t *testing.T) {
	m, db := open(t)
	lost := errors.New("lost")
	m.After = func(string) error { return lost }
	err := db.Run(t.Context(), func(tx *docdb.Tx) error { return tx.Create(key("a"), note{}) })
	if !errors.Is(err, lost) || len(m.Dump("notes")) != 1 {
		t.Errorf("got %v, holds %v", err, m.Dump("notes"))
	}
}

func TestADumpIsSortedAndOfOneCollection(t *testing.T) {
	m, db := open(t)
	for _, id := range []string{"c", "a", "b"} {
		set(t, db, id, note{})
	}
	must(t, m.Commit(t.Context(), []docdb.Write{{Key: docdb.Key{Collection: "others", ID: "x"}}}))
	var ids []string
	for _, r := range m.Dump("notes") {
		ids = append(ids, r.Key.ID)
	}
	if !slices.Equal(ids, []string{"a", "b", "c"}) {
		t.Errorf("got %v", ids)
	}
}

func TestWhatWasWrittenBelongsToTheStore(t *testing.T) {
	m := docdb.NewMemory()
	fields := docdb.Fields{"list": []any{"x"}}
	must(t, m.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: fields}}))
	fields["list"].([]any)[0] = "spoiled"
	if got := m.Dump("notes")[0].Fields["list"].([]any)[0]; got != "x" {
		t.Errorf("the writer changed what is stored to %v", got)
	}
}

func TestAddingToWhatIsNoWholeNumberIsRefused(t *testing.T) {
	m := docdb.NewMemory()
	for _, v := range []any{"x", 1.5, true} {
		must(t, m.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: docdb.Fields{"n": v}}}))
		if err := m.Commit(t.Context(), []docdb.Write{{Key: key("a"), Op: docdb.OpAdd, Fields: docdb.Fields{"n": int64(1)}}}); err == nil {
			t.Errorf("added to %v", v)
		}
	}
}
