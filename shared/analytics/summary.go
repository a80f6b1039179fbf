package analytics

import (
	"cmp"
	"context"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Summary is what a person sees first.
type Summary struct {
	Mine     Mine
	Work     *Work         // of the departments that the person may see; nil for users
	Recent   []desk.Ticket // last changed first
	Warnings []desk.Ticket // escalated and open, last changed first; nil for users
}

// Mine counts the tickets that the person asked for, and those that they are to solve.
type Mine struct {
	Open     int64 // asked for, not done
	Closed   int64 // asked for, resolved or closed or merged
	Assigned int64 // to solve
}

// Work is the present state of departments.
type Work struct {
	Waiting
	CreatedToday   int64
	OverduePercent *float64 // of what is open; nil if nothing is
	ByStatus       map[desk.Status]int64
	Top            []Load // the departments with most open tickets
}

// Load is how much is open in a department.
type Load struct {
	Department desk.DepartmentID
	Open       int64
	Overdue    int64
}

// What a summary shows of long lists.
const (
	recentTickets  = 10
	topDepartments = 10
)

// Overview is the person's summary: their own numbers, for staff those of their
// departments and those below, for admins all. It reads the person's numbers, up to ten
// tickets, and for staff up to ten more and a document for each day of this month and each
// department, and one more for each department.
func Overview(ctx context.Context, d *desk.Desk, a desk.Actor) (Summary, error) {
	if err := desk.Allow(a, desk.ReportOwn, nil); err != nil {
		return Summary{}, err
	}
	var s Summary
	var err error
	if s.Mine, err = mine(ctx, d, a); err != nil {
		return s, err
	}
	page := desk.Page{Limit: recentTickets}
	if s.Recent, _, err = d.List(ctx, a, desk.Filter{}, page); err != nil || !desk.May(a, desk.ReportRead, nil) {
		return s, err
	}
	if s.Work, err = work(ctx, d, a); err != nil {
		return s, err
	}
	s.Warnings, err = warnings(ctx, d, a, page)
	return s, err
}

// personal is a person's stock.
type personal struct {
	Open     int64 `json:"open"`
	Done     int64 `json:"done"`
	Assigned int64 `json:"assigned"`
}

func mine(ctx context.Context, d *desk.Desk, a desk.Actor) (Mine, error) {
	ed, err := readEdition(ctx, d.DB)
	if err != nil {
		return Mine{}, err
	}
	own, err := docdb.Get[personal](ctx, d.DB, keyOf(ed.Current, stocks, personStock(a.ID)))
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return Mine{Open: own.Open, Closed: own.Done, Assigned: own.Assigned}, err
}

func work(ctx context.Context, d *desk.Desk, a desk.Actor) (*Work, error) {
	r, err := open(ctx, d, a, Range{})
	if err != nil {
		return nil, err
	}
	now, err := r.present()
	if err != nil {
		return nil, err
	}
	w := &Work{Waiting: now.waiting(), ByStatus: map[desk.Status]int64{}}
	w.OverduePercent = percent(w.Overdue, w.Open)
	for _, s := range desk.Statuses {
		for _, c := range now.stock {
			w.ByStatus[s] += c["status~"+string(s)]
		}
	}
	w.CreatedToday = now.created
	for _, department := range r.departments {
		if n := now.stock[department]["open"]; n > 0 {
			w.Top = append(w.Top, Load{department, n, now.overdue[department]})
		}
	}
	slices.SortStableFunc(w.Top, func(x, y Load) int { return cmp.Compare(y.Open, x.Open) })
	w.Top = w.Top[:min(len(w.Top), topDepartments)]
	return w, nil
}

// warnings are the escalated tickets, of which those that are done are left out.
func warnings(ctx context.Context, d *desk.Desk, a desk.Actor, page desk.Page) ([]desk.Ticket, error) {
	yes := true
	found, _, err := d.List(ctx, a, desk.Filter{Escalated: &yes}, page)
	return slices.DeleteFunc(found, func(t desk.Ticket) bool { return !t.Status.Open() }), err
}
