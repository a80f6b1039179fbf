package bench

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack/process"
)

// idleFor is how long a function has had nothing to do when its memory is taken.
const idleFor = 5 * time.Second

// starts starts every function several times on its own, one at a time, and takes the
// memory of the last ones when they have been idle for a while.
func (b *bench) starts(ctx context.Context) error {
	var last []*lone
	defer func() {
		for _, p := range last {
			p.stop()
		}
	}()
	for _, row := range functions.Catalogue {
		var answers, serves []float64
		for n := range b.options.Starts {
			p, err := b.launch(b.stack, row)
			if err != nil {
				return err
			}
			answered, served, err := b.firstRequest(ctx, row, p)
			if n < b.options.Starts-1 || err != nil {
				p.stop()
			} else {
				last = append(last, p)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", row.Name, err)
			}
			answers, serves = append(answers, ms(answered)), append(serves, ms(served))
		}
		b.report.Functions = append(b.report.Functions, Function{Name: row.Name, StartMS: median(answers), ServeMS: median(serves)})
	}
	return b.idle(ctx, last)
}

// firstRequest returns how long after its start a function answered, and how long
// after its start it had served a request that builds all it needs.
func (b *bench) firstRequest(ctx context.Context, row functions.Function, p *lone) (answered, served time.Duration, err error) {
	if answered, err = p.firstAnswer(ctx); err != nil {
		return 0, 0, err
	}
	var status int
	switch {
	case row.Public():
		status, err = ask(ctx, http.MethodGet, p.url+row.Paths[0], b.site.agent, "")
	case len(row.Events) > 0 || row.Buries:
		status, err = ask(ctx, http.MethodPost, p.url+"/", "", "no envelope of Pub/Sub")
	default:
		status, err = ask(ctx, http.MethodPost, p.url+"/", "", "")
	}
	if err == nil && status >= http.StatusInternalServerError {
		err = fmt.Errorf("the first request was answered with status %d", status)
	}
	return answered, time.Since(p.began), err
}

// idle notes the memory of processes in the catalogue's order, after a pause that
// their garbage collectors use.
func (b *bench) idle(ctx context.Context, processes []*lone) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(idleFor):
	}
	for i, p := range processes {
		used, err := process.UsageOf(p.process.Status().PID)
		if err != nil {
			return err
		}
		b.report.Functions[i].IdleMB = mb(used.Resident)
	}
	return nil
}

// loaded notes the memory of the stack's own functions, after all the requests.
func (b *bench) loaded() error {
	for i, f := range b.stack.Functions() {
		b.report.Functions[i].LoadedMB = mb(f.Memory)
	}
	return nil
}

// ms is a time in milliseconds, mb a size in megabytes of a million bytes.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func mb(bytes int64) float64     { return float64(bytes) / 1e6 }
