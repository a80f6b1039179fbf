// Package bulk changes many tickets at once, as a job that goes on by itself, and takes
// such a change back.
//
// Ideas:
//
//   - A job first collects which tickets it is about, then changes them a part at a time;
//     each part ends by writing its outcomes and the fact for the next in one transaction.
//     What breaks in between is done again from the part's beginning.
//   - Each ticket's change is a request of its own, keyed by job and ticket, so that it
//     happens once however often a part runs.
//   - It is done as its owner, with the rights that the owner has when its turn comes.
//     Whoever may no longer do it stops the job.
//   - The facts of a job don't cause each other: they all have the depth of the first, and
//     their number is bounded by the tickets.
//   - Taking back is a job too, over the parts of the other. Each outcome holds which acts
//     it made, and these say what was before.
//
// It stores bulk_jobs and bulk_parts. It decides nothing about tickets: desk does.
package bulk

import (
	"fmt"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/preset"
)

// State is where a job is.
type State string

// The states of a job; the last three are ends.
const (
	Collecting State = "collecting"
	Running    State = "running"
	Done       State = "done"
	Cancelled  State = "cancelled"
	Stopped    State = "stopped" // by a reason
)

// Limits.
const (
	MaxTickets = 10_000
	MaxActive  = 3 // jobs of a person at once
	Patience   = 24 * time.Hour

	settling  = time.Minute // after a cancellation a part may still be under way
	partSize  = 100         // tickets of a part, which is one fact's work
	pages     = 10          // parts that one fact collects
	atOnce    = 8           // changes at a time
	examined  = 200         // tickets that a preview looks at
	previewed = 20          // tickets that it shows
)

// Job is a change of many tickets.
type Job struct {
	ID        string         `json:"id"`
	Owner     desk.PersonID  `json:"owner"`
	State     State          `json:"state"`
	Reason    string         `json:"reason,omitzero"` // why it stopped, for people
	Macro     string         `json:"macro,omitzero"`
	Changes   preset.Changes `json:"changes,omitzero"`
	Filter    Selection      `json:"filter,omitzero"`
	Cursor    string         `json:"cursor,omitzero"`    // where collecting goes on
	Undoes    string         `json:"undoes,omitzero"`    // the job that it takes back
	UndoneBy  string         `json:"undone_by,omitzero"` // the job that takes it back
	Step      int64          `json:"step"`               // sequence of the fact that it waits for
	Parts     int            `json:"parts"`
	Next      int            `json:"next"` // part
	Total     int            `json:"total"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Failed    int            `json:"failed"`
	Skipped   int            `json:"skipped"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// Active reports whether the job still goes on.
func (j Job) Active() bool { return j.State == Collecting || j.State == Running }

// Outcome is what came of one ticket.
type Outcome string

// The outcomes; "" while its turn has not come.
const (
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged" // it already was so
	Failed    Outcome = "failed"
	Skipped   Outcome = "skipped" // somebody changed it since, so it was not taken back
)

// Item is a ticket of a job.
type Item struct {
	Ticket  desk.TicketID `json:"ticket"`
	Outcome Outcome       `json:"outcome,omitzero"`
	Code    string        `json:"code,omitzero"`
	Message string        `json:"message,omitzero"` // for people
	Trail   desk.Trail    `json:"trail,omitzero"`
}

// part is some of a job's tickets.
type part struct {
	Items []Item `json:"items"`
}

// Selection narrows the list of tickets, as the list itself does.
type Selection struct {
	Status       desk.Status       `json:"status,omitzero" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" doc:"Where they are in their life." example:"new"`
	Priority     desk.Priority     `json:"priority,omitzero" enum:"critical,high,medium,low" doc:"How urgent they are."`
	Department   desk.DepartmentID `json:"department,omitzero" maxLength:"128" doc:"Department id." example:"network"`
	Category     string            `json:"category,omitzero" maxLength:"64" doc:"Category id."`
	Assignee     desk.PersonID     `json:"assignee,omitzero" maxLength:"128" doc:"Person id, \"me\", or \"none\"."`
	Requester    desk.PersonID     `json:"requester,omitzero" maxLength:"128" doc:"Person id, or \"me\"."`
	Escalated    *bool             `json:"escalated,omitzero" doc:"Only those that are escalated, or that are not."`
	Tag          string            `json:"tag,omitzero" maxLength:"40" doc:"A tag that they carry." example:"outage"`
	CreatedFrom  time.Time         `json:"created_from,omitzero" doc:"Opened at that time or later."`
	CreatedUntil time.Time         `json:"created_to,omitzero" doc:"Opened before that time."`
}

// list is the filter as the list takes it, in the order that no change moves.
func (f Selection) list(me desk.PersonID) desk.Filter {
	who := func(id desk.PersonID) desk.PersonID {
		if id == preset.Me {
			return me
		}
		return id
	}
	return desk.Filter{
		Status: f.Status, Priority: f.Priority, Department: f.Department, Category: f.Category, Assignee: who(f.Assignee), Requester: who(f.Requester),
		Escalated: f.Escalated, Tag: f.Tag, CreatedFrom: f.CreatedFrom, CreatedUntil: f.CreatedUntil, ByCreation: true,
	}
}

// The collections of this package.
const (
	jobs  = "bulk_jobs"
	parts = "bulk_parts"
)

func jobKey(id string) docdb.Key { return docdb.Key{Collection: jobs, ID: id} }
func partKey(id string, n int) docdb.Key {
	return docdb.Key{Collection: parts, ID: fmt.Sprintf("%s~%04d", id, n)}
}

// Indexes are the composite indexes that this package's queries need.
func Indexes() []docdb.Index { return []docdb.Index{docdb.On(jobs, "owner", "created_at desc")} }
