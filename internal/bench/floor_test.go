package bench

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	plain "cloud.google.com/go/firestore"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
)

// clients opens the test's database and one for the copies with the plain client.
func clients(t *testing.T, cfg config.Config) (db, copies *plain.Client) {
	t.Helper()
	open := func(database string) *plain.Client {
		c, err := plainClient(t.Context(), cfg.FirestoreHost, cfg.Project, database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	return open(cfg.Database), open(emulator.Database(t))
}

// documents are all documents of a collection.
func documents(t *testing.T, c *plain.Client, collection string) []*plain.DocumentSnapshot {
	t.Helper()
	all, err := c.Collection(collection).Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheFloorOfAChangeWritesWhatTheChangeWrote records a transaction that reads,
// replaces, creates and adds, and compares what its floor leaves behind.
func TestTheFloorOfAChangeWritesWhatTheChangeWrote(t *testing.T) {
	rec, store, cfg := recordedStore(t)
	db, copies := clients(t, cfg)
	ticket := docdb.Key{Collection: "tickets", ID: "ticket-1"}
	thing := docdb.Fields{"text": "x", "list": []any{int64(1), "two", nil, 2.5}, "map": docdb.Fields{"yes": true}}
	if err := store.Commit(t.Context(), []docdb.Write{{Key: ticket, Fields: thing, MustMiss: true}}); err != nil {
		t.Fatal(err)
	}
	rec.take()
	err := docdb.Open(store).Run(t.Context(), func(tx *docdb.Tx) error {
		if _, err := tx.Read(t.Context(), ticket); err != nil {
			return err
		}
		thing["text"] = "changed"
		if err := tx.Put(ticket, thing); err != nil {
			return err
		}
		if err := tx.Create(docdb.Key{Collection: "acts", ID: "ticket-1-000002"}, docdb.Fields{"what": "changed"}); err != nil {
			return err
		}
		return tx.Add(docdb.Key{Collection: "agents", ID: "nora"}, map[string]int64{"open": 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFloor(db, copies, rec.take(), ticket.ID, []string{"ticket-7", "ticket-8"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := f.do(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	changed := documents(t, copies, "tickets")
	if len(changed) != 2 {
		t.Fatalf("two tickets' turns came and %d were written", len(changed))
	}
	want, got := documents(t, db, "tickets")[0].Data(), changed[0].Data()
	delete(got, touched)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	acts := documents(t, copies, "acts")
	if len(acts) != 3 || len(acts[0].Ref.ID) != len("ticket-1-000002") || acts[0].Data()["what"] != "changed" {
		t.Errorf("got the acts %v", acts)
	}
	if n := documents(t, copies, "agents")[0].Data()["open"]; n != int64(3) {
		t.Errorf("3 increments make %v", n)
	}
}

func TestTheFloorOfAListIsItsQuery(t *testing.T) {
	rec, store, cfg := recordedStore(t)
	db, copies := clients(t, cfg)
	for _, id := range []string{"a", "b", "c"} {
		if err := store.Commit(t.Context(), []docdb.Write{put(id, docdb.Fields{"id": id, "who": []any{"x", id}})}); err != nil {
			t.Fatal(err)
		}
	}
	rec.take()
	q := docdb.Query{Collection: "things", Where: []docdb.Where{{Field: "who", Cmp: docdb.ContainsAny, Value: []any{"a", "c"}}}, Order: []docdb.Order{{Field: "id", Desc: true}}, Limit: 5}
	if _, err := store.Query(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	f, err := newFloor(db, copies, rec.take(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.query.Documents(t.Context()).GetAll()
	if err != nil || len(found) != 2 || found[0].Ref.ID != "c" || found[1].Ref.ID != "a" {
		t.Errorf("got %v, %v", found, err)
	}
}

func TestTheFloorOfAReadTakesTicketsInTurns(t *testing.T) {
	rec, store, cfg := recordedStore(t)
	db, copies := clients(t, cfg)
	key := docdb.Key{Collection: "tickets", ID: "ticket-1"}
	if _, err := store.Get(t.Context(), []docdb.Key{key, {Collection: "people", ID: "nora"}}); err != nil {
		t.Fatal(err)
	}
	f, err := newFloor(db, copies, rec.take(), key.ID, []string{"ticket-7", "ticket-8"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for i := range 3 {
		for _, ref := range f.refs(i) {
			got[ref.Parent.ID+"/"+ref.ID] = true
		}
	}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"people/nora", "tickets/ticket-7", "tickets/ticket-8"}) {
		t.Errorf("got %v", names)
	}
	if err := f.do(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

func TestNothingHasNoFloor(t *testing.T) {
	if _, err := newFloor(nil, nil, nil, "", nil); err == nil {
		t.Error("an operation without calls got a floor")
	}
}
