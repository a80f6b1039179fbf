package bench

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/process"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// meter reads how much CPU the stack's processes have used.
type meter struct {
	stack *stack.Stack
	relay string // its address
}

// usage is CPU time by process.
type usage struct {
	functions map[string]time.Duration
	emulators map[emulator.Kind]time.Duration
}

func newMeter(s *stack.Stack) *meter { return &meter{s, address(s, "relay") + "/"} }

// address is where a function of a stack listens.
func address(s *stack.Stack, name string) string {
	for _, f := range s.Functions() {
		if f.Name == name {
			return f.URL
		}
	}
	return ""
}

// now reads everything. A function that was started again in the meantime has lost
// its past, and the run is worth nothing.
func (m *meter) now() (usage, error) {
	u := usage{map[string]time.Duration{}, map[emulator.Kind]time.Duration{}}
	for _, f := range m.stack.Functions() {
		if f.Restarts > 0 || f.State != "running" {
			return u, fmt.Errorf("the function %s ended while it was measured; its log is gone with the run, so start it by hand (make run)", f.Name)
		}
		u.functions[f.Name] = f.CPU
	}
	for _, kind := range emulator.All() {
		used, err := process.UsageOf(m.stack.Suite.PID(kind))
		if err != nil {
			return u, err
		}
		u.emulators[kind] = used.CPU
	}
	return u, nil
}

// since is what was used after before.
func (u usage) since(before usage) usage {
	return usage{less(u.functions, before.functions), less(u.emulators, before.emulators)}
}

func less[K comparable](now, before map[K]time.Duration) map[K]time.Duration {
	out := map[K]time.Duration{}
	for k, used := range now {
		out[k] = used - before[k]
	}
	return out
}

// all is the CPU time of all functions.
func (u usage) all() (sum time.Duration) {
	for _, d := range u.functions {
		sum += d
	}
	return sum
}

// Quiet is when the outbox is empty, and for quietFor neither the functions nor what
// delivers to them have used more than quietCPU, the smallest amount that is counted.
const (
	quietFor     = 120 * time.Millisecond
	quietCPU     = 10 * time.Millisecond
	settleWithin = 60 * time.Second
)

// settle waits until everything that follows from the requests so far is done.
func (m *meter) settle(ctx context.Context) error { return m.settled(ctx, 1) }

// settled waits until all has been quiet so many times in a row. Where facts wait and
// nobody works on them, it wakes the relay.
func (m *meter) settled(ctx context.Context, times int) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	before, err := m.now()
	for quiet := 0; err == nil && quiet < times; {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the event functions are not done after %s: %w", settleWithin, ctx.Err())
		case <-time.After(quietFor):
		}
		var now usage
		if now, err = m.now(); err != nil {
			break
		}
		used := now.since(before)
		before = now
		if used.all() > quietCPU || used.emulators[emulator.PubSub] > quietCPU {
			quiet = 0
			continue
		}
		facts, failed := m.stack.DB.Query(ctx, waiting)
		if quiet++; failed != nil || len(facts) > 0 {
			quiet = 0
			// Whether it goes well shows in the outbox; an overloaded system says no.
			_, _ = ask(ctx, http.MethodPost, m.relay, "", "")
		}
	}
	return err
}

// waiting asks for a fact that has not been published.
var waiting = docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 1}
