package bench

import (
	"errors"
	"testing"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/gcp/firestore"
)

func TestMain(m *testing.M) { emulator.Main(m) }

// recordedStore opens a database of the test's own, through a recorder.
func recordedStore(t *testing.T) (*recorder, *firestore.Store, config.Config) {
	t.Helper()
	suite := emulator.Use(t, emulator.Firestore)
	rec, err := startRecorder(suite.Firestore)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.stop() })
	cfg := config.Config{Project: suite.Project, Database: emulator.Database(t), FirestoreHost: rec.address}
	store, err := firestore.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cfg.FirestoreHost = suite.Firestore
	return rec, store, cfg
}

func put(id string, fields docdb.Fields) docdb.Write {
	return docdb.Write{Key: docdb.Key{Collection: "things", ID: id}, Fields: fields, MustMiss: true}
}

func TestReadsAndWritesAreCountedAsTheyAreBilled(t *testing.T) {
	rec, store, _ := recordedStore(t)
	first := []docdb.Write{put("a", docdb.Fields{"n": int64(1)}), put("b", docdb.Fields{"n": int64(2)}), put("c", docdb.Fields{"n": int64(3)})}
	if err := store.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(t.Context(), []docdb.Key{first[0].Key, {Collection: "things", ID: "missing"}}); err != nil {
		t.Fatal(err)
	}
	for _, more := range []int64{1, 99} { // two documents, then none: a query costs one read at least
		q := docdb.Query{Collection: "things", Where: []docdb.Where{{Field: "n", Cmp: docdb.More, Value: more}}, Order: []docdb.Order{{Field: "n"}}, Limit: 10}
		if _, err := store.Query(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	calls := rec.take()
	want := []struct {
		method        string
		reads, writes int
	}{{"Commit", 0, 3}, {"BatchGetDocuments", 2, 0}, {"RunQuery", 2, 0}, {"RunQuery", 1, 0}}
	if len(calls) != len(want) {
		t.Fatalf("got %+v", calls)
	}
	for i, w := range want {
		if c := calls[i]; c.method != w.method || c.reads != w.reads || len(c.writes) != w.writes {
			t.Errorf("call %d: got %s, %d reads, %d writes, want %+v", i, c.method, c.reads, len(c.writes), w)
		}
	}
	if got, want := costOf([][]call{calls, calls[:1]}), (Cost{Calls: 2.5, Reads: 2.5, Writes: 3}); got != want {
		t.Errorf("on average: got %+v, want %+v", got, want)
	}
	if left := rec.take(); left != nil {
		t.Errorf("calls are handed out twice: %+v", left)
	}
}

func TestARecordedProgramSeesTheSameErrors(t *testing.T) {
	_, store, _ := recordedStore(t)
	w := []docdb.Write{put("a", docdb.Fields{"n": int64(1)})}
	if err := store.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if err := store.Commit(t.Context(), w); !errors.Is(err, docdb.ErrConflict) {
		t.Errorf("got %v", err)
	}
}
