package simulate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// How often things go wrong, of a thousand.
const (
	failsBefore = 8  // a read or write does not happen, and says so
	failsAfter  = 6  // a write happens, and its answer is lost
	diesBefore  = 4  // the instance dies before a read or write
	diesAfter   = 4  // and after a write
	lingers     = 20 // it takes up to five seconds
	hangs       = 2  // it takes up to two minutes
)

// outage is a time in which the database does not answer.
type outage struct{ from, until time.Time }

// planOutages draws when they are.
func (w *world) planOutages() []outage {
	luck := w.chance("outages")
	var out []outage
	for range luck.IntN(3) {
		if len(w.Actions) == 0 {
			break
		}
		from := Begin.Add(w.Actions[luck.IntN(len(w.Actions))].At - time.Duration(luck.IntN(20))*time.Second)
		out = append(out, outage{from, from.Add(time.Duration(10+luck.IntN(170)) * time.Second)})
	}
	return out
}

func (w *world) out() bool {
	return !w.calm && slices.ContainsFunc(w.outages, func(o outage) bool { return !w.now.Before(o.from) && w.now.Before(o.until) })
}

// happens draws whether something goes wrong.
func (t *task) happens(ofThousand int) bool { return !t.calm && t.luck.IntN(1000) < ofThousand }

// pause is how long a read, a write or a publication takes.
func (t *task) pause() time.Duration {
	switch {
	case t.happens(hangs):
		return time.Duration(t.luck.Int64N(int64(2 * time.Minute)))
	case t.happens(lingers):
		return time.Duration(t.luck.Int64N(int64(5 * time.Second)))
	}
	return time.Millisecond + time.Duration(t.luck.Int64N(int64(20*time.Millisecond)))
}

var (
	errDead    = errors.New("simulate: the process is gone")
	errOut     = fault.Down(errors.New("simulate: the database does not answer"))
	errLost    = fault.Down(errors.New("simulate: the answer was lost"))
	errTooLong = context.DeadlineExceeded
)

// shelf is the database as one instance reaches it. It implements docdb.Store.
type shelf struct {
	world *world
	in    *instance
}

// enter is the way to the database.
func (s shelf) enter(op, what string) error {
	t := s.world.running
	if t == nil {
		return nil // we look ourselves
	}
	if t.in.dead {
		return errDead
	}
	t.rest(t.pause())
	err := s.trouble(t)
	say := op + " " + what
	if err != nil {
		say += ": " + err.Error()
	}
	t.note(t.name, say)
	return err
}

func (s shelf) trouble(t *task) error {
	switch {
	case t.in.dead:
		return errDead
	case t.now.After(t.until):
		return errTooLong
	case t.out(), t.happens(failsBefore):
		return errOut
	case t.happens(diesBefore):
		t.kill(t.in)
		return errDead
	}
	return nil
}

// Get implements docdb.Store.
func (s shelf) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	if err := s.enter("get", names(keys)); err != nil {
		return nil, err
	}
	return s.world.store.Get(ctx, keys)
}

// Query implements docdb.Store.
func (s shelf) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	if err := s.enter("query", q.Collection); err != nil {
		return nil, err
	}
	return s.world.store.Query(ctx, q)
}

// Commit implements docdb.Store.
func (s shelf) Commit(ctx context.Context, writes []docdb.Write) error {
	keys := make([]docdb.Key, len(writes))
	for i, w := range writes {
		keys[i] = w.Key
	}
	if err := s.enter("commit", names(keys)); err != nil {
		return err
	}
	if err := s.world.store.Commit(ctx, writes); err != nil {
		return err
	}
	s.world.committed(s.in, writes)
	return s.after()
}

// after is the way back of a write.
func (s shelf) after() error {
	t := s.world.running
	if t == nil {
		return nil
	}
	t.rest(t.pause())
	switch {
	case t.in.dead:
		return errDead
	case t.happens(diesAfter):
		t.kill(t.in)
		return errDead
	case t.now.After(t.until):
		return errTooLong
	case t.happens(failsAfter):
		t.note(t.name, "the answer is lost")
		return errLost
	}
	return nil
}

// names lists keys by name: the order that the code happened to have them in is no part of
// a run.
func names(keys []docdb.Key) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// kill ends an instance: its memory is gone, and whoever waits for it waits in vain.
func (w *world) kill(in *instance) {
	if in.dead {
		return
	}
	in.dead = true
	w.killed++
	w.note(in.name, "dies")
}

// collided waits before a transaction is tried again.
func (w *world) collided(ctx context.Context, most time.Duration) error {
	t := w.running
	if t == nil {
		return ctx.Err()
	}
	t.note(t.name, fmt.Sprintf("collided, waits up to %v", most))
	t.rest(time.Duration(t.luck.Int64N(int64(most))))
	if t.in.dead {
		return errDead
	}
	return nil
}

// poisons publishes now and then what nobody can read, which must be buried and harm
// nobody.
func (w *world) poisons() {
	luck := w.chance("poison")
	for n := range luck.IntN(3) {
		if len(w.Actions) == 0 {
			return
		}
		m := message{id: fmt.Sprint("poison ", n), kind: "ticket.created", data: []byte(pick(luck, []string{
			"no event", `{"schema":1,"id":"p","type":"ticket.created","subject":"t","data":[]}`, `{"schema":99,"id":"p","type":"ticket.created","subject":"t"}`}))}
		for name, c := range consumers {
			if f, _ := functions.Named(name); f.Takes(m.kind) {
				w.poison[c.name+":"+m.id] = true
			}
		}
		w.at(Begin.Add(w.Actions[luck.IntN(len(w.Actions))].At), func() { w.bus.publish(m) })
	}
}
