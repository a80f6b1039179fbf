package event_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// tape is a publisher that remembers what it took, and can fail.
type tape struct {
	mu    sync.Mutex
	taken []event.Event
	fail  func() error
}

func (p *tape) Publish(_ context.Context, events []event.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(); err != nil {
			return err
		}
	}
	p.taken = append(p.taken, events...)
	return nil
}

func (p *tape) ids() []string {
	out := make([]string, len(p.taken))
	for i, e := range p.taken {
		out[i] = e.ID
	}
	return out
}

func TestFactsArePublishedOldestFirstAndAreGoneThen(t *testing.T) {
	m, db := open()
	happen(t, db, fact(3), fact(1), fact(2))
	to := &tape{}
	relay := event.Relay{DB: db, To: to}
	if n, err := relay.Drain(t.Context()); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := relay.Drain(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	if !slices.Equal(to.ids(), []string{"e001", "e002", "e003"}) || len(m.Dump(event.OutboxCollection)) != 0 {
		t.Errorf("published %v, left %v", to.ids(), m.Dump(event.OutboxCollection))
	}
}

func TestFactsOfOneMomentArePublishedBySequence(t *testing.T) {
	_, db := open()
	for i, id := range []string{"z", "m", "a"} { // against the order of ids
		e := fact(i + 1)
		e.ID, e.At = id, noon
		happen(t, db, e)
	}
	to := &tape{}
	if _, err := (event.Relay{DB: db, To: to}).Drain(t.Context()); err != nil || !slices.Equal(to.ids(), []string{"z", "m", "a"}) {
		t.Errorf("published %v, %v", to.ids(), err)
	}
}

func TestALargeOutboxIsDrainedWhole(t *testing.T) {
	m, db := open()
	var want []string
	for i := range 250 {
		happen(t, db, fact(i))
		want = append(want, fact(i).ID)
	}
	to := &tape{}
	n, err := event.Relay{DB: db, To: to}.Drain(t.Context())
	if n != 250 || err != nil || !slices.Equal(to.ids(), want) || len(m.Dump(event.OutboxCollection)) != 0 {
		t.Errorf("%d, %v, %v", n, err, to.ids())
	}
}

func TestWhatIsPublishedIsWhatHappened(t *testing.T) {
	_, db := open()
	happen(t, db, golden())
	to := &tape{}
	if _, err := (event.Relay{DB: db, To: to}).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := to.taken[0]
	if err := got.Data.Canonicalize(); err != nil { // the order of names may change on the way
		t.Fatal(err)
	}
	want := golden()
	if err := want.Data.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	a, _ := event.Encode(got)
	b, _ := event.Encode(want)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func TestAFactIsPublishedAgainAfterACrashBeforeItsRemoval(t *testing.T) {
	m, db := open()
	happen(t, db, fact(1), fact(2))
	to := &tape{}
	relay := event.Relay{DB: db, To: to}
	crash := errors.New("killed")
	m.Before = func(op string) error {
		if op == "commit" {
			return crash
		}
		return nil
	}
	if _, err := relay.Drain(t.Context()); !errors.Is(err, crash) {
		t.Errorf("got %v", err)
	}
	m.Before = nil
	if n, err := relay.Drain(t.Context()); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if !slices.Equal(to.ids(), []string{"e001", "e002", "e001", "e002"}) || len(m.Dump(event.OutboxCollection)) != 0 {
		t.Errorf("published %v", to.ids())
	}
}

func TestAFactStaysWhenItCannotBePublished(t *testing.T) {
	m, db := open()
	happen(t, db, fact(1))
	to := &tape{fail: func() error { return fault.Down(errors.New("no topic")) }}
	if n, err := (event.Relay{DB: db, To: to}).Drain(t.Context()); n != 0 || !fault.Is(err, fault.Unavailable) {
		t.Errorf("%d, %v", n, err)
	}
	if len(m.Dump(event.OutboxCollection)) != 1 {
		t.Error("the fact is lost")
	}
}

func TestRelaysAtOnceLoseNothing(t *testing.T) {
	m, db := open()
	for i := range 120 {
		happen(t, db, fact(i))
	}
	to := &tape{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := (event.Relay{DB: db, To: to}).Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	once := slices.Compact(slices.Sorted(slices.Values(to.ids())))
	if len(once) != 120 || len(m.Dump(event.OutboxCollection)) != 0 {
		t.Errorf("published %d of 120", len(once))
	}
}

func TestAFactThatComesInWhileDrainingIsNotRemovedUnpublished(t *testing.T) {
	m, db := open()
	happen(t, db, fact(1))
	to := &tape{}
	to.fail = func() error {
		to.fail = nil
		happen(t, db, fact(2))
		return nil
	}
	relay := event.Relay{DB: db, To: to}
	if n, err := relay.Drain(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if left := m.Dump(event.OutboxCollection); len(left) != 1 || left[0].Key.ID != "e002" {
		t.Errorf("left %v", left)
	}
}

var _ event.Publisher = (*tape)(nil)

func TestAMomentIsStoredWithMicroseconds(t *testing.T) {
	m, db := open()
	e := fact(1)
	e.At = noon.Add(1999)
	happen(t, db, e)
	if got := m.Dump(event.OutboxCollection)[0].Fields["at"]; got != docdb.Stamp(noon.Add(1000)) {
		t.Errorf("got %v", got)
	}
}
