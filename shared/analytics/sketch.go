package analytics

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// Accuracy is the relative error of a quantile: at most 1 % of its value.
const Accuracy = 0.01

// buckets maps a duration to its bucket. Stored bucket numbers mean nothing under
// another mapping: to change it, rebuild.
var buckets = newBuckets()

func newBuckets() mapping.IndexMapping {
	m, err := mapping.NewLogarithmicMapping(Accuracy)
	if err != nil {
		panic(err) // an accuracy between 0 and 1 never fails
	}
	return m
}

// bucketOf is the number of a duration's bucket. Durations are whole seconds, one at
// least.
func bucketOf(d time.Duration) int { return buckets.Index(max(1, d.Truncate(time.Second).Seconds())) }

// Spread says how durations are spread.
type Spread struct {
	Count         int64
	P50, P90, P95 float64 // seconds; 0 if there are none
}

// spreadOf sums up buckets by number, or by number and name.
func spreadOf(c Counters) (Spread, error) {
	sketch := ddsketch.NewDDSketch(buckets, store.NewSparseStore(), store.NewSparseStore())
	var s Spread
	for name, n := range c {
		number, _, _ := strings.Cut(name, "~")
		bucket, err := strconv.Atoi(number)
		if err != nil {
			return s, fmt.Errorf("a bucket called %q: %w", name, err)
		}
		sketch.GetPositiveValueStore().AddWithCount(bucket, float64(n))
		s.Count += n
	}
	if s.Count == 0 {
		return s, nil
	}
	values, err := sketch.GetValuesAtQuantiles([]float64{0.5, 0.9, 0.95})
	if err != nil {
		return s, fmt.Errorf("quantiles: %w", err)
	}
	s.P50, s.P90, s.P95 = values[0], values[1], values[2]
	return s, nil
}
