package bench

import (
	"context"
	"fmt"
	"time"

	"ticketsystem.example/functions"
)

// The ways to an operation.
const (
	floorWay  = "floor"  // the plain client, past everything of ours
	aloneWay  = "alone"  // over HTTP to a process of the function that wakes nobody
	directWay = "direct" // over HTTP to the function's own port
	frontWay  = "front"  // over HTTP through the front door
)

// ways lists the ways to an operation. Nothing follows from its floor, and everything
// that follows from a change runs on the same few cores as the next one; so a change
// is also measured without, and what follows is done when the last one is answered.
func (op operation) ways() []string {
	if op.changes {
		return []string{floorWay, aloneWay, directWay, frontWay}
	}
	return []string{floorWay, directWay, frontWay}
}

// key says what a round's result is of.
type key struct {
	operation   string
	concurrency int
	way         string
}

// round is what one round found.
type round struct {
	sample
	cpu usage // used by the sample and what followed from it
}

// warming is the share of a round's requests that is sent before the first round, so
// that caches are full and the emulators' machine code is made.
const warming = 0.5

// measure takes the rounds of one operation after the other and hands their medians
// to the report. Operations that change something come last, since the emulator's
// queries take longer the more documents there are.
func (b *bench) measure(ctx context.Context) error {
	row, _ := functions.Named(answering)
	alone, err := b.launch(b.stack, row, "RELAY_URL=")
	if err != nil {
		return err
	}
	defer alone.stop()
	if _, err := alone.firstAnswer(ctx); err != nil {
		return err
	}
	b.urls[aloneWay] = alone.url
	found := map[key][]round{}
	for _, changes := range []bool{false, true} {
		for _, op := range operations {
			if op.changes != changes {
				continue
			}
			began := time.Now()
			if err := b.rounds(ctx, op, found); err != nil {
				return err
			}
			b.options.Progress(fmt.Sprintf("%s: took %.1f s", op.name, time.Since(began).Seconds()))
		}
	}
	b.report.fill(found)
	return nil
}

// A busy machine gets fewer rounds rather than more minutes.
const (
	enough       = 25 * time.Second // for one operation
	fewestRounds = 3
)

// rounds measures one operation, after a round that does not count.
func (b *bench) rounds(ctx context.Context, op operation, found map[key][]round) error {
	if err := b.round(ctx, op, 0, warming, func(key, round) {}); err != nil {
		return err
	}
	began := time.Now()
	for n := range b.options.Rounds {
		if n >= fewestRounds && time.Since(began) > enough {
			break
		}
		if err := b.round(ctx, op, n, 1, func(k key, r round) { found[k] = append(found[k], r) }); err != nil {
			return err
		}
	}
	return nil
}

// round measures an operation in every way once. Which way comes first changes with
// the round, since each leaves the machine in another state.
func (b *bench) round(ctx context.Context, op operation, n int, share float64, keep func(key, round)) error {
	for _, c := range concurrencies {
		ways := op.ways()
		for w := range ways {
			k := key{op.name, c, ways[(w+n)%len(ways)]}
			requests := max(int(float64(op.count[c])*share*b.options.Scale), c)
			r, err := b.sample(ctx, op, k, requests)
			if err != nil {
				return fmt.Errorf("%s, %d at once, %s: %w", k.operation, k.concurrency, k.way, err)
			}
			keep(k, r)
		}
	}
	return nil
}

// sample measures one operation in one way, from quiet to quiet.
func (b *bench) sample(ctx context.Context, op operation, k key, requests int) (r round, err error) {
	before, err := b.meter.now()
	if err != nil {
		return r, err
	}
	first := b.turns[op.name]
	b.turns[op.name] += requests
	if r.sample, err = drive(ctx, k.concurrency, requests, first, b.way(op, k.way)); err != nil {
		return r, err
	}
	if op.changes && k.way != floorWay {
		if err = b.meter.settle(ctx); err != nil {
			return r, err
		}
	}
	after, err := b.meter.now()
	r.cpu = after.since(before)
	return r, err
}

// way is the function that does an operation once in a way.
func (b *bench) way(op operation, way string) func(context.Context, int) error {
	if way == floorWay {
		return b.floors[op.name].do
	}
	return func(ctx context.Context, i int) error {
		_, err := b.site.do(ctx, b.urls[way], op.request(b.site, i))
		return err
	}
}
