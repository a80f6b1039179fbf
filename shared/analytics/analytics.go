// Package analytics counts what happens: tickets created, resolved, reopened and
// replies, per day and department.
//
// Ideas: each fact adds to the counters of its day, together with the event's marker,
// so that a repeated event counts once and no count is ever taken by reading tickets.
// Counters only add, so many events may count at once.
//
// It stores days. It does not yet know percentiles, agents or categories.
package analytics

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "measure"

// Kinds are the types of facts that Handle acts on.
var Kinds = []string{desk.TicketCreated, desk.TicketUpdated, desk.TicketReplied}

// Day is what happened in a department on a day (UTC).
type Day struct {
	Created  int64 `json:"created"`
	Resolved int64 `json:"resolved"`
	Closed   int64 `json:"closed"`
	Reopened int64 `json:"reopened"`
	Replies  int64 `json:"replies"`
}

const days = "days"

// dayKey names a day of a department, e.g. "2026-11-23~network".
func dayKey(at time.Time, department desk.DepartmentID) docdb.Key {
	return docdb.Key{Collection: days, ID: at.UTC().Format(time.DateOnly) + "~" + string(department)}
}

// Deltas are what a fact adds to its day, by counter.
func Deltas(kind string, f desk.Fact) map[string]int64 {
	out := map[string]int64{}
	switch kind {
	case desk.TicketCreated:
		out["created"] = 1
	case desk.TicketReplied:
		out["replies"] = 1
	}
	if _, ok := f.Changed("status"); ok && kind != desk.TicketCreated {
		switch f.Status {
		case desk.StatusResolved, desk.StatusClosed, desk.StatusReopened:
			out[string(f.Status)] = 1
		}
	}
	return out
}

// Handle counts an event.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	deltas := Deltas(e.Type, fact)
	if len(deltas) == 0 {
		return nil
	}
	_, err := event.Once(ctx, d.DB, Consumer, e, d.Now(), func(tx *docdb.Tx) error {
		return tx.Add(dayKey(e.At, fact.Department), deltas)
	})
	return err
}

// Show returns a day of a department; a day without facts is all zero.
func Show(ctx context.Context, r docdb.Reader, at time.Time, department desk.DepartmentID) (Day, error) {
	day, err := docdb.Get[Day](ctx, r, dayKey(at, department))
	if fault.Is(err, fault.NotFound) {
		return Day{}, nil
	}
	return day, err
}
