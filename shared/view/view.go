// Package view keeps saved views: a filter of the list of tickets with a name, an order
// and columns, private or shared, and how many tickets each has for whoever asks.
//
// Ideas:
//
//   - A count is kept from events and equals what the list would show to that person, yet
//     nothing is kept per view and person. It rests on the shape of permission: somebody
//     sees a ticket by its department (and those below their own, which is a set of
//     departments that can't overlap) or by name (requester, assignee, watcher). So two
//     counts suffice: of each filter's tickets in a department, and of those tied to a
//     person, by department. A person's count is the first over the departments that they
//     reach and the second over all others: no ticket twice, none missing, whatever
//     becomes of their role, their departments or the tree.
//   - Filters are counted, not views: equal ones are counted once, and "me" stays a
//     variable, so that everybody's "assigned to me" is one filter. There are MaxFilters
//     at most; each event looks at all of them in memory, and writes as many documents as
//     the ticket has people and departments.
//   - A tally remembers what of a ticket has been counted: up to which act, and by which
//     filters. An event takes that out and puts the ticket's outline in, so facts may come
//     late, twice or never. A new filter is brought into all tallies a batch at a time,
//     while events go on; until then its count is not known.
//
// It stores views, view_owners (how many each has), view_filters (one document: what is
// counted), tallies and counts. It does not list tickets: desk does.
package view

import (
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// View is a saved view.
type View struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Owner       desk.PersonID       `json:"owner"`
	Everyone    bool                `json:"everyone"`    // shared with all
	Departments []desk.DepartmentID `json:"departments"` // shared with the staff of these
	Filter      Filter              `json:"filter"`
	ByCreation  bool                `json:"by_creation"` // last opened first, rather than last changed
	Columns     []string            `json:"columns"`
	Counted     int64               `json:"counted"` // the filter's number where it is counted
	Version     int64               `json:"version"`
	CreatedAt   time.Time           `json:"created_at"`
	UpdatedAt   time.Time           `json:"updated_at"`

	// Audience says who else sees it; empty for a private view.
	Audience []string `json:"audience"`
}

// Limits.
const (
	MaxName    = 80
	MaxColumns = 20
	MaxViews   = 30  // of a member of staff
	MaxOwn     = 10  // of a user
	MaxShared  = 200 // in all
	MaxFilters = 500 // different ones, in all
)

// Columns are what a view may show of a ticket.
var Columns = []string{
	"number", "title", "status", "priority", "department", "category", "subcategory", "requester", "assignee", "watchers", "source", "tags",
	"language", "escalated", "reply_count", "created_at", "updated_at", "first_response_at", "resolved_at", "closed_at", "response_due_at", "due_at",
}

// The collections of this package.
const (
	views   = "views"
	owners  = "view_owners"
	filters = "view_filters"
	tallies = "tallies"
	counts  = "counts"
)

func viewKey(id string) docdb.Key         { return docdb.Key{Collection: views, ID: id} }
func ownerKey(id desk.PersonID) docdb.Key { return docdb.Key{Collection: owners, ID: string(id)} }
func tallyKey(id desk.TicketID) docdb.Key { return docdb.Key{Collection: tallies, ID: string(id)} }
func departmentKey(d desk.DepartmentID) docdb.Key {
	return docdb.Key{Collection: counts, ID: "dept~" + string(d)}
}
func personKey(id desk.PersonID) docdb.Key {
	return docdb.Key{Collection: counts, ID: "person~" + string(id)}
}

var registryKey = docdb.Key{Collection: filters, ID: "all"}

// Indexes are the composite indexes that this package's queries need: none, since each
// asks of one field.
func Indexes() []docdb.Index { return nil }

// Principals in a view's audience.
const (
	everyone = "everyone"
	admins   = "role:admin"
)

func member(d desk.DepartmentID) string { return "dept:" + string(d) }

// audience is who sees the view beside its owner.
func (v View) audience() []string {
	out := []string{}
	if v.Everyone {
		out = append(out, everyone)
	}
	for _, d := range v.Departments {
		out = append(out, member(d))
	}
	if len(out) > 0 {
		out = append(out, admins)
	}
	return out
}

// principals are the names under which somebody is in audiences.
func principals(a desk.Actor) []string {
	out := []string{everyone}
	switch a.Role {
	case desk.RoleAdmin:
		return append(out, admins)
	case desk.RoleStaff:
		for _, d := range a.Departments {
			out = append(out, member(d))
		}
	}
	return out
}

// sees reports whether the view is the actor's or shared with them.
func (v View) sees(a desk.Actor) bool {
	if v.Owner == a.ID {
		return true
	}
	for _, p := range principals(a) {
		for _, q := range v.Audience {
			if p == q {
				return true
			}
		}
	}
	return false
}
