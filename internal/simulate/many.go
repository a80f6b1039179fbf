package simulate

import (
	"sync"
	"time"
)

// Sum is what came of many runs.
type Sum struct {
	Seeds, Facts, Killed, Steps int
	Virtual                     time.Duration
	Failed                      []Result // the first few
}

// failedKept is how many failures are kept.
const failedKept = 5

// Many runs so many seeds from the first on, some at once.
func Many(first, seeds uint64, workers int, o Options) Sum {
	var (
		sum  Sum
		mu   sync.Mutex
		wg   sync.WaitGroup
		next = first
	)
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= first+seeds && len(sum.Failed) < failedKept
	}
	for range workers {
		wg.Go(func() {
			for seed, ok := take(); ok; seed, ok = take() {
				r := Plan(seed).Run(o)
				mu.Lock()
				sum.add(r)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return sum
}

func (s *Sum) add(r Result) {
	s.Seeds++
	s.Facts += r.Facts
	s.Killed += r.Killed
	s.Steps += r.Steps
	s.Virtual += r.Virtual
	if len(r.Wrong) > 0 {
		s.Failed = append(s.Failed, r)
	}
}
