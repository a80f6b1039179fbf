// Package analytics says how well it goes: what came in, what was done, how soon, how
// much waits and for how long, by day, department, category and agent.
//
// Ideas:
//
//   - Each fact becomes additions to counters by one pure function (Fold) of the act and
//     the ticket's outline before and after it. Additions commute, so the order in which
//     facts arrive does not matter; they are written with the event's marker, so a fact
//     that arrives again counts once. No ticket is ever read to make a number.
//   - What is now (open, by status, overdue, in a category) is counted by taking the
//     outline before the act out and putting the one after it in. What happened (replies,
//     resolutions) is counted on the day and in the department where it did.
//   - Durations are sketches: buckets with a relative error of 1 %, each a counter of its
//     own, so that they need no read either and add up over days and departments.
//   - The counters of one rebuild are an edition. Rebuild makes the next edition from the
//     history while facts go on being counted in both, then readers change over.
//   - A report reads days x departments, whatever the number of tickets, and only of
//     departments that the policy gives to the person.
//
// Days are UTC. It stores days, agent_days, category_days, stocks and one document that
// names the edition.
package analytics

import (
	"strconv"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// The collections of this package. Their documents hold counters by name.
const (
	days         = "days"          // date~department: what happened, what was opened or is due that day
	agentDays    = "agent_days"    // date~department: the same by agent
	categoryDays = "category_days" // date~department: the same by category
	stocks       = "stocks"        // dept~department and person~person: what is now
	editions     = "editions"      // one document: which counters are valid
)

var counted = []string{days, agentDays, categoryDays, stocks}

// dayID names a day of a department, e.g. "2026-11-23~network".
func dayID(at time.Time, department desk.DepartmentID) string {
	return dateOf(at) + "~" + string(department)
}

func dateOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

func monthOf(at time.Time) string { return at.UTC().Format("2006-01") }

func departmentStock(id desk.DepartmentID) string { return "dept~" + string(id) }
func personStock(id desk.PersonID) string         { return "person~" + string(id) }

// keyOf is the document of an edition's counters.
func keyOf(edition int64, collection, id string) docdb.Key {
	return docdb.Key{Collection: collection, ID: strconv.FormatInt(edition, 10) + "~" + id}
}

// Counters are a document's counts by name. A name is a word, or several joined by "~",
// the last of which may be a name that somebody else gave.
type Counters map[string]int64

// under lists the counters whose names begin with the prefix, by the rest of the name.
func (c Counters) under(prefix string) Counters {
	out := Counters{}
	for name, n := range c {
		if rest, ok := strings.CutPrefix(name, prefix+"~"); ok {
			out[rest] += n
		}
	}
	return out
}

// add adds other's counts.
func (c Counters) add(other Counters) {
	for name, n := range other {
		c[name] += n
	}
}

// countersOf reads a record; a missing one counts nothing.
func countersOf(r docdb.Record) Counters {
	c := make(Counters, len(r.Fields))
	for name, v := range r.Fields {
		if n, ok := v.(int64); ok {
			c[name] = n
		}
	}
	return c
}
