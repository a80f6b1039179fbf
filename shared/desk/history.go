package desk

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Types of acts and of the events that carry them.
const (
	TicketCreated   = "ticket.created"
	TicketUpdated   = "ticket.updated"
	TicketRouted    = "ticket.routed"
	TicketReplied   = "ticket.replied"
	TicketNoted     = "ticket.noted"
	TicketEdited    = "ticket.comment_edited"
	TicketEscalated = "ticket.escalated"
	TicketLinked    = "ticket.linked"   // to another, or no longer
	TicketMerged    = "ticket.merged"   // into another
	TicketUnmerged  = "ticket.unmerged" // from another
	TicketAbsorbed  = "ticket.absorbed" // the other side of merged
	TicketReleased  = "ticket.released" // the other side of unmerged
	TicketDivided   = "ticket.split"    // some of its comments are a ticket of their own now
	TicketRated     = "ticket.rated"
	TicketAttached  = "ticket.attached" // a file, once it is clean
	TicketDetached  = "ticket.detached" // a file was taken away
	TicketAlarm     = "ticket.alarm"    // a deadline is near or has passed, a hold ends, it will be closed
	TicketDeleted   = "ticket.deleted"
)

// Act is one entry of a ticket's history: who did what, when, with each field's true
// value before and after.
type Act struct {
	ID        string    `json:"id"` // ticket id, "-", sequence
	Ticket    TicketID  `json:"ticket"`
	Sequence  int64     `json:"sequence"` // the ticket's version that the act made
	Type      string    `json:"type"`
	At        time.Time `json:"at"`
	Actor     PersonID  `json:"actor"`
	ActorName string    `json:"actor_name"`
	Changes   []Change  `json:"changes"`
	Comment   CommentID `json:"comment,omitzero"`
	Alarm     string    `json:"alarm,omitzero"`   // which one was fired
	Internal  bool      `json:"internal"`         // not for the requester's eyes
	Outline   *Outline  `json:"outline,omitzero"` // of the ticket after the act
	Prev      string    `json:"prev,omitzero"`    // hash of the act before; none for the first
	Hash      string    `json:"hash,omitzero"`    // of this one; see chain.go
}

// Change is one field's value before and after.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Fact is what an event about a ticket carries: enough to decide whom it concerns,
// none of the words that people wrote but the title.
type Fact struct {
	Number     string       `json:"number"`
	Title      string       `json:"title"`
	Department DepartmentID `json:"department"`
	Requester  PersonID     `json:"requester"`
	Assignee   PersonID     `json:"assignee"`
	Watchers   []PersonID   `json:"watchers"`
	Status     Status       `json:"status"`
	Priority   Priority     `json:"priority"`
	Escalated  bool         `json:"escalated"`
	ActorName  string       `json:"actor_name"`
	Changes    []Change     `json:"changes"`
	Comment    CommentID    `json:"comment,omitzero"`
	Internal   bool         `json:"internal,omitzero"`  // not for the requester's eyes
	Mentioned  []PersonID   `json:"mentioned,omitzero"` // whom the comment calls, and who may read it
	Alarm      string       `json:"alarm,omitzero"`     // which one was fired
	Given      []string     `json:"given,omitzero"`     // on creation: what the person decided, and routing leaves alone
	Was        *Outline     `json:"was,omitzero"`       // before the act; nil on creation
	Outline    *Outline     `json:"outline,omitzero"`   // after it; nil in facts from before there were outlines
}

// Changed returns the change of a field, if there is one.
func (f Fact) Changed(field string) (Change, bool) {
	for _, c := range f.Changes {
		if c.Field == field {
			return c, true
		}
	}
	return Change{}, false
}

// tracked is what history compares, in the order it shows.
var tracked = []struct {
	field string
	need  Action // what changing it takes
	value func(*Ticket) any
}{
	{"title", TicketEdit, func(t *Ticket) any { return t.Title }},
	{"description", TicketEdit, func(t *Ticket) any { return t.Description }},
	{"tags", TicketEdit, func(t *Ticket) any { return t.Tags }},
	{"department", TicketWork, func(t *Ticket) any { return t.Department }},
	{"category", TicketWork, func(t *Ticket) any { return t.Category }},
	{"subcategory", TicketWork, func(t *Ticket) any { return t.Subcategory }},
	{"priority", TicketWork, func(t *Ticket) any { return t.Priority }},
	{"status", TicketWork, func(t *Ticket) any { return t.Status }},
	{"assignee", TicketWork, func(t *Ticket) any { return t.Assignee }},
	{"watchers", TicketWork, func(t *Ticket) any { return t.Watchers }},
	{"resolution", TicketWork, func(t *Ticket) any { return t.Resolution }},
	{"hold_reason", TicketWork, func(t *Ticket) any { return t.HoldReason }},
	{"hold_until", TicketWork, func(t *Ticket) any { return t.HoldUntil }},
	{"language", TicketWork, func(t *Ticket) any { return t.Language }},
	{"source", TicketWork, func(t *Ticket) any { return t.Source }},
	{"sla_breached", TicketWork, func(t *Ticket) any { return t.Breached }},
	{"escalated", TicketWork, func(t *Ticket) any { return t.Escalated }},
	{"escalation_reason", TicketWork, func(t *Ticket) any { return t.Escalation }},
	{"rating", TicketRate, func(t *Ticket) any { return t.rated() }},
	{"rating_text", TicketRate, func(t *Ticket) any { return t.RatingText }},
	{"values", TicketWork, func(t *Ticket) any { return t.Values }},
	{"attachments", AttachmentAdd, func(t *Ticket) any { return t.fileNames(false) }},
	{"internal_attachments", NoteWrite, func(t *Ticket) any { return t.fileNames(true) }},
	{"links", TicketLink, func(t *Ticket) any { return t.Links }},
	{"merged", TicketMerge, func(t *Ticket) any { return t.mergedNumbers() }},
	{"merged_into", TicketMerge, func(t *Ticket) any { return t.mergedInto() }},
	{"deleted_at", TicketDelete, func(t *Ticket) any { return t.DeletedAt }},
}

