package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryRequestHasItsNumberOnce(t *testing.T) {
	var mu sync.Mutex
	var got []int
	s, err := drive(t.Context(), 4, 100, 1000, func(_ context.Context, i int) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, i)
		return nil
	})
	slices.Sort(got)
	if err != nil || len(got) != 100 || len(slices.Compact(got)) != 100 || got[0] != 1000 || got[99] != 1099 {
		t.Errorf("got %v, %v", got, err)
	}
	if len(s.took) != 100 || s.elapsed <= 0 || !slices.IsSorted(s.took) {
		t.Errorf("got %d times in %s", len(s.took), s.elapsed)
	}
}

func TestAsManyRequestsAreUnderWayAsWorkers(t *testing.T) {
	const workers = 3
	var under atomic.Int64
	all := make(chan struct{})
	_, err := drive(t.Context(), workers, workers, 0, func(ctx context.Context, _ int) error {
		if under.Add(1) == workers {
			close(all)
		}
		select {
		case <-all:
			return nil
		case <-time.After(10 * time.Second):
			return errors.New("the others have not come")
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestARefusalOfAnOverloadedSystemIsCountedAndAnyOtherFailureEndsIt(t *testing.T) {
	s, err := drive(t.Context(), 2, 10, 0, func(_ context.Context, i int) error {
		if i%2 == 0 {
			return fmt.Errorf("request %d: %w", i, errBusy)
		}
		return nil
	})
	if err != nil || s.busy != 5 || len(s.took) != 10 {
		t.Errorf("got %d refused of %d, %v", s.busy, len(s.took), err)
	}
	wrong := errors.New("wrong answer")
	if _, err := drive(t.Context(), 2, 10, 0, func(context.Context, int) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
}

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	var s sample
	for i := range 20 {
		s.took = append(s.took, time.Duration(i+1))
	}
	for p, want := range map[float64]time.Duration{0.5: 10, 0.95: 19, 0.99: 20, 1: 20, 0.01: 1} {
		if got := s.percentile(p); got != want {
			t.Errorf("%v: got %d, want %d", p, got, want)
		}
	}
	if got := (sample{}).percentile(0.5); got != 0 {
		t.Errorf("of nothing: got %d", got)
	}
}

func TestTheMedianIsTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
}
