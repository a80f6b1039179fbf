package desk

import (
	"fmt"
	"strings"

	"ticketsystem.example/shared/fault"
)

// Action is something that the policy allows or not.
type Action string

// Every action there is. A new one without a row in the table is denied to all.
const (
	TicketCreate   Action = "ticket.create"    // open a ticket for oneself
	TicketCreateAs Action = "ticket.create_as" // open a ticket for somebody else
	TicketShow     Action = "ticket.show"      // see it, its replies and its public history
	TicketEdit     Action = "ticket.edit"      // title, description, tags
	TicketWork     Action = "ticket.work"      // status, priority, department, category, assignee, watchers
	TicketClose    Action = "ticket.close"     // close it
	TicketReopen   Action = "ticket.reopen"    // reopen it
	TicketDelete   Action = "ticket.delete"    // take it away, for everyone
	TicketClaim    Action = "ticket.claim"     // take an unassigned ticket
	TicketEscalate Action = "ticket.escalate"  // ask for more help with it, or take that back
	TicketWatch    Action = "ticket.watch"     // watch it oneself, or stop watching
	TicketLink     Action = "ticket.link"      // link it to another, on both
	TicketMerge    Action = "ticket.merge"     // merge it with another or undo that, on both
	TicketSplit    Action = "ticket.split"     // make some of its comments a ticket of their own
	TicketRate     Action = "ticket.rate"      // say how content one was with the help
	ReplyWrite     Action = "reply.write"      // answer publicly
	NoteRead       Action = "note.read"        // read internal notes and the internal history
	NoteWrite      Action = "note.write"       // write internal notes
	CommentEdit    Action = "comment.edit"     // correct what one wrote, for a while

	AttachmentAdd    Action = "attachment.add"    // attach a file
	AttachmentRemove Action = "attachment.remove" // take a file away again; whoever attached it for a while

	PeopleList   Action = "people.list"     // see other people's names, roles and departments
	OwnRole      Action = "people.own_role" // change one's own role: nobody
	ProfileEdit  Action = "people.profile"  // say of oneself: name, language, zone, presence, skills, capacity
	PeopleChange Action = "people.change"   // add, change and disable people
	ReportOwn    Action = "report.own"      // see the numbers of one's own tickets
	ReportRead   Action = "report.read"     // see the numbers of departments: one's own and those below, or all
	ViewSave     Action = "view.save"       // keep views of one's own
	ViewShare    Action = "view.share"      // share them: with one's own departments and those below, or with everyone
	PresetUse    Action = "preset.use"      // use canned replies, macros and templates of one's departments
	PresetKeep   Action = "preset.keep"     // keep them: for one's own departments and those below, or for all
	BulkRun      Action = "bulk.run"        // change many tickets at once, each as oneself
	AuditRead    Action = "audit.read"      // see who changed what of the desk itself
	LedgerKeep   Action = "ledger.keep"     // see what of the facts went wrong, and mend it

	MailRead       Action = "mail.read"       // see what mails came and what became of each
	AutomationKeep Action = "automation.keep" // say what happens by itself, and see what did

	OrganisationChange Action = "organisation.change" // departments, categories, calendars, rules
)

// Relation is what an actor is to a ticket.
type Relation string

// The relations. Anyone holds without a ticket or beyond any tie to it.
const (
	Anyone       Relation = "anyone"
	Requester    Relation = "requester"
	Assignee     Relation = "assignee"
	Watcher      Relation = "watcher"
	OfDepartment Relation = "department" // staff of the ticket's department or one above it
	Author       Relation = "author"     // of the comment or file that it is about
)

// row says which relations each role needs for an action; nil is never.
type row struct {
	Action             Action
	Admin, Staff, User []Relation
}

var (
	always  = []Relation{Anyone}
	tied    = []Relation{Requester, Assignee, Watcher, OfDepartment}
	working = []Relation{Assignee, OfDepartment}
	own     = []Relation{Requester}
	mine    = []Relation{Author}
)

