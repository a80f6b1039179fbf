package simulate

import (
	"fmt"
	"slices"
	"strings"
)

// shrinkRuns bounds how often a failure is run again to make it smaller.
const shrinkRuns = 400

// Shrink leaves out as many actions as it can while the run still fails, first many at
// once and in the end one by one.
func Shrink(s Scenario, o Options) Scenario {
	runs := 0
	fails := func(s Scenario) bool {
		runs++
		return runs <= shrinkRuns && len(s.Run(o).Wrong) > 0
	}
	for size := (len(s.Actions) + 1) / 2; size > 0; {
		dropped := false
		for from := 0; from < len(s.Actions); {
			less := s
			less.Actions = slices.Delete(slices.Clone(s.Actions), from, min(from+size, len(s.Actions)))
			if len(less.Actions) > 0 && fails(less) {
				s, dropped = less, true
				continue
			}
			from += size
		}
		if !dropped || size > 1 {
			size /= 2
		}
	}
	return s
}

// Keep leaves only the actions of the numbers.
func (s Scenario) Keep(numbers []int) Scenario {
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a Action) bool { return !slices.Contains(numbers, a.N) })
	return s
}

// Command is the command that replays the scenario.
func (s Scenario) Command() string {
	kept := make([]string, len(s.Actions))
	for i, a := range s.Actions {
		kept[i] = fmt.Sprint(a.N)
	}
	return fmt.Sprintf("make simulate SEED=%d KEEP=%s", s.Seed, strings.Join(kept, ","))
}

// Report tells of a failed run in full: what is wrong, how to see it again, and each step
// of the smallest run that shows it.
func (r Result) Report(o Options) string {
	small := Shrink(Plan(r.Seed), o)
	o.Trace = true
	again := small.Run(o)
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d:\n  %s\n%d actions of %d make it (%s):\n", r.Seed, strings.Join(r.Wrong, "\n  "), len(small.Actions), len(Plan(r.Seed).Actions), small.Command())
	for _, a := range small.Actions {
		fmt.Fprintf(&b, "  %s\n", a)
	}
	fmt.Fprintf(&b, "  %s\n%s\n", strings.Join(again.Wrong, "\n  "), strings.Join(again.Trace, "\n"))
	return b.String()
}
