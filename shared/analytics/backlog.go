package analytics

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
)

// Waiting is what is open now.
type Waiting struct {
	Open       int64
	Unassigned int64
	Escalated  int64
	Overdue    int64 // the minute when they were due is over
	ByPriority map[desk.Priority]int64
	ByAge      []Age
}

// Age counts open tickets by the days since they were opened, the day of opening being 0.
type Age struct {
	Least, Most int // days; Most is -1 for no limit
	Open        int64
}

// ages are the classes of age, youngest first.
var ages = []Age{{0, 0, 0}, {1, 3, 0}, {4, 7, 0}, {8, 14, 0}, {15, 30, 0}, {31, 90, 0}, {91, -1, 0}}

// Backlog says what is open now, and how old it is. It reads a document for each of the
// last ninety days and each department, and one more for each department.
func Backlog(ctx context.Context, d *desk.Desk, a desk.Actor, department desk.DepartmentID) (Waiting, error) {
	r, err := open(ctx, d, a, Range{Department: department})
	if err != nil {
		return Waiting{}, err
	}
	now, err := r.present()
	if err != nil {
		return Waiting{}, err
	}
	w := now.waiting()
	w.ByAge = append([]Age{}, ages...)
	today, oldest := startOfDay(r.now), len(ages)-1
	w.ByAge[oldest].Open = w.Open
	err = r.each(days, today.AddDate(0, 0, 1-ages[oldest].Least), today, func(day time.Time, _ desk.DepartmentID, c Counters) {
		age := int(today.Sub(day).Hours() / 24)
		for i := range ages[:oldest] {
			if ages[i].Least <= age && age <= ages[i].Most {
				w.ByAge[i].Open += c["waiting"]
				w.ByAge[oldest].Open -= c["waiting"]
			}
		}
	})
	return w, err
}

// present is what is now: each department's stock, and how much of it is overdue.
type present struct {
	stock   map[desk.DepartmentID]Counters
	overdue map[desk.DepartmentID]int64
	created int64 // today
}

// present reads the stocks, and what was due this month: a document for each department,
// and one for each day of the month so far and each department.
func (r *report) present() (present, error) {
	p := present{stock: map[desk.DepartmentID]Counters{}, overdue: map[desk.DepartmentID]int64{}}
	today, minute := startOfDay(r.now), r.now.Format("15:04")
	err := r.stocks(func(department desk.DepartmentID, c Counters) {
		p.stock[department] = c
		for month, n := range c.under("due") {
			if month < monthOf(today) {
				p.overdue[department] += n
			}
		}
	})
	if err != nil {
		return p, err
	}
	err = r.each(days, startOfMonth(today), today, func(day time.Time, department desk.DepartmentID, c Counters) {
		if day.Before(today) {
			p.overdue[department] += c["due"]
			return
		}
		p.created += c["created"]
		for at, n := range c.under("due") {
			if at < minute {
				p.overdue[department] += n
			}
		}
	})
	return p, err
}

// waiting sums up over the departments.
func (p present) waiting() Waiting {
	w := Waiting{ByPriority: map[desk.Priority]int64{}}
	for department, c := range p.stock {
		w.Open += c["open"]
		w.Unassigned += c["assignee~"]
		w.Escalated += c["escalated"]
		w.Overdue += p.overdue[department]
		for _, priority := range desk.Priorities {
			w.ByPriority[priority] += c["priority~"+string(priority)]
		}
	}
	return w
}
