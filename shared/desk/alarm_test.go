package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// alarms lists what has been fired on a ticket, oldest first.
func (o *office) alarms(t desk.Ticket) []string {
	o.t.Helper()
	out := []string{}
	for _, a := range o.history("ada", t) {
		if a.Alarm != "" {
			out = append(out, a.Alarm)
		}
	}
	return out
}

// ring moves the clock and fires what is due.
func (o *office) ring(later time.Duration) {
	o.t.Helper()
	o.later(later)
	_, err := o.Alarms(o.t.Context())
	o.must(err)
}

func TestEachLevelOfADeadlineFiresOnceAndOnTime(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Priority = desk.PriorityHigh }) // 2 h and 8 h
	want := []string{}
	for _, step := range []struct {
		at    time.Duration
		fires string
	}{
		{90*time.Minute - time.Second, ""}, {90 * time.Minute, "response~75~high"}, {2*time.Hour - time.Second, ""}, {2 * time.Hour, "response~100~high"},
		{6*time.Hour - time.Second, ""}, {6 * time.Hour, "resolution~75~high"}, {8 * time.Hour, "resolution~100~high"}, {12 * time.Hour, "resolution~150~high"}, {99 * time.Hour, ""},
	} {
		o.ring(step.at - o.clock.Sub(morning))
		o.ring(0)
		if step.fires != "" {
			want = append(want, step.fires)
		}
		if got := o.alarms(ticket); !slices.Equal(got, want) {
			t.Fatalf("after %v: got %v, want %v", step.at, got, want)
		}
	}
	now, err := o.Show(t.Context(), o.as("nora"), ticket.Number)
	o.must(err)
	if !now.Breached || !now.Escalated || now.FirstResponseAt != (time.Time{}) {
		t.Errorf("breached %v, escalated %v, a robot's answer counts %v", now.Breached, now.Escalated, now.FirstResponseAt)
	}
	for _, a := range o.history("uma", ticket) {
		if a.Type == desk.TicketAlarm {
			t.Errorf("the requester hears of %s", a.Alarm)
		}
	}
}

func TestAHoldStopsTheClocksAndEndsWithAReminder(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Priority = desk.PriorityHigh })
	o.later(time.Hour)
	_, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusOnHold), HoldReason: to("A spare part."), HoldUntil: to(o.clock.Add(20 * time.Hour))})
	o.must(err)
	o.ring(19 * time.Hour)
	if got := o.alarms(ticket); len(got) != 0 {
		t.Errorf("fired on hold: %v", got)
	}
	clocks, err := o.Clocks(t.Context(), o.as("nora"), ticket.Number)
	o.must(err)
	if c := clocks[1]; c.State != desk.ClockPaused || c.Worked != time.Hour || c.Stretches[1].Reason != "A spare part." {
		t.Errorf("got %+v", c)
	}
	o.ring(time.Hour)
	if got := o.alarms(ticket); len(got) != 1 || got[0][:5] != "hold~" {
		t.Errorf("got %v", got)
	}
	back, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusInProgress)})
	o.must(err)
	if want := morning.Add(28 * time.Hour); !back.DueAt.Equal(want) || back.Breached {
		t.Errorf("due %v, want %v", back.DueAt, want)
	}
	if _, err := o.Clocks(t.Context(), o.as("uma"), ticket.Number); err == nil {
		t.Error("a requester reads what is for staff")
	}
}

func TestWhatIsResolvedIsClosedAfterAWarning(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	o.must(err)
	o.ring(desk.ClosingAfter)
	if got := o.alarms(ticket); !slices.Equal(got, []string{"closing~0"}) {
		t.Fatalf("got %v", got)
	}
	_, err = o.patch("uma", ticket, desk.Patch{Status: to(desk.StatusReopened)})
	o.must(err)
	_, err = o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	o.must(err)
	o.ring(desk.CloseAfter)
	closed, err := o.Show(t.Context(), o.as("uma"), ticket.Number)
	o.must(err)
	if closed.Status != desk.StatusClosed || !slices.Equal(o.alarms(ticket), []string{"closing~0", "closing~1", "close~1"}) {
		t.Errorf("%s after %v", closed.Status, o.alarms(ticket))
	}
	if !closed.AlarmAt.IsZero() {
		t.Errorf("there is still something to come at %v", closed.AlarmAt)
	}
}

func TestAnAlarmThatCouldNotBeWrittenFiresLater(t *testing.T) {
	o := newOffice(t)
	ticket, other := o.open(), o.open()
	o.later(3 * time.Hour) // 75 % of the response
	commits := 0
	o.store.Before = func(op string) error {
		if op == "commit" {
			if commits++; commits == 1 {
				return fmt.Errorf("the power is gone")
			}
		}
		return nil
	}
	if n, err := o.Alarms(t.Context()); err == nil || n != 1 {
		t.Errorf("fired %d, %v", n, err)
	}
	o.store.Before = nil
	o.ring(0)
	for _, x := range []desk.Ticket{ticket, other} {
		if got := o.alarms(x); !slices.Equal(got, []string{"response~75~medium"}) {
			t.Errorf("got %v", got)
		}
	}
}

func TestDueAlarmsAreFoundAtACostOfTheirOwn(t *testing.T) {
	o := newOffice(t)
	o.open(func(n *desk.NewTicket) { n.Priority = desk.PriorityCritical })
	for range 300 {
		o.open(func(n *desk.NewTicket) { n.Priority = desk.PriorityLow })
	}
	o.later(25 * time.Minute) // critical: 75 % of half an hour
	m := &meter{Store: o.store}
	d := desk.New(docdb.Open(m, desk.Indexes()), o.Now)
	n, err := d.Alarms(t.Context())
	o.must(err)
	if n != 1 || m.reads > 4 {
		t.Errorf("fired %d with %d reads", n, m.reads)
	}
}

// TestAlarmsFireOnceWhateverPeopleDo lives through random days and looks at every alarm.
func TestAlarmsFireOnceWhateverPeopleDo(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		ticket := o.open()
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			o.later(time.Duration(rapid.IntRange(0, 40*60).Draw(r, "minutes")) * time.Minute)
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0, 1:
				s := rapid.SampledFrom(desk.Statuses).Draw(r, "status")
				p := desk.Patch{Status: &s}
				if s == desk.StatusOnHold {
					p.HoldUntil = to(o.clock.Add(time.Duration(rapid.IntRange(1, 5000).Draw(r, "until")) * time.Minute))
				}
				_, _ = o.patch("nora", ticket, p)
			case 2:
				p := rapid.SampledFrom(desk.Priorities).Draw(r, "priority")
				_, _ = o.patch("nora", ticket, desk.Patch{Priority: &p})
			default:
				o.ring(0)
			}
		}
		o.ring(0)
		now, err := o.Show(t.Context(), o.as("ada"), ticket.Number)
		o.must(err)
		if !now.AlarmAt.IsZero() && !now.AlarmAt.After(*o.clock) {
			r.Fatalf("something was due at %v, and it is %v", now.AlarmAt, *o.clock)
		}
		got := o.alarms(ticket)
		slices.Sort(got)
		if n := len(slices.Compact(slices.Clone(got))); n != len(got) {
			r.Fatalf("one fired twice: %v", got)
		}
	})
}
