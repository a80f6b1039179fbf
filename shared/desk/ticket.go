package desk

import (
	"maps"
	"slices"
	"time"
)

// Ticket is one request for help, with all that is needed to list, show and judge
// it in one document.
type Ticket struct {
	ID          TicketID     `json:"id"`
	Number      string       `json:"number"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Department  DepartmentID `json:"department"`
	Category    string       `json:"category"`
	Subcategory string       `json:"subcategory"`
	Requester   PersonID     `json:"requester"`
	Assignee    PersonID     `json:"assignee"` // "" for nobody
	Watchers    []PersonID   `json:"watchers"`
	Status      Status       `json:"status"`
	Priority    Priority     `json:"priority"`
	Source      Source       `json:"source"`
	Tags        []string     `json:"tags"`
	Language    string       `json:"language"`
	Escalated   bool         `json:"escalated"`
	Resolution  string       `json:"resolution,omitzero"`
	HoldReason  string       `json:"hold_reason,omitzero"`
	HoldUntil   time.Time    `json:"hold_until,omitzero"`
	Routing     *Routing     `json:"routing,omitzero"`
	Replies     int          `json:"replies"`
	Notes       int          `json:"notes"`
	Reopened    int          `json:"reopened,omitzero"` // how often
	Rating      int          `json:"rating,omitzero"`   // 1 to 5, by the requester; 0 for none
	RatingText  string       `json:"rating_text,omitzero"`

	Values     map[string]any `json:"values,omitzero"`            // of custom fields, by id: text, number or bool
	Escalation string         `json:"escalation_reason,omitzero"` // why it is escalated
	Links      []Link         `json:"links,omitzero"`
	Merged     []Merged       `json:"merged,omitzero"`      // what was merged into it
	MergedInto *MergedInto    `json:"merged_into,omitzero"` // what it was merged into

	Files []File `json:"files,omitzero"` // attached, or on their way

	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	FirstAssignedAt time.Time `json:"first_assigned_at,omitzero"` // never erased
	FirstResponseAt time.Time `json:"first_response_at,omitzero"` // first reply of staff; robots don't count
	ResolvedAt      time.Time `json:"resolved_at,omitzero"`       // gone when reopened
	ClosedAt        time.Time `json:"closed_at,omitzero"`         // gone when reopened
	ResponseDueAt   time.Time `json:"response_due_at,omitzero"`
	DueAt           time.Time `json:"due_at,omitzero"`
	DeletedAt       time.Time `json:"deleted_at,omitzero"`

	Pauses   []Pause   `json:"pauses,omitzero"`   // times that count for no deadline, oldest first
	Breached bool      `json:"sla_breached"`      // a deadline passed, or was missed
	Fired    []string  `json:"fired,omitzero"`    // keys of alarms that happened
	AlarmAt  time.Time `json:"alarm_at,omitzero"` // of the next one

	// Version counts all acts. PublicVersion and PublicUpdatedAt move only with what
	// the requester may know of, so that a note shows by no side effect either.
	Version         int64     `json:"version"`
	PublicVersion   int64     `json:"public_version"`
	PublicUpdatedAt time.Time `json:"public_updated_at"`

	Chain string `json:"chain,omitzero"` // hash of the latest act; see chain.go

	// Audience says who sees the ticket: principals, and "principal #tag" for each
	// tag, because a query can ask of one array only. See setAudience.
	Audience []string `json:"audience"`
}

// Routing is how a ticket found its department: decided by what, and why.
type Routing struct {
	By         string       `json:"by"`      // "rule:vpn", "model", "person" or "triage"
	Version    string       `json:"version"` // of the rules or model that decided
	Score      float64      `json:"score"`   // 0 to 1; 1 for a rule
	Reason     string       `json:"reason"`
	Department DepartmentID `json:"department"`
	Assigned   string       `json:"assigned"` // why this person, or why nobody
	At         time.Time    `json:"at"`

	// What a model said, if one was asked: its best guesses, and the words that spoke for
	// the best.
	Suggestions []Suggestion `json:"suggestions,omitempty"`
	Words       []string     `json:"words,omitempty"`
}

// Suggestion is a department that a ticket may belong to.
type Suggestion struct {
	Department DepartmentID `json:"department"`
	Score      float64      `json:"score"` // how likely, 0 to 1
}

// VersionFor is the version that the actor knows of; it is what their ETag holds.
func (t *Ticket) VersionFor(a Actor) int64 {
	if May(a, NoteRead, t) {
		return t.Version
	}
	return t.PublicVersion
}

// UpdatedFor is when the ticket last changed as far as the actor may know.
func (t *Ticket) UpdatedFor(a Actor) time.Time {
	if May(a, NoteRead, t) {
		return t.UpdatedAt
	}
	return t.PublicUpdatedAt
}

// clone copies the ticket such that neither changes with the other.
func (t *Ticket) clone() *Ticket {
	c := *t
	c.Tags, c.Watchers, c.Audience = slices.Clone(t.Tags), slices.Clone(t.Watchers), slices.Clone(t.Audience)
	c.Files = slices.Clone(t.Files)
	c.Pauses, c.Fired = slices.Clone(t.Pauses), slices.Clone(t.Fired)
	c.Values, c.Links, c.Merged = maps.Clone(t.Values), slices.Clone(t.Links), slices.Clone(t.Merged)
	return &c
}

// setAudience computes who sees the ticket.
func (t *Ticket) setAudience(org *Organisation) {
	t.Audience = t.Audience[:0]
	if !t.DeletedAt.IsZero() {
		return
	}
	base := []string{everyAdmin, personPrincipal(t.Requester)}
	if t.Assignee != "" {
		base = append(base, personPrincipal(t.Assignee))
	}
	for _, w := range t.followers() {
		base = append(base, personPrincipal(w))
	}
	for _, d := range org.Path(t.Department) {
		base = append(base, departmentPrincipal(d))
	}
	slices.Sort(base)
	base = slices.Compact(base)
	t.Audience = append(t.Audience, base...)
	for _, tag := range t.Tags {
		for _, p := range base {
			t.Audience = append(t.Audience, tagged(p, tag))
		}
	}
}

// tagged is the audience entry that lists a principal's tickets with a tag.
func tagged(principal, tag string) string { return principal + " #" + tag }

// busy reports whether the ticket counts as work of its assignee.
func (t *Ticket) busy() bool { return t.Assignee != "" && t.Status.Open() && t.DeletedAt.IsZero() }
