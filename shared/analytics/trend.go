package analytics

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
)

// Point is what happened on one day.
type Point struct {
	Day      time.Time
	Created  int64 // tickets opened that day that are there now
	Resolved int64
	Closed   int64
	Reopened int64
	Replies  int64
	Backlog  int64 // open at the day's end, or now
}

// Trend is a point for every day of the range. It reads a document for each day since the
// first of the month and each department, and one more for each department.
func Trend(ctx context.Context, d *desk.Desk, a desk.Actor, asked Range) ([]Point, error) {
	r, err := open(ctx, d, a, asked)
	if err != nil {
		return nil, err
	}
	first := startOfMonth(r.from)
	var backlog int64 // when the month began
	err = r.stocks(func(_ desk.DepartmentID, c Counters) {
		for month, n := range c.under("net") {
			if month < monthOf(first) {
				backlog += n
			}
		}
	})
	if err != nil {
		return nil, err
	}
	sums := map[time.Time]Counters{}
	err = r.each(days, first, r.to, func(day time.Time, _ desk.DepartmentID, c Counters) {
		if sums[day] == nil {
			sums[day] = Counters{}
		}
		sums[day].add(c)
	})
	if err != nil {
		return nil, err
	}
	points := []Point{}
	for day := first; !day.After(r.to); day = day.AddDate(0, 0, 1) {
		c := sums[day]
		backlog += c["net"]
		if !day.Before(r.from) {
			points = append(points, Point{day, c["created"], c["resolved"], c["closed"], c["reopened"], c["replies"], backlog})
		}
	}
	return points, nil
}
