package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/sla"
)

// States of a clock.
const (
	ClockRunning = "running"
	ClockPaused  = "paused" // the ticket is on hold
	ClockMet     = "met"    // done in time
	ClockMissed  = "missed" // done late, or not done though it was due
)

// Clock explains one deadline of a ticket.
type Clock struct {
	Name      string // "response" or "resolution"
	Target    time.Duration
	Worked    time.Duration // of the target, up to Until
	DueAt     time.Time     // stands still during a pause
	Until     time.Time     // what is explained: up to when it was done, was due, or now
	State     string
	Stretches []sla.Stretch // from the ticket's opening to Until, without gaps
}

// Clocks explains a ticket's deadlines minute by minute, to those who may read its notes.
func (d *Desk) Clocks(ctx context.Context, a Actor, ref string) ([]Clock, error) {
	t, err := d.Show(ctx, a, ref)
	if err == nil {
		err = Allow(a, NoteRead, &t)
	}
	if err != nil {
		return nil, err
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	if t.Status == StatusMerged {
		return nil, fault.New(fault.Conflict, "merged", "This ticket was merged into %s, whose clocks count.", t.MergedInto.Number)
	}
	targets := org.targets(t.Priority)
	responded := t.FirstResponseAt
	if responded.IsZero() {
		responded = t.ResolvedAt // nobody waits for a response any more
	}
	return []Clock{
		t.clock(org, AlarmResponse, targets.FirstResponse, t.ResponseDueAt, responded, d.moment()),
		t.clock(org, AlarmResolution, targets.Resolution, t.DueAt, t.ResolvedAt, d.moment()),
	}, nil
}

func (t *Ticket) clock(org *Organisation, name string, target time.Duration, due, done, now time.Time) Clock {
	timer := t.timer(org)
	held := t.Status == StatusOnHold && len(t.Pauses) > 0
	if held {
		last := t.Pauses[len(t.Pauses)-1]
		timer.Pauses = append(timer.Pauses, sla.Pause{From: last.From, Reason: last.Reason})
	}
	c := Clock{Name: name, Target: target, DueAt: due, Until: now, State: ClockRunning}
	switch {
	case !done.IsZero() && !done.After(due):
		c.State, c.Until = ClockMet, done
	case !done.IsZero():
		c.State, c.Until = ClockMissed, done
	case held && timer.Worked(now) < target:
		c.State = ClockPaused
	case !now.Before(due):
		c.State = ClockMissed
	}
	if c.State == ClockMissed {
		c.Until = due // what came later changes nothing
	}
	c.Worked, c.Stretches = timer.Worked(c.Until), timer.Explain(c.Until)
	return c
}
