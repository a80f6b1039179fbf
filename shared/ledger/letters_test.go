package ledger_test

import (
	"context"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/ledger"
)

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ada  = desk.Actor{ID: "ada", Name: "Ada", Role: desk.RoleAdmin}
	nora = desk.Actor{ID: "nora", Name: "Nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}}
)

// bus delivers what is published to two consumers, as Pub/Sub would: each handles a
// fact in its own transaction, and the broken one buries it.
type bus struct {
	t       *testing.T
	store   *docdb.Memory
	desk    *desk.Desk
	now     time.Time
	broken  string // a consumer that can handle nothing
	dropped string // one whose deliveries get lost
	lost    int
	told    map[string]int
}

func newBus(t *testing.T) *bus {
	b := &bus{t: t, store: docdb.NewMemory(), now: noon, told: map[string]int{}}
	db := docdb.Open(b.store, event.Indexes(), desk.Indexes()).Twice()
	b.desk = desk.New(db, func() time.Time { return b.now })
	return b
}

// Publish implements event.Publisher.
func (b *bus) Publish(ctx context.Context, events []event.Event) error {
	for _, e := range events {
		for _, consumer := range []string{"count", "mail"} {
			if e.For != "" && e.For != consumer {
				continue
			}
			if consumer == b.dropped {
				b.lost++
				continue
			}
			b.told[consumer]++
			if consumer == b.broken {
				b.bury(ctx, consumer, e)
				continue
			}
			if _, err := event.Once(ctx, b.desk.DB, consumer, e, noon, func(tx *docdb.Tx) error {
				return tx.Add(docdb.Key{Collection: "effects_seen", ID: consumer}, map[string]int64{"n": 1})
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bus) bury(ctx context.Context, consumer string, e event.Event) {
	data, err := event.Encode(e)
	if err == nil {
		err = event.Bury(ctx, b.desk.DB, event.DeadLetter{ID: consumer + ":" + e.ID, Consumer: consumer, Event: e.ID, Type: e.Type, Payload: string(data), At: noon})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// drain publishes what waits in the outbox.
func (b *bus) drain() {
	b.t.Helper()
	if _, err := (event.Relay{DB: b.desk.DB, To: b, Now: b.desk.Now}).Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// happen makes a fact.
func (b *bus) happen(id string) {
	b.t.Helper()
	e := event.Event{ID: id, Type: "ticket.changed", Subject: "t1", Sequence: 1, At: noon}
	if err := b.desk.DB.Run(b.t.Context(), func(tx *docdb.Tx) error { return event.Append(tx, e) }); err != nil {
		b.t.Fatal(err)
	}
}

// effects is how many effects a consumer had.
func (b *bus) effects(consumer string) int64 {
	recs, err := b.desk.DB.Read(b.t.Context(), docdb.Key{Collection: "effects_seen", ID: consumer})
	if err != nil {
		b.t.Fatal(err)
	}
	n, _ := recs[0].Fields["n"].(int64)
	return n
}

func TestADeadLetterIsSeenMendedAndRedrivenWithOneEffect(t *testing.T) {
	b := newBus(t)
	b.broken = "count"
	b.happen("e1")
	b.drain()
	found, _, err := ledger.Letters(t.Context(), b.desk, ada, ledger.Filter{Consumer: "count", State: event.LetterWaiting}, desk.Page{})
	if err != nil || len(found) != 1 || found[0].State != event.LetterWaiting {
		t.Fatalf("%+v, %v", found, err)
	}
	b.broken = ""
	for range 3 {
		l, err := ledger.Redrive(t.Context(), b.desk, ada, found[0].ID)
		if err != nil || l.State != event.LetterRedriven || l.RedrivenBy != "ada" {
			t.Fatalf("%+v, %v", l, err)
		}
		b.drain()
	}
	if b.effects("count") != 1 || b.effects("mail") != 1 || b.told["mail"] != 1 || b.told["count"] != 2 {
		t.Errorf("%d and %d effects, delivered %v", b.effects("count"), b.effects("mail"), b.told)
	}
	if left, _, err := ledger.Letters(t.Context(), b.desk, ada, ledger.Filter{State: event.LetterWaiting}, desk.Page{}); err != nil || len(left) != 0 {
		t.Errorf("%d still wait, %v", len(left), err)
	}
}

func TestRedrivingWhatHadItsEffectMeanwhileChangesNothing(t *testing.T) {
	b := newBus(t)
	b.happen("e1")
	b.drain()
	b.bury(t.Context(), "count", event.Event{Schema: 1, ID: "e1", Type: "ticket.changed", Subject: "t1"})
	if _, err := ledger.Redrive(t.Context(), b.desk, ada, "count:e1"); err != nil {
		t.Fatal(err)
	}
	b.drain()
	if b.effects("count") != 1 || b.told["count"] != 2 {
		t.Errorf("%d effects of %d deliveries", b.effects("count"), b.told["count"])
	}
}

func TestALetterWithoutAFactIsKeptAndNotRedriven(t *testing.T) {
	b := newBus(t)
	l := event.DeadLetter{ID: "count:1", Consumer: "count", Payload: "not json", At: noon}
	if err := event.Bury(t.Context(), b.desk.DB, l); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Redrive(t.Context(), b.desk, ada, l.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v", err)
	}
	if got, err := ledger.Letter(t.Context(), b.desk, ada, l.ID); err != nil || got.State != event.LetterWaiting {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOnlyAdministratorsSeeAndRedriveDeadLetters(t *testing.T) {
	b := newBus(t)
	_, _, list := ledger.Letters(t.Context(), b.desk, nora, ledger.Filter{}, desk.Page{})
	_, show := ledger.Letter(t.Context(), b.desk, nora, "count:1")
	_, again := ledger.Redrive(t.Context(), b.desk, nora, "count:1")
	for _, err := range []error{list, show, again} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("got %v", err)
		}
	}
	for _, id := range []string{"nothing", "../x", ""} {
		if _, err := ledger.Redrive(t.Context(), b.desk, ada, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
