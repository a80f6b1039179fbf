package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// sample is how a number of requests went.
type sample struct {
	took    []time.Duration // of each, sorted
	elapsed time.Duration   // of all
	busy    int             // how many were refused because something was overloaded
}

// errBusy is a refusal that an overloaded machine can bring about. It is counted, and
// ends nothing; any other failure means that something is wrong.
var errBusy = errors.New("answered 503")

// drive does something n times, with the given number of workers at once. do is given
// numbers from first on, each once. The first error ends it.
func drive(ctx context.Context, workers, n int, first int, do func(ctx context.Context, i int) error) (sample, error) {
	group, ctx := errgroup.WithContext(ctx)
	s := sample{took: make([]time.Duration, n)}
	var next, busy atomic.Int64
	began := time.Now()
	for range workers {
		group.Go(func() error {
			for {
				at := next.Add(1) - 1
				if at >= int64(n) {
					return nil
				}
				start := time.Now()
				err := do(ctx, first+int(at))
				if errors.Is(err, errBusy) {
					busy.Add(1)
				} else if err != nil {
					return err
				}
				s.took[at] = time.Since(start)
			}
		})
	}
	err := group.Wait()
	s.elapsed, s.busy = time.Since(began), int(busy.Load())
	slices.Sort(s.took)
	return s, err
}

// percentile is the time within which the share p of the requests (0 to 1) was done,
// by the nearest-rank method.
func (s sample) percentile(p float64) time.Duration {
	if len(s.took) == 0 {
		return 0
	}
	return s.took[max(int(math.Ceil(p*float64(len(s.took))))-1, 0)]
}

// perSecond is the throughput.
func (s sample) perSecond() float64 { return float64(len(s.took)) / s.elapsed.Seconds() }

// median is the middle of some values, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
