package sla

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Calendar says when time counts: on which hours of which weekdays, in which zone, and
// on which days not. It is immutable.
type Calendar struct {
	zone     *time.Location
	week     [7][]hours // by time.Weekday, in order, apart from each other
	holidays map[string]bool
}

// hours are working hours on one day, from and until in seconds since midnight by the
// clock on the wall.
type hours struct{ from, until int }

// days are the names of weekdays in a calendar.
var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const daySeconds = 24 * 60 * 60

// Always is the calendar of those who work day and night.
var Always = &Calendar{zone: time.UTC, week: [7][]hours{{{0, daySeconds}}, {{0, daySeconds}}, {{0, daySeconds}}, {{0, daySeconds}}, {{0, daySeconds}}, {{0, daySeconds}}, {{0, daySeconds}}}}

// NewCalendar makes a calendar of a zone of the IANA list, the hours of each weekday
// ("mon" to "sun" -> "09:00-12:30", until at most 24:00), and holidays ("2026-12-25").
// Hours that overlap, and a week without any, are errors.
func NewCalendar(zone string, week map[string][]string, holidays []string) (*Calendar, error) {
	c := &Calendar{holidays: map[string]bool{}}
	var err error
	if c.zone, err = time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return nil, fmt.Errorf("%q is not a time zone of the IANA list", zone)
	}
	open := false
	for name, list := range week {
		day := slices.Index(days, name)
		if day < 0 {
			return nil, fmt.Errorf("%q is not a weekday; they are mon to sun", name)
		}
		if c.week[day], err = parseDay(list); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		open = open || len(list) > 0
	}
	if !open {
		return nil, fmt.Errorf("a calendar needs hours on one day of the week at least")
	}
	for _, h := range holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			return nil, fmt.Errorf("%q is not a date like 2026-12-25", h)
		}
		c.holidays[h] = true
	}
	return c, nil
}

func parseDay(list []string) ([]hours, error) {
	var out []hours
	for _, s := range list {
		from, until, ok := strings.Cut(s, "-")
		a, errA := clock(from)
		b, errB := clock(until)
		if !ok || errA != nil || errB != nil || a >= b {
			return nil, fmt.Errorf("%q are not hours like 09:00-12:30", s)
		}
		out = append(out, hours{a, b})
	}
	slices.SortFunc(out, func(a, b hours) int { return a.from - b.from })
	for i := 1; i < len(out); i++ {
		if out[i].from < out[i-1].until {
			return nil, fmt.Errorf("%q overlaps other hours", list)
		}
	}
	return out, nil
}

// clock reads "09:30" as seconds since midnight.
func clock(s string) (int, error) {
	if len(s) != 5 || s[2] != ':' {
		return 0, fmt.Errorf("%q is not a time like 09:30", s)
	}
	h, errH := strconv.ParseUint(s[:2], 10, 8)
	m, errM := strconv.ParseUint(s[3:], 10, 8)
	if errH != nil || errM != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, fmt.Errorf("%q is not a time like 09:30", s)
	}
	return int(h*60+m) * 60, nil
}

// Why a stretch of time counts or doesn't.
const (
	Working = "working" // hours of the calendar
	Closed  = "closed"  // outside of them
	Holiday = "holiday"
	Paused  = "paused" // see Pause.Reason
)

// Stretch is a time in which one thing holds, up to but without Until.
type Stretch struct {
	From, Until time.Time
	Why         string // Working counts, the others don't
	Reason      string // of a pause
}

// stretches goes through the time from one moment to another, without gaps, in steps of
// at most a day. What counts is what the clock on the wall shows: where it is put forward
// hours are missing, where it is put back they come twice.
func (c *Calendar) stretches(from, until time.Time) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		for t := from; t.Before(until); {
			end := c.sameDay(t, until)
			for _, s := range c.day(t, end) {
				if !yield(s) {
					return
				}
			}
			t = end
		}
	}
}

// sameDay is the end of the time after t in which neither the day nor the zone's offset
// changes, until at most.
func (c *Calendar) sameDay(t, until time.Time) time.Time {
	local := t.In(c.zone)
	midnight := t.Add(daySeconds*time.Second - sinceMidnight(local))
	if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(midnight) {
		midnight = change
	}
	if midnight.Before(until) {
		return midnight
	}
	return until
}

// sinceMidnight is the time of day that the clock on the wall shows.
func sinceMidnight(local time.Time) time.Duration {
	h, m, s := local.Clock()
	return time.Duration(h*3600+m*60+s)*time.Second + time.Duration(local.Nanosecond())
}

// day divides a part of one day.
func (c *Calendar) day(from, until time.Time) []Stretch {
	local := from.In(c.zone)
	if c.holidays[local.Format(time.DateOnly)] {
		return []Stretch{{From: from, Until: until, Why: Holiday}}
	}
	midnight := from.Add(-sinceMidnight(local))
	var out []Stretch
	add := func(end time.Time, why string) {
		if end.After(until) {
			end = until
		}
		if end.After(from) {
			out = append(out, Stretch{From: from, Until: end, Why: why})
			from = end
		}
	}
	for _, h := range c.week[local.Weekday()] {
		add(midnight.Add(time.Duration(h.from)*time.Second), Closed)
		add(midnight.Add(time.Duration(h.until)*time.Second), Working)
	}
	add(until, Closed)
	return out
}
