package sla

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zones have daylight saving in both halves of the year, by half an hour (Lord Howe),
// a whole day that was left out (Apia), odd offsets, and none.
var zones = []string{
	"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Europe/Istanbul", "America/Sao_Paulo", "UTC",
}

var weeks = []map[string][]string{
	{"mon": {"09:00-12:30", "13:30-18:00"}, "tue": {"09:00-18:00"}, "wed": {"08:00-12:00", "12:00-16:00"}, "fri": {"10:15-10:45"}},
	{"sun": {"00:00-04:00", "22:00-24:00"}, "sat": {"01:30-02:30"}, "mon": {"00:00-24:00"}},
	{"sun": {"02:15-02:45"}, "thu": {"23:59-24:00"}},
}

// counts is the same question asked of one minute, as simply as it can be.
func counts(c *Calendar, at time.Time, pauses []Pause) bool {
	for _, p := range pauses {
		if !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until)) {
			return false
		}
	}
	local := at.In(c.zone)
	if c.holidays[local.Format("2006-01-02")] {
		return false
	}
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(c.week[local.Weekday()], func(h hours) bool { return h.from <= minute*60 && minute*60 < h.until })
}

// someTimer draws a timer that starts between 2009 and 2028, on a full minute.
func someTimer(r *rapid.T) Timer {
	minutes := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(r, name)) * time.Minute
	}
	start := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).Add(minutes("start", 19*366*24*60))
	near := rapid.SampledFrom([]time.Time{ // changes of the clocks, and a day that was not
		start,
		time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 14, 0, 0, 0, time.UTC),
		time.Date(2011, 12, 29, 20, 0, 0, 0, time.UTC),
	}).Draw(r, "near")
	holidays := []string{near.AddDate(0, 0, rapid.IntRange(0, 9).Draw(r, "holiday")).Format(time.DateOnly)}
	c, err := NewCalendar(rapid.SampledFrom(zones).Draw(r, "zone"), rapid.SampledFrom(weeks).Draw(r, "week"), holidays)
	if err != nil {
		r.Fatal(err)
	}
	t := Timer{Calendar: c, Start: near}
	for range rapid.IntRange(0, 3).Draw(r, "pauses") {
		from := near.Add(minutes("from", 5*24*60) - 12*time.Hour)
		p := Pause{From: from, Until: from.Add(minutes("long", 3*24*60)), Reason: "on hold"}
		if rapid.IntRange(0, 9).Draw(r, "lasts") == 0 {
			p.Until = time.Time{}
		}
		t.Pauses = append(t.Pauses, p)
	}
	return t
}

func TestATimerEqualsACounterOfMinutes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		timer := someTimer(r)
		until := timer.Start.Add(time.Duration(rapid.IntRange(0, 12*24*60).Draw(r, "until")) * time.Minute)
		var want time.Duration
		for at := timer.Start; at.Before(until); at = at.Add(time.Minute) {
			if counts(timer.Calendar, at, timer.Pauses) {
				want += time.Minute
			}
		}
		if got := timer.Worked(until); got != want {
			r.Fatalf("worked %v, want %v", got, want)
		}
	})
}

func TestADeadlineIsWhenTheCounterReachesTheTarget(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		timer := someTimer(r)
		target := time.Duration(rapid.IntRange(1, 48*60).Draw(r, "target")) * time.Minute
		due, ok := timer.Due(target)
		if !ok {
			if !slices.ContainsFunc(timer.Pauses, func(p Pause) bool { return p.Until.IsZero() }) {
				r.Fatal("no deadline, though no pause lasts")
			}
			return
		}
		if got := timer.Worked(due); got != target {
			r.Fatalf("by %v it has worked %v, want %v", due, got, target)
		}
		if got := timer.Worked(due.Add(-time.Minute)); got != target-time.Minute {
			r.Fatalf("a minute before %v it has worked %v", due, got)
		}
	})
}

