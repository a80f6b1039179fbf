package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/ledger"
)

// owed is what the two consumers of the bus owe.
var owed = []ledger.Effect{{Consumer: "count", Kinds: []string{"ticket.changed"}}, {Consumer: "mail", Kinds: []string{"ticket.changed"}}}

// reconcile runs the reconciler and delivers what it sends again.
func (b *bus) reconcile() ledger.State {
	b.t.Helper()
	s, err := ledger.Reconciler{Desk: b.desk, Effects: owed}.Run(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	b.drain()
	return s
}

// relayAt is drain at a time.
func (b *bus) relayAt(now time.Time) {
	b.t.Helper()
	if _, err := (event.Relay{DB: b.desk.DB, To: b, Now: func() time.Time { return now }}).Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestADroppedDeliveryIsFoundAndRepairedOnce(t *testing.T) {
	b := newBus(t)
	for n := range 70 { // some pages
		b.happen(fmt.Sprintf("e%02d", n))
	}
	b.dropped = "count"
	b.relayAt(noon)
	b.dropped = ""
	b.now = noon.Add(ledger.Settle / 2)
	if s := b.reconcile(); s.Checked != 0 || b.effects("count") != 0 {
		t.Errorf("before they settled: %+v", s)
	}
	b.now = noon.Add(2 * ledger.Settle)
	if s := b.reconcile(); s.Checked != 70 || s.Repaired != 70 || s.Unconfirmed != 70 || b.effects("count") != 70 || b.effects("mail") != 70 {
		t.Errorf("%+v; %d and %d effects", s, b.effects("count"), b.effects("mail"))
	}
	if b.told["mail"] != 70 {
		t.Errorf("who had done it was told %d times", b.told["mail"])
	}
	for n := range 3 {
		b.now = b.now.Add(2 * ledger.Settle)
		if s := b.reconcile(); s.Unconfirmed != 0 || s.Checked != 70 || s.Repaired != 70 || b.effects("count") != 70 || b.told["count"] != 70 {
			t.Errorf("run %d: %+v, delivered %d times", n, s, b.told["count"])
		}
	}
}

func TestWhatKeepsGettingLostIsRepairedLessAndLessOften(t *testing.T) {
	b := newBus(t)
	b.happen("e1")
	b.dropped = "count"
	b.relayAt(noon)
	for range 40 {
		b.now = b.now.Add(time.Hour)
		b.reconcile()
	}
	if b.lost < 4 || b.lost > 9 {
		t.Errorf("sent %d times in 40 hours", b.lost)
	}
	b.dropped = ""
	b.now = b.now.Add(25 * time.Hour)
	b.reconcile()
	b.now = b.now.Add(25 * time.Hour)
	if s := b.reconcile(); s.Unconfirmed != 0 || b.effects("count") != 1 {
		t.Errorf("%+v, %d effects", s, b.effects("count"))
	}
}

func TestADeadLetterIsToldAndLeftToPeople(t *testing.T) {
	b := newBus(t)
	b.happen("e1")
	b.broken = "count"
	b.relayAt(noon)
	told := b.told["count"]
	b.now = noon.Add(2 * ledger.Settle)
	if s := b.reconcile(); s.Unconfirmed != 1 || s.Buried != 1 || s.Repaired != 0 || b.told["count"] != told {
		t.Errorf("%+v", s)
	}
	b.broken = ""
	if _, err := ledger.Redrive(t.Context(), b.desk, ada, "count:e1"); err != nil {
		t.Fatal(err)
	}
	b.drain()
	b.now = b.now.Add(2 * ledger.Settle)
	if s := b.reconcile(); s.Unconfirmed != 0 || b.effects("count") != 1 {
		t.Errorf("%+v", s)
	}
}

func TestAReconcilerThatIsCutOffGoesOnWhereItWas(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		for commit := range 4 {
			b := newBus(t)
			for n := range 50 {
				b.happen(fmt.Sprintf("e%02d", n))
			}
			b.dropped = "mail"
			b.relayAt(noon)
			b.dropped = ""
			b.now = noon.Add(2 * ledger.Settle)
			n := 0
			crash := func(op string) error {
				if op == "commit" {
					n++
				}
				if op == "commit" && n == commit+1 {
					return fault.New(fault.Permanent, "killed", "killed")
				}
				return nil
			}
			if when == "before" {
				b.store.Before = crash
			} else {
				b.store.After = crash
			}
			_, _ = ledger.Reconciler{Desk: b.desk, Effects: owed}.Run(t.Context())
			b.store.Before, b.store.After = nil, nil
			if s := b.reconcile(); s.Checked != 50 || b.effects("mail") != 50 || b.effects("count") != 50 {
				t.Errorf("%s commit %d: %+v, %d effects", when, commit, s, b.effects("mail"))
			}
		}
	}
}

func TestARunCostsByWhatIsNewAndNotByTheHistory(t *testing.T) {
	b := newBus(t)
	reads := func() int {
		n := 0
		b.store.Before = func(op string) error {
			if op != "commit" {
				n++
			}
			return nil
		}
		b.reconcile()
		b.store.Before = nil
		return n
	}
	b.reconcile()
	idle := reads()
	for n := range 300 {
		b.happen(fmt.Sprintf("e%03d", n))
	}
	b.relayAt(noon)
	b.now = noon.Add(2 * ledger.Settle)
	b.reconcile()
	b.now = b.now.Add(time.Minute)
	if again := reads(); again != idle {
		t.Errorf("%d calls of the database after 300 facts, %d before", again, idle)
	}
}

func TestAFactThatAsksForNothingOwesNothing(t *testing.T) {
	b := newBus(t)
	b.happen("e1")
	b.dropped = "count"
	b.relayAt(noon)
	b.now = noon.Add(2 * ledger.Settle)
	r := ledger.Reconciler{Desk: b.desk, Effects: []ledger.Effect{
		{Consumer: "count", Kinds: []string{"ticket.changed"}, Marker: ledger.Always("")},
		{Consumer: "count", Kinds: []string{"another"}},
	}}
	if s, err := r.Run(context.Background()); err != nil || s.Checked != 1 || s.Unconfirmed != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// archive is what is in the archive.
func (b *bus) archive() int {
	return len(b.store.Dump(event.ArchiveCollection))
}

func TestEveryFactIsArchivedOnceHoweverOftenItIsSent(t *testing.T) {
	b := newBus(t)
	b.happen("e1")
	b.drain()
	if err := b.desk.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return event.Again(tx, event.Event{ID: "e1", Type: "ticket.changed", Subject: "t1", At: noon}, "count")
	}); err != nil {
		t.Fatal(err)
	}
	b.drain()
	if n := b.archive(); n != 1 || b.effects("count") != 1 {
		t.Errorf("%d in the archive, %d effects", n, b.effects("count"))
	}
}
