package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/sla"
)

// An alarm is something that has to happen to a ticket at a time, once: a warning that a
// deadline is near, its passing, an escalation after that, the end of a hold, and the
// closing of what was resolved. Each has a key; Ticket.Fired holds those that happened,
// and Ticket.AlarmAt is the time of the next one, so that one query finds all that are
// due, however many tickets wait.
type alarm struct {
	Key string
	At  time.Time
}

// The kinds of alarms: the first part of an alarm's key.
const (
	AlarmResponse   = "response"   // "response~75~high"
	AlarmResolution = "resolution" // "resolution~100~high"
	AlarmHold       = "hold"       // "hold~2026-11-30T09:00:00Z": the hold was to end
	AlarmClosing    = "closing"    // "closing~0": it will be closed soon; the number is how often it was reopened
	alarmClose      = "close"      // "close~0": it is closed
	alarmRewound    = "rewound"    // the deadlines moved though nobody touched the ticket
)

// AlarmLevel is the kind of the alarm that the fact is about, and of a deadline the percent
// of its target.
func (f Fact) AlarmLevel() (kind string, percent int) {
	kind, rest, _ := strings.Cut(f.Alarm, "~")
	level, _, _ := strings.Cut(rest, "~")
	percent, _ = strconv.Atoi(level) // 0 for those without a level
	return kind, percent
}

// The levels of a clock, in percent of its target.
const (
	warning = 75
	breach  = 100
	overdue = 150 // of the resolution: escalated
)

// What is resolved and not reopened is closed after a while, and its requester is told
// before that.
const (
	CloseAfter   = 7 * 24 * time.Hour
	ClosingAfter = 5 * 24 * time.Hour
)

func (t *Ticket) level(clock string, percent int) string {
	return fmt.Sprintf("%s~%d~%s", clock, percent, t.Priority)
}

// alarms are all that are still to come or due, as the ticket is now.
func (t *Ticket) alarms(timer sla.Timer, targets sla.Targets) []alarm {
	var out []alarm
	add := func(key string, at time.Time) {
		if !contains(t.Fired, key) {
			out = append(out, alarm{key, at})
		}
	}
	clock := func(name string, target time.Duration, levels ...int) {
		for _, percent := range levels {
			add(t.level(name, percent), after(timer, target*time.Duration(percent)/100))
		}
	}
	switch {
	case !t.DeletedAt.IsZero():
	case t.Status == StatusOnHold:
		if !t.HoldUntil.IsZero() {
			add(AlarmHold+"~"+t.HoldUntil.Format(time.RFC3339), t.HoldUntil)
		}
	case t.Status == StatusResolved:
		add(fmt.Sprintf("%s~%d", AlarmClosing, t.Reopened), t.ResolvedAt.Add(ClosingAfter))
		add(fmt.Sprintf("%s~%d", alarmClose, t.Reopened), t.ResolvedAt.Add(CloseAfter))
	case t.Status.Open():
		if t.FirstResponseAt.IsZero() {
			clock(AlarmResponse, targets.FirstResponse, warning, breach)
		}
		clock(AlarmResolution, targets.Resolution, warning, breach, overdue)
	}
	return out
}

// alarmPage is how many tickets are looked up at once.
const alarmPage = 100

// Alarms fires every alarm that is due, and returns how many that were. It reads one
// document for each ticket with one, twice, and nothing of the others. Whatever fails is
// tried again at the next call, since nothing is marked as fired that didn't happen.
func (d *Desk) Alarms(ctx context.Context) (fired int, err error) {
	q := docdb.Query{
		Collection: tickets,
		Where:      []docdb.Where{{Field: "alarm_at", Cmp: docdb.LessEqual, Value: docdb.Stamp(d.moment())}},
		Order:      []docdb.Order{{Field: "alarm_at"}},
		Limit:      alarmPage,
	}
	for {
		due, failed := d.DB.Query(ctx, q)
		if failed != nil {
			return fired, errors.Join(err, failed)
		}
		for _, rec := range due {
			n, failed := d.fire(ctx, TicketID(rec.Key.ID))
			fired, err = fired+n, errors.Join(err, failed)
		}
		if len(due) < alarmPage || ctx.Err() != nil {
			return fired, err
		}
		q.After = q.Cursor(due[len(due)-1])
	}
}

// fire fires a ticket's alarms one by one, each an act of its own, earliest first.
func (d *Desk) fire(ctx context.Context, id TicketID) (n int, err error) {
	for {
		again := false
		_, err := d.change(ctx, Robot("alarm", "", 0), string(id), Options{}, func(w *work) error {
			again = false
			due := w.dueAlarms()
			if len(due) == 0 {
				return w.rewind()
			}
			again = true
			return w.ring(due[0])
		})
		if err != nil || !again {
			if fault.Is(err, fault.NotFound) {
				err = nil // deleted meanwhile
			}
			return n, err
		}
		n++
	}
}

// dueAlarms are those whose time has come, earliest first.
func (w *work) dueAlarms() []alarm {
	t := w.ticket
	due := t.alarms(t.timer(w.org), w.org.targets(t.Priority))
	due = slices.DeleteFunc(due, func(a alarm) bool { return a.At.After(w.now) })
	slices.SortStableFunc(due, func(a, b alarm) int { return a.At.Compare(b.At) })
	return due
}

// rewind sets the clocks of a ticket whose alarm is no longer due, as when its calendar
// changed. If that moved its deadline it is an act like any other.
func (w *work) rewind() error {
	before := *w.ticket
	w.ticket.setClocks(w.org)
	if w.ticket.AlarmAt.Equal(before.AlarmAt) && w.ticket.DueAt.Equal(before.DueAt) {
		return nil
	}
	w.kind, w.internal, w.alarm = TicketAlarm, true, alarmRewound
	return nil
}

// ring does what an alarm is for.
func (w *work) ring(a alarm) error {
	t := w.ticket
	t.Fired = append(slices.DeleteFunc(slices.Clone(t.Fired), func(k string) bool { return strings.HasPrefix(k, AlarmHold+"~") }), a.Key)
	w.kind, w.internal, w.alarm = TicketAlarm, true, a.Key
	clock, _, _ := strings.Cut(a.Key, "~")
	switch {
	case clock == alarmClose:
		w.kind, w.internal = TicketUpdated, false
		return w.apply(Patch{Status: ptr(StatusClosed)})
	case clock == AlarmClosing:
		w.internal = false
	case a.Key == t.level(AlarmResolution, overdue) && !t.Escalated:
		w.kind, w.internal = TicketEscalated, false
		t.Escalated, t.Escalation = true, "Still not resolved, long after it was due."
	}
	return nil
}
