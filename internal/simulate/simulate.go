// Package simulate lives through days of a help desk in a moment, with everything that can
// go wrong going wrong, and checks that nothing was lost, done twice or told to the wrong
// person.
//
// Ideas:
//
//   - The whole desk is in one process: the functions of the catalogue with their real
//     handlers, over the database's twin, with a Pub/Sub, a schedule and people who work.
//     Only what is outside of the code is made up, and it is made up badly: see faults.go
//     and bus.go.
//   - There is one thread and one clock, which jumps. A function's handler is a coroutine
//     that rests at each of its reads, writes and publications, for as long as chance says;
//     meanwhile others go on. So every order of steps may come up, and none needs luck.
//   - All chance is drawn from the seed and from the name of the step that draws, never
//     from the step's turn. The same seed is the same run to the last bit, and a run with
//     some of its actions left out is otherwise much the same run. That is what lets a
//     failure shrink to the few actions that make it (shrink.go).
//   - What must hold is judged by rules of its own, written down a second time and more
//     plainly than in the code (watch.go as it runs, check.go in the end).
//
// A typical use:
//
//	r := simulate.Plan(17).Run(simulate.Options{})
//	if len(r.Wrong) > 0 { ... r.Trace ... }
//
// An instance of a function answers one request at a time here, since two that wait for
// the same lock would stop the only thread. What goes on within one process is for the
// race detector and the packages' own tests. Sign-in, files and accounts in Firebase are
// left out: they hang on services that have no twin of their behaviour in time.
package simulate

import (
	"fmt"
	"slices"
	"time"
)

// Begin is when each run begins: a Monday morning in Berlin.
var Begin = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// Scenario is what people do, and the seed of all else that happens.
type Scenario struct {
	Seed    uint64
	Calm    bool // nothing goes wrong; then all is on time too
	Actions []Action
}

// Options are how a run is watched.
type Options struct {
	Trace    bool      // keep each step
	Mutation *Mutation // a deliberate fault in the wiring
}

// Result is what came of a run.
type Result struct {
	Seed    uint64
	Hash    string // of every step
	Steps   int    // there were
	Facts   int    // that happened
	Killed  int    // instances that died in the middle of something
	Virtual time.Duration
	Wrong   []string // what must not be
	Trace   []string
}

// maxSteps ends a run that goes round in circles; the longest there was took a fifth.
const maxSteps = 40_000

// Run lives through the scenario.
func (s Scenario) Run(o Options) Result {
	w := newWorld(s, o)
	w.setUp()
	w.poisons()
	for _, a := range s.Actions {
		w.at(Begin.Add(a.At), func() { w.perform(a) })
	}
	rest := Begin.Add(s.length())
	w.at(rest, func() { w.calm = true })
	w.proceed(rest.Add(calmFor))
	w.end()
	w.check()
	return Result{
		Seed: s.Seed, Hash: fmt.Sprintf("%x", w.hash.Sum(nil)), Steps: w.steps, Facts: len(w.facts), Killed: w.killed,
		Virtual: w.now.Sub(Begin), Wrong: slices.Compact(slices.Clone(w.wrong)), Trace: w.trace,
	}
}

// calmFor is how long a run goes on without faults after the last action: longer than the
// longest pause between two deliveries.
const calmFor = 90 * time.Minute

func (s Scenario) length() time.Duration {
	var last time.Duration
	for _, a := range s.Actions {
		last = max(last, a.At)
	}
	return last + time.Minute
}
