// Package bench measures what the system costs: how long an operation takes, what
// it reads and writes, and how much CPU and memory the functions need for it.
//
// Ideas:
//
//   - Nothing is compared with yesterday. Beside each operation stands its floor: the
//     same documents read, the same query, or the same writes in one transaction, done
//     with Google's plain client against the same emulator, in turns with the
//     operation. So the ratio holds on a busy machine where no latency does.
//   - The floor is not written down, it is recorded: a function of its own runs each
//     operation through a proxy that notes every call to Firestore, which also
//     counts the reads and writes (see recorder).
//   - Each figure is the median of several rounds, and a round takes all operations
//     and all ways to them in turns.
//   - CPU is what the kernel accounts to the processes, from before the first request
//     until everything that follows from the last one is done.
//   - It never fails because a goal is missed; it says so.
//
// It starts a stack of its own and leaves nothing running. It does not measure the
// cloud: networks, cold machines and Firestore itself are not here.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"ticketsystem.example/internal/stack"
)

// Options says how thorough a run is.
type Options struct {
	Rounds   int               // 0 means DefaultRounds
	Scale    float64           // of the number of requests; 0 means 1
	Starts   int               // how often each function is started; 0 means DefaultStarts
	Progress func(line string) // is told what happens, one call at a time; nil is silent
}

// What a run does unless asked otherwise: enough to be calm, and done in under four
// minutes on two cores.
const (
	DefaultRounds = 5
	DefaultStarts = 5
)

// bench is one run.
type bench struct {
	options Options
	stack   *stack.Stack
	dir     string            // the stack's run folder
	urls    map[string]string // where the ways over HTTP begin
	site    *site
	floors  map[string]*floor // by operation
	turns   map[string]int    // of each operation, the number that its next request gets
	meter   *meter
	report  *Report
	closers []func() error
}

// Run starts a stack, measures it, stops it, and returns what it found.
func Run(ctx context.Context, o Options) (*Report, error) {
	o = o.complete()
	dir, err := os.MkdirTemp("", "ticketsystem-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir, floors: map[string]*floor{}, turns: map[string]int{}, urls: map[string]string{}, report: newReport(o)}
	began := time.Now()
	if err := b.onStack(ctx); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	b.report.Seconds = time.Since(began).Seconds()
	b.report.judge()
	return b.report, nil
}

// complete is the options with what was left open filled in.
func (o Options) complete() Options {
	o.Rounds, o.Starts, o.Scale = cmp.Or(o.Rounds, DefaultRounds), cmp.Or(o.Starts, DefaultStarts), cmp.Or(o.Scale, 1)
	var mu sync.Mutex
	tell := o.Progress
	o.Progress = func(line string) { // the stack and the processes beside it speak whenever they like
		mu.Lock()
		defer mu.Unlock()
		if tell != nil {
			tell(line)
		}
	}
	return o
}

// onStack runs everything on a stack of its own.
func (b *bench) onStack(ctx context.Context) (err error) {
	b.stack, err = stack.Start(ctx, stack.Options{Dir: b.dir, Progress: b.options.Progress})
	if err != nil {
		return err
	}
	defer func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		for _, c := range b.closers {
			err = errors.Join(err, c())
		}
		err = errors.Join(err, b.stack.Stop(grace))
	}()
	b.meter = newMeter(b.stack)
	b.urls[frontWay], b.urls[directWay] = b.stack.URL, address(b.stack, answering)
	steps := []struct {
		says string
		do   func(context.Context) error
	}{
		{"seeding", b.seed},
		{"starting each function several times", b.starts},
		{"recording what each operation reads and writes", b.record},
		{"measuring", b.measure},
	}
	for _, s := range steps {
		began := time.Now()
		b.options.Progress(s.says)
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.says, err)
		}
		b.options.Progress(fmt.Sprintf("%s: took %.1f s", s.says, time.Since(began).Seconds()))
	}
	return b.loaded()
}

// seed fills the stack and signs in who makes the requests.
func (b *bench) seed(ctx context.Context) (err error) {
	if err = b.stack.Seed(ctx); err != nil {
		return err
	}
	if b.site, err = newSite(ctx, b.stack.URL); err != nil {
		return err
	}
	b.closers = append(b.closers, b.site.client.close)
	return b.meter.settle(ctx)
}
