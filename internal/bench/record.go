package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"cloud.google.com/go/firestore"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack"
)

// How often each operation is recorded. The first number is such that what happens now
// and then (a new block of ticket numbers) counts with its share; what follows from
// an operation is recorded one at a time, from quiet to quiet.
const (
	recordings = 32
	followed   = 6
	surely     = 3 // quiet moments in a row, since a single late delivery would count
)

// rehearsal is a second stack on the same emulators, whose calls to Firestore are all
// recorded: those of a process of the answering function of its own, and those of all
// other functions.
type rehearsal struct {
	stack      *stack.Stack
	own, other *recorder
	answering  *lone
	site       *site
	meter      *meter
	turns      map[string]int
}

// record finds out what each operation reads and writes, and makes its floor of it.
func (b *bench) record(ctx context.Context) (err error) {
	r, err := b.rehearse(ctx)
	if r != nil {
		defer func() { err = errors.Join(err, r.stop(ctx)) }()
	}
	if err != nil {
		return err
	}
	db, copies, err := b.databases(ctx)
	if err != nil {
		return err
	}
	for _, op := range operations {
		first := r.turns[op.name] + 1
		runs, err := r.record(ctx, op)
		if err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
		o := b.report.operation(op.name)
		o.Own = costOf(runs)
		if op.changes {
			if o.Following, err = r.follow(ctx, op); err != nil {
				return fmt.Errorf("%s: %w", op.name, err)
			}
		}
		n := least(runs)
		f, err := newFloor(db, copies, runs[n], r.site.worked(op, first+n), b.site.tickets)
		if err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
		b.floors[op.name] = f
	}
	return nil
}

// rehearse starts the second stack. What it returns must be stopped, also with an error.
func (b *bench) rehearse(ctx context.Context) (r *rehearsal, err error) {
	r = &rehearsal{turns: map[string]int{}}
	if r.own, err = startRecorder(b.stack.Suite.Firestore); err != nil {
		return nil, err
	}
	if r.other, err = startRecorder(b.stack.Suite.Firestore); err != nil {
		return r, err
	}
	const host = "FIRESTORE_EMULATOR_HOST="
	r.stack, err = stack.Start(ctx, stack.Options{Suite: b.stack.Suite, Dir: filepath.Join(b.dir, "rehearsal"), Env: []string{host + r.other.address}})
	if err != nil {
		return r, err
	}
	if err := r.stack.Seed(ctx); err != nil {
		return r, err
	}
	r.meter = newMeter(r.stack)
	if r.site, err = newSite(ctx, r.stack.URL); err != nil {
		return r, err
	}
	row, _ := functions.Named(answering)
	if r.answering, err = b.launch(r.stack, row, host+r.own.address); err != nil {
		return r, err
	}
	if _, err := r.answering.firstAnswer(ctx); err != nil {
		return r, err
	}
	return r, r.meter.settle(ctx)
}

func (r *rehearsal) stop(ctx context.Context) (err error) {
	if r.answering != nil {
		r.answering.stop()
	}
	if r.site != nil {
		err = r.site.client.close()
	}
	if r.stack != nil {
		err = errors.Join(err, r.stack.Stop(ctx))
	}
	for _, rec := range []*recorder{r.own, r.other} {
		if rec != nil {
			err = errors.Join(err, rec.stop())
		}
	}
	return err
}

// do does an operation once.
func (r *rehearsal) do(ctx context.Context, op operation) error {
	_, err := r.site.do(ctx, r.answering.url, op.request(r.site, r.turns[op.name]))
	r.turns[op.name]++
	return err
}

// record does an operation several times and returns the answering function's calls of
// each time. Once before them fills its caches.
func (r *rehearsal) record(ctx context.Context, op operation) ([][]call, error) {
	var runs [][]call
	for n := range 1 + recordings {
		r.own.take()
		if err := r.do(ctx, op); err != nil {
			return nil, err
		}
		if n > 0 {
			runs = append(runs, r.own.take())
		}
	}
	return runs, nil
}

// follow returns what all other functions do after an operation, on average.
func (r *rehearsal) follow(ctx context.Context, op operation) (Cost, error) {
	var runs [][]call
	err := r.meter.settled(ctx, surely)
	for n := 0; err == nil && n < followed; n++ {
		r.other.take()
		if err = r.do(ctx, op); err == nil {
			err = r.meter.settled(ctx, surely)
		}
		runs = append(runs, r.other.take())
	}
	return costOf(runs), err
}

// databases opens the stack's database and the one of the floors, with a copy of the
// work tickets in it.
func (b *bench) databases(ctx context.Context) (db, copies *firestore.Client, err error) {
	host, project := b.stack.Suite.Firestore, b.stack.Suite.Project
	if db, err = plainClient(ctx, host, project, "(default)"); err != nil {
		return nil, nil, err
	}
	b.closers = append(b.closers, db.Close)
	if copies, err = plainClient(ctx, host, project, "floor-"+time.Now().Format("150405")); err != nil {
		return nil, nil, err
	}
	b.closers = append(b.closers, copies.Close)
	for _, id := range b.site.tickets {
		path := "tickets/" + id
		original, err := db.Doc(path).Get(ctx)
		if err != nil {
			return nil, nil, err
		}
		if _, err := copies.Doc(path).Set(ctx, original.Data()); err != nil {
			return nil, nil, err
		}
	}
	return db, copies, nil
}
