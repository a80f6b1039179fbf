package analytics

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
)

// Service says how soon and how well tickets were served.
type Service struct {
	Created            int64
	Resolved           int64
	Reopened           int64
	FirstResponse      Spread   // from opening to the first reply of staff
	Resolution         Spread   // from opening to each resolution
	FirstResponseInSLA *float64 // percent of first responses before they were due; nil without any
	ResolutionInSLA    *float64 // percent of resolutions before they were due; nil without any
	ReopenRate         *float64 // reopenings in percent of resolutions; nil without any
	Rated              int64    // tickets that were rated
	Satisfaction       *float64 // percent of ratings by content people; nil without any
}

// Performance sums up the range. It reads a document for each day and department.
func Performance(ctx context.Context, d *desk.Desk, a desk.Actor, asked Range) (Service, error) {
	r, err := open(ctx, d, a, asked)
	if err != nil {
		return Service{}, err
	}
	sum := Counters{}
	err = r.each(days, r.from, r.to, func(_ time.Time, _ desk.DepartmentID, c Counters) { sum.add(c) })
	if err != nil {
		return Service{}, err
	}
	return serviceOf(sum)
}

// serviceOf reads the summed counters of a group.
func serviceOf(c Counters) (Service, error) {
	responses, err := spreadOf(c.under("responded_bucket"))
	if err != nil {
		return Service{}, err
	}
	resolutions, err := spreadOf(c.under("resolved_bucket"))
	return Service{
		Created: c["created"], Resolved: c["resolved"], Reopened: c["reopened"],
		FirstResponse: responses, Resolution: resolutions,
		FirstResponseInSLA: percent(c["responded"]-c["responded_late"], c["responded"]),
		ResolutionInSLA:    percent(c["resolved"]-c["resolved_late"], c["resolved"]),
		ReopenRate:         percent(c["reopened"], c["resolved"]),
		Rated:              c["rated"],
		Satisfaction:       percent(c["content"], c["rated"]),
	}, err
}
