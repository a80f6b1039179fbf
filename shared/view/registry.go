package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// FilterAdded is the type of the fact that there is another filter to count.
const FilterAdded = "filter.added"

// registry is what is counted.
type registry struct {
	Generation int64     `json:"generation"` // the latest filter's number
	Filters    []counted `json:"filters"`
	Shared     int       `json:"shared"` // views that are shared
}

// counted is a filter that is counted. Its number is never used again, so what was
// counted under it before it went does no harm.
type counted struct {
	Number int64  `json:"number"`
	Filter Filter `json:"filter"`
	Uses   int    `json:"uses"`  // views that have it
	Ready  bool   `json:"ready"` // every ticket is counted
}

// readRegistry says what is counted; in the beginning nothing is.
func readRegistry(ctx context.Context, r docdb.Reader) (registry, error) {
	reg, err := docdb.Get[registry](ctx, r, registryKey)
	if fault.Is(err, fault.NotFound) {
		return registry{}, nil
	}
	return reg, err
}

// use counts a filter for one more view and returns its number. A filter that nobody
// counted yet is announced, so that the tickets there are come in.
func (r *registry) use(tx *docdb.Tx, f Filter, by desk.PersonID, now time.Time) (int64, error) {
	for i := range r.Filters {
		if r.Filters[i].Filter.equal(f) {
			r.Filters[i].Uses++
			return r.Filters[i].Number, nil
		}
	}
	if len(r.Filters) >= MaxFilters {
		return 0, fault.New(fault.Conflict, "too_many_filters", "This organisation counts %d different filters already, which is all it can. Use a filter that another view has, or delete views.", MaxFilters)
	}
	r.Generation++
	r.Filters = append(r.Filters, counted{Number: r.Generation, Filter: f, Uses: 1})
	return r.Generation, event.Append(tx, announcement(r.Generation, 1, string(by), now))
}

// announcement is the n-th fact about a filter that is to be counted.
func announcement(number, n int64, by string, now time.Time) event.Event {
	subject := fmt.Sprintf("filter-%d", number)
	return event.Event{ID: fmt.Sprintf("%s-%06d", subject, n), Type: FilterAdded, Subject: subject, Sequence: n, At: now.UTC().Truncate(time.Microsecond), Actor: by}
}

// leave counts a filter for one view less, and forgets it with the last one.
func (r *registry) leave(number int64) {
	for i := range r.Filters {
		if r.Filters[i].Number != number {
			continue
		}
		if r.Filters[i].Uses--; r.Filters[i].Uses == 0 {
			r.Filters = slices.Delete(r.Filters, i, i+1)
		}
		return
	}
}

// ready returns the filter of a number once it is counted.
func (r *registry) ready(number int64) (Filter, bool) {
	for _, c := range r.Filters {
		if c.Number == number {
			return c.Filter, c.Ready
		}
	}
	return Filter{}, false
}