// policy is the whole of it: deny unless a row says otherwise.
var policy = []row{
	{TicketCreate, always, always, always},
	{TicketCreateAs, always, always, nil},
	{TicketShow, always, tied, []Relation{Requester, Assignee, Watcher}},
	{TicketEdit, always, []Relation{Requester, Assignee, OfDepartment}, own},
	{TicketWork, always, working, nil},
	{TicketClose, always, []Relation{Requester, Assignee, OfDepartment}, own},
	{TicketReopen, always, []Relation{Requester, Assignee, OfDepartment}, own},
	{TicketDelete, always, nil, nil},
	{TicketClaim, always, working, nil},
	{TicketEscalate, always, working, nil},
	{TicketWatch, always, tied, []Relation{Requester, Assignee, Watcher}},
	{TicketLink, always, working, nil},
	{TicketMerge, always, working, nil},
	{TicketSplit, always, working, nil},
	{TicketRate, own, own, own},
	{ReplyWrite, always, tied, []Relation{Requester, Assignee, Watcher}},
	{NoteRead, always, working, nil},
	{NoteWrite, always, working, nil},
	{CommentEdit, mine, mine, mine},
	{AttachmentAdd, always, tied, []Relation{Requester, Assignee, Watcher}},
	{AttachmentRemove, always, mine, mine},
	{PeopleList, always, always, nil},
	{OwnRole, nil, nil, nil},
	{ProfileEdit, always, always, always},
	{PeopleChange, always, nil, nil},
	{ReportOwn, always, always, always},
	{ReportRead, always, always, nil},
	{ViewSave, always, always, always},
	{ViewShare, always, always, nil},
	{PresetUse, always, always, nil},
	{PresetKeep, always, always, nil},
	{BulkRun, always, always, nil},
	{AuditRead, always, nil, nil},
	{LedgerKeep, always, nil, nil},
	{MailRead, always, nil, nil},
	{AutomationKeep, always, nil, nil},
	{OrganisationChange, always, nil, nil},
}

// May reports whether the actor may do the action, to the ticket if there is one.
// Our own functions may do what an admin may.
func May(a Actor, do Action, t *Ticket) bool { return may(a, do, relations(a, t)) }

func may(a Actor, do Action, have []Relation) bool {
	for _, r := range policy {
		if r.Action == do {
			return holds(r.needs(a.Role), have)
		}
	}
	return false
}

func (r row) needs(role Role) []Relation {
	switch role {
	case RoleAdmin, RoleRobot:
		return r.Admin
	case RoleStaff:
		return r.Staff
	case RoleUser:
		return r.User
	}
	return nil
}

func holds(need, have []Relation) bool {
	for _, n := range need {
		if contains(have, n) {
			return true
		}
	}
	return false
}

// relations are all that a is to t. The department's is read from the audience,
// which holds the department and everything above it.
func relations(a Actor, t *Ticket) []Relation {
	out := []Relation{Anyone}
	if t == nil {
		return out
	}
	if t.Requester == a.ID {
		out = append(out, Requester)
	}
	if t.Assignee == a.ID && a.ID != "" {
		out = append(out, Assignee)
	}
	if t.follows(a.ID) {
		out = append(out, Watcher)
	}
	for _, d := range a.Departments {
		if a.Role == RoleStaff && contains(t.Audience, departmentPrincipal(d)) {
			return append(out, OfDepartment)
		}
	}
	return out
}

// sees reports whether one of the actor's principals is in the ticket's audience,
// which is exactly what a list asks the database.
func sees(a Actor, t *Ticket) bool {
	for _, p := range a.Principals() {
		if contains(t.Audience, p) {
			return true
		}
	}
	return false
}

// Allow returns nil, NotFound where the actor may not even know of the ticket, or
// Forbidden.
func Allow(a Actor, do Action, t *Ticket) error {
	if t != nil && (!sees(a, t) || !May(a, TicketShow, t)) {
		return fault.Missing("ticket")
	}
	if May(a, do, t) {
		return nil
	}
	return fault.New(fault.Forbidden, "not_allowed", "You may see this, but you may not do that (%s). Ask somebody of the ticket's department.", do)
}

// PolicyTable is the policy as a Markdown table, for docs/policy.md.
func PolicyTable() string {
	var b strings.Builder
	b.WriteString("| action | admin | staff | user |\n|---|---|---|---|\n")
	for _, r := range policy {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Action, cell(r.Admin), cell(r.Staff), cell(r.User))
	}
	return b.String()
}

func cell(rel []Relation) string {
	if len(rel) == 0 {
		return "never"
	}
	if rel[0] == Anyone {
		return "always"
	}
	parts := make([]string, len(rel))
	for i, r := range rel {
		parts[i] = string(r)
	}
	return strings.Join(parts, ", ")
}

// MayLearn reports whether a person may be told of a fact: they would see the ticket,
// and its notes if the fact is about one. It judges by the fact alone, so that it
// costs no read of the ticket.
func MayLearn(a Actor, f Fact, note bool, org *Organisation) bool {
	t := &Ticket{Department: f.Department, Requester: f.Requester, Assignee: f.Assignee, Watchers: f.Watchers}
	t.setAudience(org)
	need := TicketShow
	if note {
		need = NoteRead
	}
	return Allow(a, need, t) == nil
}
