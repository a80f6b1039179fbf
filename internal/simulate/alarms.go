package simulate

import (
	"fmt"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
)

// late is how long after its time an alarm may ring in a run where nothing goes wrong.
const late = 75 * time.Second

// onTime: the deadlines are what a counter of minutes says, and each alarm rang once, not
// before its time, and in a calm run at its time.
func (w *world) onTime(t desk.Ticket, acts []desk.Act) {
	var c clock
	rang := map[string]bool{}
	for i, a := range acts {
		if a.Outline == nil {
			w.fail("%s: act %d has no outline", t.Number, a.Sequence)
			return
		}
		if a.Alarm != "" {
			if rang[a.Alarm] && a.Alarm != "rewound" {
				w.fail("%s: the alarm %s rang twice", t.Number, a.Alarm)
			}
			rang[a.Alarm] = true
			w.rang(t, &c, a, acts[i-1].At)
		}
		c.see(a)
		for _, x := range a.Changes {
			if until, ok := x.After.(string); ok && x.Field == "hold_until" {
				c.until, _ = time.Parse(time.RFC3339, until) // none is a zero time
			}
		}
	}
	w.allRang(t, &c, rang)
	resolution := targets[t.Priority]
	if want := c.due(resolution); !want.Equal(t.DueAt) {
		w.fail("%s (%s, %s) is due at %v, not %v", t.Number, t.Priority, t.Department, t.DueAt, want)
	}
	if want := c.due(min(resolution/4, 4*time.Hour)); !want.Equal(t.ResponseDueAt) {
		w.fail("%s (%s, %s) is due for a response at %v, not %v", t.Number, t.Priority, t.Department, t.ResponseDueAt, want)
	}
}

// rang judges the time of an alarm.
func (w *world) rang(t desk.Ticket, c *clock, a desk.Act, before time.Time) {
	kind, rest, _ := strings.Cut(a.Alarm, "~")
	var percent int
	_, _ = fmt.Sscan(strings.SplitN(rest, "~", 2)[0], &percent) // 0 for what has none
	var want time.Time
	switch kind {
	case "response":
		want = c.due(min(targets[c.priority]/4, 4*time.Hour) * time.Duration(percent) / 100)
	case "resolution":
		want = c.due(targets[c.priority] * time.Duration(percent) / 100)
	case "closing":
		want = c.ended.Add(5 * 24 * time.Hour)
	case "close":
		want = c.ended.Add(7 * 24 * time.Hour)
	case "hold":
		want = c.until
	default:
		return
	}
	if a.At.Before(want) {
		w.fail("%s: %s rang at %v, before its time %v", t.Number, a.Alarm, a.At, want)
	}
	if before.After(want) {
		want = before // it became due by something that was done later
	}
	if w.Calm && a.At.Sub(want) > late {
		w.fail("%s: %s rang at %v, long after its time %v", t.Number, a.Alarm, a.At, want)
	}
}

// allRang: what was due by now, as the ticket is, has rung.
func (w *world) allRang(t desk.Ticket, c *clock, rang map[string]bool) {
	must := func(key string, at time.Time) {
		if at.Before(w.now.Add(-5*time.Minute)) && !rang[key] {
			w.fail("%s: %s did not ring at %v", t.Number, key, at)
		}
	}
	levels := func(name string, target time.Duration, percents ...int) {
		for _, p := range percents {
			must(fmt.Sprintf("%s~%d~%s", name, p, c.priority), c.due(target*time.Duration(p)/100))
		}
	}
	switch {
	case !t.DeletedAt.IsZero(), c.status == desk.StatusClosed, c.status == desk.StatusMerged:
	case c.status == desk.StatusResolved:
		must(fmt.Sprintf("closing~%d", c.reopened), c.ended.Add(5*24*time.Hour))
		must(fmt.Sprintf("close~%d", c.reopened), c.ended.Add(7*24*time.Hour))
	case c.status == desk.StatusOnHold:
		if !t.HoldUntil.IsZero() {
			must("hold~"+t.HoldUntil.Format(time.RFC3339), t.HoldUntil)
		}
	default:
		if t.FirstResponseAt.IsZero() {
			levels("response", min(targets[c.priority]/4, 4*time.Hour), 75, 100)
		}
		levels("resolution", targets[c.priority], 75, 100, 150)
	}
}