// diff lists what differs between two states of a ticket.
func diff(before, after *Ticket) []Change {
	changes := []Change{}
	for _, f := range tracked {
		b, a := f.value(before), f.value(after)
		if !reflect.DeepEqual(b, a) {
			changes = append(changes, Change{Field: f.field, Before: plain(b), After: plain(a)})
		}
	}
	return changes
}

// plain turns a field's zero time into nil, so that "never" is not the year one.
func plain(v any) any {
	if t, ok := v.(time.Time); ok && t.IsZero() {
		return nil
	}
	return v
}

// act makes the history entry and the event of one change. The ticket already has
// its new version.
func (w *work) act() (Act, event.Event, error) {
	t := w.ticket
	a := Act{
		ID: actID(t.ID, t.Version), Ticket: t.ID, Sequence: t.Version, Type: w.kind, At: w.now,
		Actor: w.actor.ID, ActorName: w.actor.Name, Changes: w.changes, Comment: w.comment, Alarm: w.alarm, Internal: w.internal, Outline: t.outline(),
	}
	fact := Fact{
		Number: t.Number, Title: t.Title, Department: t.Department, Requester: t.Requester,
		Assignee: t.Assignee, Watchers: t.followers(), Status: t.Status, Priority: t.Priority,
		Escalated: t.Escalated, ActorName: w.actor.Name, Changes: withoutWords(w.changes), Comment: w.comment, Internal: w.internal, Mentioned: w.mentioned, Alarm: w.alarm, Given: w.given,
		Was: w.before.outline(), Outline: a.Outline,
	}
	data, err := docdb.Marshal(fact)
	if err != nil {
		return a, event.Event{}, fmt.Errorf("encode fact: %w", err)
	}
	e := event.Event{
		ID: a.ID, Type: a.Type, Subject: string(t.ID), Sequence: a.Sequence, At: a.At,
		Actor: string(a.Actor), Cause: w.actor.Cause.Event, Data: data, Trace: w.opt.Trace,
	}
	if w.actor.Role == RoleRobot {
		e.Depth = w.actor.Cause.Depth + 1
	}
	return a, e, nil
}

// worded are the fields that hold people's words, which events don't carry.
var worded = []string{"description", "resolution", "rating_text", "hold_reason", "escalation_reason", "values", "attachments", "internal_attachments"}

// private are the fields that only staff of the ticket see in its history. What the
// requester said of the help is none of the watchers' business.
var private = []string{"sla_breached", "escalation_reason", "links", "rating", "rating_text", "internal_attachments"}

// withoutWords leaves out people's words.
func withoutWords(changes []Change) []Change { return without(changes, worded) }

func without(changes []Change, fields []string) []Change {
	out := []Change{}
	for _, c := range changes {
		if !contains(fields, c.Field) {
			out = append(out, c)
		}
	}
	return out
}

// actID names an act so that its events and effects have a key that a repetition
// can't change. The sequence is padded, so that ids sort.
func actID(t TicketID, sequence int64) string { return fmt.Sprintf("%s-%06d", t, sequence) }

// History lists what happened to a ticket, oldest first: all of it for staff of the
// ticket, what is not internal for its requester.
func (d *Desk) History(ctx context.Context, a Actor, ref string, page Page) ([]Act, string, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, "", err
	}
	q := docdb.Query{
		Collection: acts,
		Where:      []docdb.Where{{Field: "ticket", Cmp: docdb.Equal, Value: string(t.ID)}},
		Order:      []docdb.Order{{Field: "sequence"}},
	}
	if !May(a, NoteRead, &t) {
		q.Where = append(q.Where, docdb.Where{Field: "internal", Cmp: docdb.Equal, Value: false})
	}
	found, next, err := Find[Act](ctx, d.DB, q, page)
	return visible(found, a, &t), next, err
}

// visible hides in acts what the actor may not see of them.
func visible(found []Act, a Actor, t *Ticket) []Act {
	if May(a, NoteRead, t) {
		return found
	}
	for i := range found {
		found[i].Changes = without(found[i].Changes, private)
	}
	return found
}

// latest are the last n acts that the actor may know of, oldest first; of very many
// the last DefaultLimit.
func latest(ctx context.Context, r docdb.Reader, a Actor, t *Ticket, n int) ([]Act, error) {
	q := docdb.Query{
		Collection: acts,
		Where:      []docdb.Where{{Field: "ticket", Cmp: docdb.Equal, Value: string(t.ID)}},
		Order:      []docdb.Order{{Field: "sequence", Desc: true}},
		Limit:      min(n, DefaultLimit),
	}
	if !May(a, NoteRead, t) {
		q.Where = append(q.Where, docdb.Where{Field: "internal", Cmp: docdb.Equal, Value: false})
	}
	found, err := docdb.Find[Act](ctx, r, q)
	slices.Reverse(found)
	return visible(found, a, t), err
}

// Acts lists every act of every ticket by id, each ticket's in order, from the one after
// the given id on ("" for the first). It asks no policy: it is for our own functions.
func (d *Desk) Acts(ctx context.Context, after string, limit int) ([]Act, error) {
	q := docdb.Query{Collection: acts, Limit: limit}
	if after != "" {
		q.After = []any{after}
	}
	return docdb.Find[Act](ctx, d.DB, q)
}
