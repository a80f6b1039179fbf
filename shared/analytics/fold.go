package analytics

import (
	"strconv"
	"time"

	"ticketsystem.example/shared/desk"
)

// Step is one act as it is counted.
type Step struct {
	Type  string
	At    time.Time
	Actor desk.PersonID
	Was   *desk.Outline // before the act; nil on creation
	Now   *desk.Outline // after it
}

// cell names a document of counters, whatever its edition.
type cell struct{ collection, id string }

// Deltas are what a step adds to counters.
type Deltas map[cell]Counters

// Fold is what a step adds. It is pure; the sum over a ticket's steps is the same in any
// order.
func Fold(s Step) Deltas {
	d := Deltas{}
	if s.Was != nil {
		d.stock(s.Was, -1)
	}
	d.stock(s.Now, 1)
	d.backlog(s)
	d.flows(s)
	for c, counters := range d {
		for name, n := range counters {
			if n == 0 {
				delete(counters, name)
			}
		}
		if len(counters) == 0 {
			delete(d, c)
		}
	}
	return d
}

// add joins other steps' deltas, so that they can be written at once.
func (d Deltas) add(other Deltas) {
	for c, counters := range other {
		if d[c] == nil {
			d[c] = Counters{}
		}
		d[c].add(counters)
	}
}

func (d Deltas) count(collection, id, name string, n int64) {
	c := cell{collection, id}
	if d[c] == nil {
		d[c] = Counters{}
	}
	d[c][name] += n
}

// stock puts a ticket in (n = 1) or takes it out (n = -1) wherever it counts for as long
// as it is so. A deleted ticket counts nowhere.
func (d Deltas) stock(o *desk.Outline, n int64) {
	if o.Deleted {
		return
	}
	opened, department, person := dayID(o.CreatedAt, o.Department), departmentStock(o.Department), personStock(o.Requester)
	d.count(days, opened, "created", n)
	d.count(categoryDays, opened, "created~"+o.Category, n)
	d.count(stocks, department, "status~"+string(o.Status), n)
	if !o.Open() {
		d.count(stocks, person, "done", n)
		return
	}
	d.count(stocks, person, "open", n)
	d.count(days, opened, "waiting", n)
	d.count(stocks, department, "open", n)
	d.count(stocks, department, "priority~"+string(o.Priority), n)
	d.count(stocks, department, "assignee~"+string(o.Assignee), n)
	if o.Escalated {
		d.count(stocks, department, "escalated", n)
	}
	if o.Assignee != "" {
		d.count(stocks, personStock(o.Assignee), "assigned", n)
	}
	d.due(o, n)
}

// due counts an open ticket at the minute when it is due, and sums that up by day and by
// month, so that what is overdue is known from this month's days and today's minutes.
func (d Deltas) due(o *desk.Outline, n int64) {
	if o.Status == desk.StatusOnHold {
		return // its clock stands still
	}
	day := dayID(o.DueAt, o.Department)
	d.count(days, day, "due~"+o.DueAt.UTC().Format("15:04"), n)
	d.count(days, day, "due", n)
	d.count(stocks, departmentStock(o.Department), "due~"+monthOf(o.DueAt), n)
}

// backlog counts by how much the act changed the number of open tickets of a department,
// by day and by month, so that the number at the end of any day is a sum.
func (d Deltas) backlog(s Step) {
	move := func(o *desk.Outline, n int64) {
		if o != nil && o.Open() {
			d.count(days, dayID(s.At, o.Department), "net", n)
			d.count(stocks, departmentStock(o.Department), "net~"+monthOf(s.At), n)
		}
	}
	move(s.Was, -1)
	move(s.Now, 1)
}

// flows counts what happened, where and when it did. It is never taken back: a ticket
// that is resolved twice was resolved twice.
func (d Deltas) flows(s Step) {
	now, day := s.Now, dayID(s.At, s.Now.Department)
	was := s.Was
	if was == nil {
		was = &desk.Outline{}
	}
	if s.Type == desk.TicketReplied {
		d.count(days, day, "replies", 1)
	}
	if now.Status == desk.StatusClosed && was.Status != desk.StatusClosed {
		d.count(days, day, "closed", 1)
	}
	d.rated(day, was, now)
	if now.Reopened > was.Reopened {
		d.count(days, day, "reopened", 1)
	}
	if was.FirstResponseAt.IsZero() && !now.FirstResponseAt.IsZero() {
		d.took(day, "responded", s.Actor, now, now.FirstResponseAt, now.ResponseDueAt)
	}
	if was.ResolvedAt.IsZero() && !now.ResolvedAt.IsZero() {
		d.took(day, "resolved", now.Assignee, now, now.ResolvedAt, now.DueAt)
	}
}

// rated counts what a rating adds to the ratings and to those of content people: who rates
// again moves from one side to the other, and is still one.
func (d Deltas) rated(day string, was, now *desk.Outline) {
	if was.Rating == now.Rating {
		return
	}
	more := func(least int) (n int64) {
		if now.Rating >= least {
			n++
		}
		if was.Rating >= least {
			n--
		}
		return n
	}
	for collection, suffix := range map[string]string{days: "", agentDays: "~" + string(now.Assignee), categoryDays: "~" + now.Category} {
		d.count(collection, day, "rated"+suffix, more(1))
		d.count(collection, day, "content"+suffix, more(desk.Content))
	}
}

// took counts something that has a target: that it was done, whether it was late, and
// its duration since the ticket was opened, for the department, the agent and the
// category.
func (d Deltas) took(day, what string, agent desk.PersonID, o *desk.Outline, done, due time.Time) {
	bucket := what + "_bucket~" + strconv.Itoa(bucketOf(done.Sub(o.CreatedAt)))
	for _, group := range []struct{ collection, suffix string }{
		{days, ""}, {agentDays, "~" + string(agent)}, {categoryDays, "~" + o.Category},
	} {
		d.count(group.collection, day, what+group.suffix, 1)
		d.count(group.collection, day, bucket+group.suffix, 1)
		if done.After(due) {
			d.count(group.collection, day, what+"_late"+group.suffix, 1)
		}
	}
}
