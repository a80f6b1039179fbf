package analytics

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Range is what a report is about.
type Range struct {
	From, To   time.Time         // first and last day; zero for the last thirty days
	Department desk.DepartmentID // and all below it; "" for all that the person may see
}

// Limits of a report: how many days it spans, and how many documents (days x departments)
// it reads.
const (
	MaxDays  = 366
	MaxCells = 20_000
)

// usualDays is how many days a report spans that asks for none.
const usualDays = 30

// report is a report under way.
type report struct {
	ctx         context.Context
	desk        *desk.Desk
	now         time.Time
	from, to    time.Time // days
	departments []desk.DepartmentID
	edition     int64
}

// open checks what is asked for, and whether the actor may.
func open(ctx context.Context, d *desk.Desk, a desk.Actor, r Range) (*report, error) {
	if !desk.May(a, desk.ReportRead, nil) {
		return nil, fault.New(fault.Forbidden, "not_allowed", "The numbers of departments are for staff. The summary has your own.")
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	rep := &report{ctx: ctx, desk: d, now: d.Now().UTC(), departments: org.Reach(a)}
	if r.Department != "" {
		if _, ok := org.Department(r.Department); !ok {
			return nil, fault.Bad("department", "There is no department %q.", r.Department)
		}
		if !contains(rep.departments, r.Department) {
			return nil, fault.New(fault.Forbidden, "not_allowed", "You see the numbers of your own departments and of those below them; %q is none of these.", r.Department)
		}
		rep.departments = org.Below(r.Department)
	}
	if err := rep.span(r); err != nil {
		return nil, err
	}
	ed, err := readEdition(ctx, d.DB)
	rep.edition = ed.Current
	return rep, err
}

// span sets the days.
func (r *report) span(asked Range) error {
	r.from, r.to = startOfDay(asked.From), startOfDay(asked.To)
	if asked.To.IsZero() {
		r.to = startOfDay(r.now)
	}
	if asked.From.IsZero() {
		r.from = r.to.AddDate(0, 0, 1-usualDays)
	}
	n := int(r.to.Sub(r.from).Hours()/24) + 1
	switch {
	case r.to.Before(r.from):
		return fault.Bad("from", "The first day is after the last one.")
	case n > MaxDays:
		return fault.Bad("from", "A report spans at most %d days; this would be %d.", MaxDays, n)
	case n*len(r.departments) > MaxCells:
		return fault.Bad("department", "That is too much at once: choose a department, or at most %d days.", MaxCells/len(r.departments))
	}
	return nil
}

func startOfDay(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func startOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// readAtOnce is how many documents one call reads.
const readAtOnce = 300

// each hands the counters of every day from first to last and every department to fn, one
// read each. Days and departments without any come too.
func (r *report) each(collection string, first, last time.Time, fn func(time.Time, desk.DepartmentID, Counters)) error {
	type place struct {
		day        time.Time
		department desk.DepartmentID
	}
	var places []place
	var ids []string
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		for _, department := range r.departments {
			places, ids = append(places, place{d, department}), append(ids, dayID(d, department))
		}
	}
	return r.read(collection, ids, func(i int, c Counters) { fn(places[i].day, places[i].department, c) })
}

// stocks hands what is now in every department to fn, one read each.
func (r *report) stocks(fn func(desk.DepartmentID, Counters)) error {
	ids := make([]string, len(r.departments))
	for i, d := range r.departments {
		ids[i] = departmentStock(d)
	}
	return r.read(stocks, ids, func(i int, c Counters) { fn(r.departments[i], c) })
}

// read hands the counters of each document to fn, by its place among the ids.
func (r *report) read(collection string, ids []string, fn func(int, Counters)) error {
	for start := 0; start < len(ids); start += readAtOnce {
		part := ids[start:min(start+readAtOnce, len(ids))]
		keys := make([]docdb.Key, len(part))
		for i, id := range part {
			keys[i] = keyOf(r.edition, collection, id)
		}
		recs, err := r.desk.DB.Read(r.ctx, keys...)
		if err != nil {
			return err
		}
		for i, rec := range recs {
			fn(start+i, countersOf(rec))
		}
	}
	return nil
}

// percent is part of whole in percent, nil of nothing.
func percent(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	p := 100 * float64(part) / float64(whole)
	return &p
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