func TestAnExplanationHasNoGapsAndAddsUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		timer := someTimer(r)
		until := timer.Start.Add(time.Duration(rapid.IntRange(1, 9*24*60).Draw(r, "until")) * time.Minute)
		at, sum := timer.Start, time.Duration(0)
		for _, s := range timer.Explain(until) {
			if !s.From.Equal(at) || !s.Until.After(s.From) {
				r.Fatalf("%v to %v after %v", s.From, s.Until, at)
			}
			if s.Why == Working {
				sum += s.Until.Sub(s.From)
			}
			at = s.Until
		}
		if !at.Equal(until) || sum != timer.Worked(until) {
			r.Fatalf("it ends at %v with %v, want %v with %v", at, sum, until, timer.Worked(until))
		}
	})
}

func TestAClockExplainsItself(t *testing.T) {
	c, err := NewCalendar("Europe/Istanbul", map[string][]string{"mon": {"09:00-12:30", "13:30-18:00"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 30, hour-3, minute, 0, 0, time.UTC) }
	timer := Timer{Calendar: c, Start: at(8, 0), Pauses: []Pause{{From: at(10, 0), Until: at(11, 0), Reason: "A spare part."}}}
	want := []Stretch{
		{at(8, 0), at(9, 0), Closed, ""}, {at(9, 0), at(10, 0), Working, ""}, {at(10, 0), at(11, 0), Paused, "A spare part."},
		{at(11, 0), at(12, 30), Working, ""}, {at(12, 30), at(13, 30), Closed, ""}, {at(13, 30), at(14, 0), Working, ""},
	}
	if got := timer.Explain(at(14, 0)); !slices.EqualFunc(got, want, func(a, b Stretch) bool {
		return a.From.Equal(b.From) && a.Until.Equal(b.Until) && a.Why == b.Why && a.Reason == b.Reason
	}) {
		t.Errorf("got %v", got)
	}
	if due, ok := timer.Due(3 * time.Hour); !ok || !due.Equal(at(14, 0)) {
		t.Errorf("due %v", due)
	}
}

func TestAPauseWithoutAnEndHoldsTheDeadline(t *testing.T) {
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	timer := Timer{Start: start, Pauses: []Pause{{From: start.Add(time.Hour)}}}
	if due, ok := timer.Due(time.Hour); !ok || !due.Equal(start.Add(time.Hour)) {
		t.Errorf("what was reached before stays: %v %v", due, ok)
	}
	if _, ok := timer.Due(2 * time.Hour); ok {
		t.Error("it is due though the pause lasts")
	}
	if got := timer.Worked(start.Add(9 * time.Hour)); got != time.Hour {
		t.Errorf("worked %v", got)
	}
}

func TestACalendarThatIsNoneIsRefused(t *testing.T) {
	mon := func(hours ...string) map[string][]string { return map[string][]string{"mon": hours} }
	for name, c := range map[string]struct {
		zone     string
		week     map[string][]string
		holidays []string
	}{
		"no zone":           {"", mon("09:00-10:00"), nil},
		"the machine's":     {"Local", mon("09:00-10:00"), nil},
		"an unknown zone":   {"Europe/Atlantis", mon("09:00-10:00"), nil},
		"no hours at all":   {"UTC", mon(), nil},
		"an unknown day":    {"UTC", map[string][]string{"monday": {"09:00-10:00"}}, nil},
		"backwards":         {"UTC", mon("10:00-09:00"), nil},
		"nothing":           {"UTC", mon("09:00-09:00"), nil},
		"overlapping":       {"UTC", mon("09:00-11:00", "10:00-12:00"), nil},
		"after midnight":    {"UTC", mon("09:00-24:01"), nil},
		"words":             {"UTC", mon("nine to five"), nil},
		"one time":          {"UTC", mon("09:00"), nil},
		"sixty minutes":     {"UTC", mon("09:60-10:00"), nil},
		"a day that is not": {"UTC", mon("09:00-10:00"), []string{"2026-02-30"}},
	} {
		if _, err := NewCalendar(c.zone, c.week, c.holidays); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func BenchmarkDueOfTwoWorkingDays(b *testing.B) {
	c, err := NewCalendar("Europe/Berlin", weeks[0], nil)
	if err != nil {
		b.Fatal(err)
	}
	timer := Timer{Calendar: c, Start: time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC)}
	for b.Loop() {
		timer.Due(16 * time.Hour)
	}
}
