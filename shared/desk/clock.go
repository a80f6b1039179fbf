package desk

import (
	"slices"
	"time"

	"ticketsystem.example/shared/sla"
)

// Pause is a time that counts for no deadline of a ticket.
type Pause struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"` // zero: it still lasts
	Reason string    `json:"reason"`         // what it waited for, or "resolved"
}

// pausedAsResolved is the reason of the pause between a resolution and a reopening.
const pausedAsResolved = "resolved"

// pause stops the clocks while the ticket is on hold.
func (w *work) pause() {
	w.ticket.Pauses = append(w.ticket.Pauses, Pause{From: w.now, Reason: w.ticket.HoldReason})
}

// resume lets the clocks go on.
func (w *work) resume() {
	p := slices.Clone(w.ticket.Pauses)
	if n := len(p); n > 0 && p[n-1].Until.IsZero() {
		p[n-1].Until = w.now
	}
	w.ticket.Pauses = p
}

// timer measures the ticket's working time. A pause that still lasts is left out: its
// deadlines stand still until it ends, and then move by as much as it took.
func (t *Ticket) timer(org *Organisation) sla.Timer {
	out := sla.Timer{Calendar: org.calendar(t.Department), Start: t.CreatedAt}
	for _, p := range t.Pauses {
		if !p.Until.IsZero() {
			out.Pauses = append(out.Pauses, sla.Pause{From: p.From, Until: p.Until, Reason: p.Reason})
		}
	}
	return out
}

// after is when so much of the ticket's working time has passed. Where a calendar never
// gets there, plain time counts.
func after(timer sla.Timer, target time.Duration) time.Time {
	if due, ok := timer.Due(target); ok {
		return due.UTC()
	}
	return timer.Start.Add(target)
}

// setClocks computes when the ticket is due, whether it is late, and when something has
// to be done about it next. Targets run from creation, whenever the priority changed.
func (t *Ticket) setClocks(org *Organisation) {
	timer, targets := t.timer(org), org.targets(t.Priority)
	t.ResponseDueAt, t.DueAt = after(timer, targets.FirstResponse), after(timer, targets.Resolution)
	t.Breached = t.late(AlarmResponse, t.FirstResponseAt, t.ResponseDueAt) || t.late(AlarmResolution, t.ResolvedAt, t.DueAt)
	t.AlarmAt = time.Time{}
	for _, a := range t.alarms(timer, targets) {
		if t.AlarmAt.IsZero() || a.At.Before(t.AlarmAt) {
			t.AlarmAt = a.At
		}
	}
}

// late reports that something was done after it was due, or that its time has passed.
func (t *Ticket) late(clock string, done, due time.Time) bool {
	return done.After(due) || done.IsZero() && contains(t.Fired, t.level(clock, breach))
}

// calendar is that of the department or of the nearest one above it that has one; nil,
// which is always, if there is none. One that can't be read counts as none: it was
// refused when somebody tried to save it.
func (o *Organisation) calendar(id DepartmentID) *sla.Calendar {
	for _, above := range o.Path(id) {
		d, _ := o.Department(above)
		if d.Calendar == "" {
			continue
		}
		if c, ok := o.calendars[d.Calendar]; ok {
			return c
		}
		for _, c := range o.Calendars {
			if c.ID == d.Calendar {
				read, _ := c.read()
				return read
			}
		}
	}
	return nil
}

// prepare reads the calendars once for all tickets.
func (o *Organisation) prepare() {
	o.calendars = map[string]*sla.Calendar{}
	for _, c := range o.Calendars {
		if read, err := c.read(); err == nil {
			o.calendars[c.ID] = read
		}
	}
}

func (c Calendar) read() (*sla.Calendar, error) { return sla.NewCalendar(c.Zone, c.Week, c.Holidays) }
