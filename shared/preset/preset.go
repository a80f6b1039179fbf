// Package preset keeps what staff prepare once and use often: canned replies, macros (a
// set of changes with what is said to them) and templates of tickets.
//
// Ideas:
//
//   - All three are one thing with a name and a scope: for all, or for a department with
//     those below it. Whether somebody sees one is judged by the tree as it is now, so
//     that moving a branch needs no change of presets.
//   - One document for each kind lists what there is, and who may see it. A list is one
//     read, however many there are; it changes in the transaction of the preset itself.
//   - Words have variables out of a fixed set, such as {{requester.name}}. There is nothing
//     to compute with: no conditions, no functions, no fields of our types. An unknown
//     variable is refused when the text is saved, values are escaped as Markdown, and
//     every one is something that the requester may know.
//   - A macro does nothing that its user couldn't do by hand: it becomes a desk.Wish, and
//     the ticket's history shows ordinary acts.
//
// It stores presets and preset_lists. It does not change tickets by itself: desk does.
package preset

import (
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// Kind is what a preset is for.
type Kind string

// The kinds of presets.
const (
	CannedReply Kind = "canned_reply"
	Macro       Kind = "macro"
	Template    Kind = "template"
)

// Name is what people call one of the kind.
func (k Kind) Name() string {
	return map[Kind]string{CannedReply: "canned reply", Macro: "macro", Template: "template"}[k]
}

// Preset is something that staff prepared.
type Preset struct {
	ID        string        `json:"id"`
	Kind      Kind          `json:"kind"`
	By        desk.PersonID `json:"by"` // who made it
	Version   int64         `json:"version"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
	Draft     Draft         `json:"draft"`
}

// Draft is what somebody wants a preset to be.
type Draft struct {
	Name       string            `json:"name"`
	Department desk.DepartmentID `json:"department"` // for it and those below; "" for all
	Everyone   bool              `json:"everyone"`   // a template that users are offered too

	Reply   Words   `json:"reply,omitzero"`   // of a canned reply, which must have it, or of a macro
	Note    Words   `json:"note,omitzero"`    // of a macro
	Changes Changes `json:"changes,omitzero"` // of a macro
	Ticket  Opening `json:"ticket,omitzero"`  // of a template
}

// Words is a text in several languages.
type Words struct {
	Language string            `json:"language,omitzero"` // whose text stands in for others, BCP 47
	Texts    map[string]string `json:"texts,omitzero"`    // by language
}

// Changes are what a macro or a bulk job changes; what is left out stays as it is.
type Changes struct {
	Department  desk.DepartmentID `json:"department,omitzero" maxLength:"128" doc:"Department id; moving a ticket takes it from its assignee." example:"network"`
	Category    string            `json:"category,omitzero" maxLength:"64" doc:"Category id."`
	Subcategory string            `json:"subcategory,omitzero" maxLength:"64" doc:"Subcategory id."`
	Priority    desk.Priority     `json:"priority,omitzero" enum:"critical,high,medium,low" example:"high"`
	Status      desk.Status       `json:"status,omitzero" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened" example:"in_progress"`
	Assignee    desk.PersonID     `json:"assignee,omitzero" maxLength:"128" doc:"Person id, \"me\" for whoever does it, or \"none\"." example:"me"`
	Resolution  string            `json:"resolution,omitzero" maxLength:"2000" doc:"What solved it."`
	HoldReason  string            `json:"hold_reason,omitzero" maxLength:"2000" doc:"What it waits for."`
	Language    string            `json:"language,omitzero" maxLength:"16" doc:"BCP 47."`
	Escalate    string            `json:"escalate,omitzero" maxLength:"2000" doc:"Escalates it, for this reason."`
	AddTags     []string          `json:"add_tags,omitzero" maxItems:"10" doc:"Tags, up to 40 characters each." example:"outage"`
	RemoveTags  []string          `json:"remove_tags,omitzero" maxItems:"10" doc:"Tags; one that it doesn't have is fine."`
	Values      map[string]any    `json:"values,omitzero" maxProperties:"50" doc:"Values of custom fields to set, by id; null takes one away."`
}

// Opening is what a template fills in of a new ticket.
type Opening struct {
	Title       string            `json:"title,omitzero" maxLength:"200" example:"Laptop for a new colleague"`
	Description string            `json:"description,omitzero" maxLength:"20000" example:"Starts on:\nWorks at:"`
	Department  desk.DepartmentID `json:"department,omitzero" maxLength:"128" doc:"Department id; leave it out and the desk finds it." example:"hardware"`
	Category    string            `json:"category,omitzero" maxLength:"64" doc:"Category id." example:"computers"`
	Subcategory string            `json:"subcategory,omitzero" maxLength:"64" doc:"Subcategory id."`
	Priority    desk.Priority     `json:"priority,omitzero" enum:"critical,high,medium,low" example:"low"`
	Tags        []string          `json:"tags,omitzero" maxItems:"10" doc:"Tags, up to 40 characters each." example:"onboarding"`
	Values      map[string]any    `json:"values,omitzero" maxProperties:"50" doc:"Values of the category's custom fields, by id."`
}

// Limits.
const (
	MaxName      = 80
	MaxPresets   = 300 // of a kind
	MaxLanguages = 20  // of a text
	MaxTexts     = 60_000
)

// Assignees in changes that are no ids.
const (
	Me     desk.PersonID = "me"
	Nobody               = desk.Nobody
)

// The collections of this package.
const (
	presets = "presets"
	lists   = "preset_lists"
)

func presetKey(id string) docdb.Key { return docdb.Key{Collection: presets, ID: id} }
func listKey(k Kind) docdb.Key      { return docdb.Key{Collection: lists, ID: string(k)} }

// Entry is a preset in the list.
type Entry struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Department desk.DepartmentID `json:"department"`
	Everyone   bool              `json:"everyone"`
	Languages  []string          `json:"languages"`
	Version    int64             `json:"version"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

func (p Preset) entry() Entry {
	return Entry{p.ID, p.Draft.Name, p.Draft.Department, p.Draft.Everyone, p.Draft.Reply.languages(), p.Version, p.UpdatedAt}
}

// offered reports whether a preset is there for the actor: for staff those of their
// departments, of those above and below them, and those for all; for users templates that
// are meant for them too.
func offered(org *desk.Organisation, a desk.Actor, k Kind, scope desk.DepartmentID, everyone bool) bool {
	switch a.Role {
	case desk.RoleAdmin, desk.RoleRobot:
		return true
	case desk.RoleUser:
		return k == Template && everyone
	}
	if scope == "" || everyone || slices.Contains(org.Reach(a), scope) {
		return true
	}
	return slices.ContainsFunc(a.Departments, func(own desk.DepartmentID) bool { return slices.Contains(org.Path(own), scope) })
}

// keeps reports whether the actor may change what has this scope: admins all, staff what
// is for their departments and for those below them.
func keeps(org *desk.Organisation, a desk.Actor, scope desk.DepartmentID) bool {
	if a.Role == desk.RoleAdmin || a.Role == desk.RoleRobot {
		return true
	}
	return a.Role == desk.RoleStaff && scope != "" && slices.Contains(org.Reach(a), scope)
}
