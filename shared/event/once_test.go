package event_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

var tally = docdb.Key{Collection: "tallies", ID: "t1"}

// count is an effect that shows how often it happened.
func count(tx *docdb.Tx) error { return tx.Add(tally, map[string]int64{"n": 1}) }

func counted(t *testing.T, db *docdb.DB) int64 {
	t.Helper()
	recs, err := db.Read(t.Context(), tally)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := recs[0].Fields["n"].(int64)
	return n
}

func TestAnEventDeliveredFiveTimesHasOneEffect(t *testing.T) {
	_, plain := open()
	for i, db := range []*docdb.DB{plain, plain.Twice()} {
		for n := range 5 {
			done, err := event.Once(t.Context(), db, "count", fact(i), noon, count)
			if err != nil || done != (n == 0) {
				t.Errorf("delivery %d: %v, %v", n, done, err)
			}
		}
		if n := counted(t, db); n != int64(i+1) {
			t.Errorf("%d effects of %d events", n, i+1)
		}
	}
}

func TestAnEventDeliveredManyTimesAtOnceHasOneEffect(t *testing.T) {
	_, db := open()
	var wg sync.WaitGroup
	var did atomic.Int32
	for range 16 {
		wg.Go(func() {
			done, err := event.Once(t.Context(), db, "count", fact(1), noon, count)
			if err != nil {
				t.Error(err)
			}
			if done {
				did.Add(1)
			}
		})
	}
	wg.Wait()
	if did.Load() != 1 || counted(t, db) != 1 {
		t.Errorf("%d did it, %d effects", did.Load(), counted(t, db))
	}
}

func TestEveryConsumerHasItsOwnEffect(t *testing.T) {
	m, db := open()
	for _, consumer := range []string{"route", "notify", "route", "notify"} {
		if _, err := event.Once(t.Context(), db, consumer, fact(1), noon, count); err != nil {
			t.Error(err)
		}
	}
	if counted(t, db) != 2 || len(m.Dump(event.EffectCollection)) != 2 {
		t.Errorf("%d effects", counted(t, db))
	}
}

func TestACrashInTheMiddleLeavesOneEffectInTheEnd(t *testing.T) {
	crash := errors.New("killed")
	hook := func(op string) func(string) error {
		return func(now string) error {
			if now == op {
				return crash
			}
			return nil
		}
	}
	for name, fail := range map[string]func(*docdb.Memory){
		"before the commit": func(m *docdb.Memory) { m.Before = hook("commit") },
		"after the commit":  func(m *docdb.Memory) { m.After = hook("commit") },
	} {
		m, db := open()
		fail(m)
		if done, err := event.Once(t.Context(), db, "count", fact(1), noon, count); done || !errors.Is(err, crash) {
			t.Errorf("%s: %v, %v", name, done, err)
		}
		m.Before, m.After = nil, nil
		if _, err := event.Once(t.Context(), db, "count", fact(1), noon, count); err != nil || counted(t, db) != 1 {
			t.Errorf("%s: %d effects, %v", name, counted(t, db), err)
		}
	}
}

func TestAnErrorBecauseTheEffectIsThereMeansHandled(t *testing.T) {
	_, db := open()
	illegal := errors.New("the ticket is closed already")
	closing := func(tx *docdb.Tx) error {
		recs, err := tx.Read(t.Context(), tally)
		if err != nil || recs[0].Exists() {
			return errors.Join(err, illegal)
		}
		return tx.Put(tally, map[string]int64{"n": 1})
	}
	for n, want := range []bool{true, false} {
		if done, err := event.Once(t.Context(), db, "close", fact(1), noon, closing); done != want || err != nil {
			t.Errorf("delivery %d: %v, %v", n, done, err)
		}
	}
	if done, err := event.Once(t.Context(), db, "close", fact(2), noon, closing); done || !errors.Is(err, illegal) {
		t.Errorf("another event: %v, %v", done, err)
	}
}

func TestAFailedEffectIsTriedAgainWithTheNextDelivery(t *testing.T) {
	m, db := open()
	sorry := errors.New("sorry")
	done, err := event.Once(t.Context(), db, "count", fact(1), noon, func(tx *docdb.Tx) error { return errors.Join(count(tx), sorry) })
	if done || !errors.Is(err, sorry) || counted(t, db) != 0 || len(m.Dump(event.EffectCollection)) != 0 {
		t.Errorf("first: %v, %v, %d effects", done, err, counted(t, db))
	}
	done, err = event.Once(t.Context(), db, "count", fact(1), noon, count)
	if !done || err != nil || counted(t, db) != 1 {
		t.Errorf("second: %v, %v, %d effects", done, err, counted(t, db))
	}
}

func TestTheMarkerSaysWhatItStandsForAndExpires(t *testing.T) {
	m, db := open()
	var expires time.Time
	watch := docdb.Open(watched{m, func(w docdb.Write) { expires = w.Expires }})
	if _, err := event.Once(t.Context(), watch, "notify", fact(7), noon, func(*docdb.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	want := event.Marker{Consumer: "notify", Event: "e007", Type: "ticket.changed", Subject: "t1", At: noon}
	got, err := docdb.Get[event.Marker](t.Context(), db, docdb.Key{Collection: event.EffectCollection, ID: "notify~e007"})
	if err != nil || got != want || !expires.Equal(noon.Add(event.Keep)) {
		t.Errorf("got %+v until %v, %v", got, expires, err)
	}
}

func TestAFirstDeliveryReadsNoMarker(t *testing.T) {
	m, db := open()
	m.Before = func(op string) error {
		if op == "get" {
			t.Error("read something")
		}
		return nil
	}
	if _, err := event.Once(t.Context(), db, "count", fact(1), noon, count); err != nil {
		t.Error(err)
	}
}
