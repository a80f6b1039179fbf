package sla

import (
	"slices"
	"time"
)

// Pause is a time that doesn't count, whatever the calendar says: the ticket was on
// hold, or waited for its requester.
type Pause struct {
	From   time.Time
	Until  time.Time // zero: it still lasts
	Reason string
}

// Timer measures working time from a start, without pauses.
type Timer struct {
	Calendar *Calendar // nil means Always
	Start    time.Time
	Pauses   []Pause // in any order; they may overlap
}

// horizon bounds how far ahead a deadline is looked for. Beyond it a calendar has hours
// that its holidays never leave free.
const horizon = 10 * 366 * 24 * time.Hour

// Worked is how much time has counted up to a moment.
func (t Timer) Worked(until time.Time) time.Duration {
	var sum time.Duration
	for s := range t.stretches(until) {
		if s.Why == Working {
			sum += s.Until.Sub(s.From)
		}
	}
	return sum
}

// Due is when the time that has counted reaches the target. It is not ok while a pause
// without an end keeps it from doing so.
func (t Timer) Due(target time.Duration) (due time.Time, ok bool) {
	if target <= 0 {
		return t.Start, true
	}
	for s := range t.stretches(t.Start.Add(horizon)) {
		if s.Why != Working {
			continue
		}
		if d := s.Until.Sub(s.From); d < target {
			target -= d
			continue
		}
		return s.From.Add(target), true
	}
	return time.Time{}, false
}

// Explain tells minute by minute what counted up to a moment and what did not: stretches
// without gaps, neighbours of the same kind joined.
func (t Timer) Explain(until time.Time) []Stretch {
	var out []Stretch
	for s := range t.stretches(until) {
		if n := len(out) - 1; n >= 0 && out[n].Why == s.Why && out[n].Reason == s.Reason {
			out[n].Until = s.Until
			continue
		}
		out = append(out, s)
	}
	return out
}

// stretches are the calendar's from the start on, cut by the pauses.
func (t Timer) stretches(until time.Time) func(func(Stretch) bool) {
	c := t.Calendar
	if c == nil {
		c = Always
	}
	pauses := slices.Clone(t.Pauses)
	slices.SortFunc(pauses, func(a, b Pause) int { return a.From.Compare(b.From) })
	return func(yield func(Stretch) bool) {
		at := t.Start
		for _, p := range pauses {
			if p.Until.IsZero() || p.Until.After(until) {
				p.Until = until
			}
			if !p.Until.After(at) {
				continue
			}
			if p.From.After(at) {
				for s := range c.stretches(at, earlier(p.From, until)) {
					if !yield(s) {
						return
					}
				}
				at = p.From
			}
			if at.Before(p.Until) {
				if !yield(Stretch{From: at, Until: p.Until, Why: Paused, Reason: p.Reason}) {
					return
				}
				at = p.Until
			}
		}
		for s := range c.stretches(at, until) {
			if !yield(s) {
				return
			}
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
