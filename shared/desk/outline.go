package desk

import "time"

// Outline is a ticket without its words: all that it takes to count it. Facts carry the
// outline before and after the act, so that whoever counts needs no read, and acts keep
// the one after, so that every count can be made again from the history.
type Outline struct {
	Department DepartmentID `json:"department"`
	Category   string       `json:"category,omitzero"`
	Requester  PersonID     `json:"requester"`
	Assignee   PersonID     `json:"assignee,omitzero"`
	Watchers   []PersonID   `json:"watchers,omitempty"`
	Status     Status       `json:"status"`
	Priority   Priority     `json:"priority"`
	Tags       []string     `json:"tags,omitempty"`
	Escalated  bool         `json:"escalated,omitzero"`
	Reopened   int          `json:"reopened,omitzero"` // how often
	Rating     int          `json:"rating,omitzero"`   // 1 to 5; 0 for none
	Breached   bool         `json:"sla_breached,omitzero"`
	Deleted    bool         `json:"deleted,omitzero"`

	CreatedAt       time.Time `json:"created_at"`
	FirstResponseAt time.Time `json:"first_response_at,omitzero"`
	ResolvedAt      time.Time `json:"resolved_at,omitzero"`
	ResponseDueAt   time.Time `json:"response_due_at"`
	DueAt           time.Time `json:"due_at"`
}

// outline is the ticket's, nil for one that does not exist yet.
func (t *Ticket) outline() *Outline {
	if t.Version == 0 {
		return nil
	}
	return &Outline{
		Department: t.Department, Category: t.Category, Requester: t.Requester, Assignee: t.Assignee, Watchers: t.followers(),
		Status: t.Status, Priority: t.Priority, Tags: t.Tags, Escalated: t.Escalated, Reopened: t.Reopened, Rating: t.Rating, Breached: t.Breached, Deleted: !t.DeletedAt.IsZero(),
		CreatedAt: t.CreatedAt, FirstResponseAt: t.FirstResponseAt, ResolvedAt: t.ResolvedAt, ResponseDueAt: t.ResponseDueAt, DueAt: t.DueAt,
	}
}

// Open reports whether somebody still has to do something about the ticket.
func (o *Outline) Open() bool { return o.Status.Open() && !o.Deleted }

// Tied are the people whom the ticket concerns by name: its requester, its assignee and
// those whom it is shared with, each once.
func (o *Outline) Tied() []PersonID {
	out := []PersonID{o.Requester}
	if o.Assignee != "" && o.Assignee != o.Requester {
		out = append(out, o.Assignee)
	}
	for _, w := range o.Watchers {
		if !contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
