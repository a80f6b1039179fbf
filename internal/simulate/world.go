package simulate

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// world is one run: its clock, what is to come, and all that there is.
type world struct {
	Scenario
	Options
	now     time.Time
	coming  schedule
	turn    uint64 // numbers what is put on the schedule
	running *task  // whose turn it is; nil between
	calm    bool
	steps   int
	killed  int
	hash    hash.Hash
	trace   []string

	store     *docdb.Memory
	functions map[string]*function
	bus       bus
	outages   []outage
	resting   map[*task]func() // to end each that is at work
	minutes   map[string]bool  // runs of scheduled functions that are on the schedule

	facts     map[string]event.Event // that happened, by id
	published map[string]int
	tickets   map[int]desk.TicketID // by the action that opened it, as its person knows it
	poison    map[string]bool       // dead letters that there must be
	answers   map[int]int           // what each action was answered in the end; 0 for nothing
	trees     []desk.Organisation   // as the tree was and is
	wrong     []string
}

func newWorld(s Scenario, o Options) *world {
	w := &world{
		Scenario: s, Options: o, now: Begin, calm: s.Calm, hash: fnv.New128a(), store: docdb.NewMemory(), functions: map[string]*function{}, minutes: map[string]bool{}, resting: map[*task]func(){},
		facts: map[string]event.Event{}, published: map[string]int{}, tickets: map[int]desk.TicketID{}, answers: map[int]int{}, poison: map[string]bool{},
	}
	w.bus.world = w
	w.outages = w.planOutages()
	return w
}

// coming is something that is to happen.
type due struct {
	at   time.Time
	turn uint64
	do   func()
}

// schedule is a heap of what is to come, the next first.
type schedule []due

func (s schedule) Len() int { return len(s) }
func (s schedule) Less(i, j int) bool {
	return cmp.Or(s[i].at.Compare(s[j].at), cmp.Compare(s[i].turn, s[j].turn)) < 0
}
func (s schedule) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *schedule) Push(x any) { *s = append(*s, x.(due)) }

// Pop implements heap.Interface.
func (s *schedule) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

// at lets something happen at a time, or now if that is past.
func (w *world) at(when time.Time, do func()) {
	if when.Before(w.now) {
		when = w.now
	}
	w.turn++
	heap.Push(&w.coming, due{when, w.turn, do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

// proceed lets time pass until nothing more is to come, or only what comes after the end.
func (w *world) proceed(end time.Time) {
	for len(w.coming) > 0 && w.coming[0].at.Before(end) {
		if w.steps++; w.steps > maxSteps {
			w.fail("it never comes to rest")
			return
		}
		next := heap.Pop(&w.coming).(due)
		w.now = next.at
		next.do()
	}
}

// chance is the source of all that happens to the named thing.
func (w *world) chance(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(w.Seed, h.Sum64()))
}

// note writes a step down: into the hash always, into the trace if somebody wants it.
func (w *world) note(who, what string) {
	at := w.now.Sub(Begin)
	_, _ = fmt.Fprintf(w.hash, "%d %s %s\n", at, who, what) // never fails
	if w.Options.Trace {
		w.trace = append(w.trace, fmt.Sprintf("%-14v %s: %s", at.Truncate(time.Millisecond), who, what))
	}
}

// fail says what must not be.
func (w *world) fail(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if !slices.Contains(w.wrong, line) {
		w.wrong = append(w.wrong, line)
		w.note("WRONG", line)
	}
}

// end lets go of all that is still at work, and of the shells.
func (w *world) end() {
	for t, stop := range w.resting {
		w.fail("%s has not ended", t.name)
		t.in.dead = true
		w.running = t
		stop()
	}
	w.running = nil
	for _, f := range w.functions {
		for _, in := range f.instances {
			giveBack(in)
		}
	}
}

// task is work of an instance that rests now and then.
type task struct {
	*world
	name  string
	in    *instance
	luck  *rand.Rand
	until time.Time // after that its reads and writes fail
	made  int       // ids
	yield func(time.Duration) bool
}

// patience is how long a function works on a request, as in package serve.
const patience = 20 * time.Second

// start runs work as a task of the instance, and then calls ended, unless the instance
// died meanwhile.
func (w *world) start(name string, in *instance, work func(context.Context), ended func()) {
	t := &task{world: w, name: name, in: in, luck: w.chance(name), until: w.now.Add(patience)}
	in.busy = true
	next, stop := iter.Pull(func(yield func(time.Duration) bool) {
		t.yield = yield
		work(context.Background())
	})
	var step func()
	w.resting[t] = stop
	step = func() {
		before := w.running
		w.running = t
		rest, more := next()
		w.running = before
		if more {
			w.after(rest, step)
			return
		}
		delete(w.resting, t)
		stop()
		in.busy = false
		if ended != nil {
			ended()
		}
	}
	w.after(0, step)
}

// rest lets others go on for a while.
func (t *task) rest(d time.Duration) { t.yield(d) }

// newID is a random id that is the same whenever the task is.
func (t *task) newID() string {
	t.made++
	return fmt.Sprintf("x%016x", t.world.chance(fmt.Sprintf("%s id %d", t.name, t.made)).Uint64())
}
