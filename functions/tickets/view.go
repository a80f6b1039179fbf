package tickets

import (
	"time"

	"ticketsystem.example/shared/desk"
)

// Ticket is a ticket as clients see it.
type Ticket struct {
	ID              string     `json:"id" doc:"Opaque and permanent." example:"k3v9x2m4p8q1w7z5t6rb"`
	Number          string     `json:"number" doc:"For people; works in paths wherever the id does." example:"TKT-202611-0042"`
	Title           string     `json:"title" example:"Printer on fire"`
	Description     string     `json:"description" example:"It smells."`
	Department      string     `json:"department" doc:"Department id." example:"hardware"`
	Category        *string    `json:"category" doc:"Category id, if any." example:"printers"`
	Subcategory     *string    `json:"subcategory" doc:"Subcategory id, if any."`
	Requester       string     `json:"requester" doc:"Person id." example:"uma"`
	Assignee        *string    `json:"assignee" doc:"Person id, null for nobody." example:"priya"`
	Watchers        []string   `json:"watchers" doc:"Ids of people the ticket is shared with."`
	Status          string     `json:"status" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" doc:"Where it is in its life." example:"assigned"`
	Priority        string     `json:"priority" enum:"critical,high,medium,low" doc:"Sets when it is due." example:"high"`
	Source          string     `json:"source" enum:"web,email,phone,chat,api,other" doc:"How it came in." example:"web"`
	Tags            []string   `json:"tags" example:"smoke"`
	Language        *string    `json:"language" doc:"BCP 47, if known." example:"en"`
	Escalated       bool       `json:"escalated" doc:"Somebody above has been told."`
	Resolution      *string    `json:"resolution" doc:"What solved it."`
	HoldReason      *string    `json:"hold_reason" doc:"What it waits for."`
	HoldUntil       *time.Time `json:"hold_until" doc:"When to look at it again."`
	ReplyCount      int        `json:"reply_count" doc:"Public replies." example:"0"`
	NoteCount       *int       `json:"note_count,omitempty" doc:"Internal notes; only for those who may read them." example:"1"`
	Routing         *Routing   `json:"routing,omitempty" doc:"How the ticket found its department; only for those who may read notes."`
	CreatedAt       time.Time  `json:"created_at" example:"2026-11-05T09:30:00.000Z"`
	UpdatedAt       time.Time  `json:"updated_at" doc:"The last change that you may know of." example:"2026-11-05T09:30:01.250Z"`
	FirstAssignedAt *time.Time `json:"first_assigned_at" example:"2026-11-05T09:30:01.250Z"`
	FirstResponseAt *time.Time `json:"first_response_at" doc:"The first public reply of staff."`
	ResolvedAt      *time.Time `json:"resolved_at"`
	ClosedAt        *time.Time `json:"closed_at"`
	ResponseDueAt   time.Time  `json:"response_due_at" doc:"When the first response is due." example:"2026-11-05T11:30:00.000Z"`
	DueAt           time.Time  `json:"due_at" doc:"When the resolution is due." example:"2026-11-05T17:30:00.000Z"`

	Values           map[string]any `json:"values" doc:"Of the category's custom fields, by id." example:"{\"serial\": \"PF-2210\"}"`
	Breached         *bool          `json:"sla_breached,omitempty" doc:"A deadline passed, or was missed; only for those who may read notes." example:"false"`
	EscalationReason *string        `json:"escalation_reason,omitempty" doc:"Why it is escalated; only for those who may read notes."`
	Links            []Link         `json:"links,omitempty" doc:"Other tickets; only for those who may read notes."`
	Merged           []Merged       `json:"merged,omitempty" doc:"What was merged into it; the comments of these are among its own."`
	MergedInto       *Merged        `json:"merged_into,omitempty" doc:"What it was merged into, and where it goes on."`
	Snippet          *Snippet       `json:"snippet,omitempty" doc:"In an answer to q: where it has the words."`

	Rating     *int    `json:"rating,omitempty" doc:"How content the requester was, 1 to 5; for them and for those who may read notes." example:"5"`
	RatingText *string `json:"rating_text,omitempty" doc:"What they said of it."`

	Expanded *Expanded `json:"expanded,omitempty" doc:"What expand asked for."`

	Version int64 `json:"version" doc:"Goes up with each change that you may know of; the ETag is made of it." example:"2"`
}

// Routing says how a ticket found its department and assignee.
type Routing struct {
	By         string    `json:"by" doc:"\"rule:<id>\", \"category\", \"model\", \"person\" or \"triage\"." example:"rule:printers"`
	Version    string    `json:"version" doc:"Of the rules or model that decided." example:"rules-1"`
	Score      float64   `json:"score" doc:"How sure, 0 to 1; a rule is 1." example:"1"`
	Reason     string    `json:"reason" doc:"Why this department." example:"Rule “Printers”: the title says “printer”."`
	Department string    `json:"department" doc:"Department id." example:"hardware"`
	Assigned   string    `json:"assigned" doc:"Why this assignee, or why nobody." example:"present, and the fewest open tickets in hardware (3)"`
	At         time.Time `json:"at"`

	Suggestions []Suggestion `json:"suggestions,omitempty" doc:"The likeliest departments, if a model was asked; the best first."`
	Words       []string     `json:"words,omitempty" doc:"Words of the ticket that spoke for the best." example:"[\"wifi\", \"cable\"]"`
}

// Suggestion is a department that a ticket may belong to.
type Suggestion struct {
	Department string  `json:"department" doc:"Department id." example:"network"`
	Score      float64 `json:"score" doc:"How likely, 0 to 1." example:"0.62"`
}

// view shows the actor the fields they may see.
func view(t *desk.Ticket, a desk.Actor) Ticket {
	v := Ticket{
		ID: string(t.ID), Number: t.Number, Title: t.Title, Description: t.Description, Department: string(t.Department),
		Category: text(t.Category), Subcategory: text(t.Subcategory), Requester: string(t.Requester), Assignee: text(t.Assignee),
		Watchers: texts(t.Watchers), Status: string(t.Status), Priority: string(t.Priority), Source: string(t.Source), Tags: texts(t.Tags),
		Language: text(t.Language), Escalated: t.Escalated, Resolution: text(t.Resolution), HoldReason: text(t.HoldReason), HoldUntil: moment(t.HoldUntil),
		ReplyCount: t.Replies, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedFor(a), FirstAssignedAt: moment(t.FirstAssignedAt),
		FirstResponseAt: moment(t.FirstResponseAt), ResolvedAt: moment(t.ResolvedAt), ClosedAt: moment(t.ClosedAt),
		ResponseDueAt: t.ResponseDueAt, DueAt: t.DueAt, Values: t.Values, Version: t.VersionFor(a),
	}
	v.addMerged(t)
	if t.Rating > 0 && (t.Requester == a.ID || desk.May(a, desk.NoteRead, t)) {
		v.Rating, v.RatingText = &t.Rating, text(t.RatingText)
	}
	if desk.May(a, desk.NoteRead, t) {
		v.NoteCount, v.Breached = &t.Notes, &t.Breached
		v.EscalationReason, v.Links = text(t.Escalation), viewLinks(t.Links)
		if r := t.Routing; r != nil {
			v.Routing = &Routing{By: r.By, Version: r.Version, Score: r.Score, Reason: r.Reason, Department: string(r.Department), Assigned: r.Assigned, At: r.At, Words: r.Words}
			for _, s := range r.Suggestions {
				v.Routing.Suggestions = append(v.Routing.Suggestions, Suggestion{string(s.Department), s.Score})
			}
		}
	}
	return v
}

// Comment is a reply or a note as clients see it.
type Comment struct {
	ID         string     `json:"id" example:"q7w2e9r4t1y6u3i8o5pa"`
	Author     string     `json:"author" doc:"Person id." example:"priya"`
	AuthorName string     `json:"author_name" example:"Priya Nair"`
	Ticket     string     `json:"ticket" doc:"The ticket's id; another one's when that was merged into this." example:"k3v9x2m4p8q1w7z5t6rb"`
	Body       string     `json:"body" doc:"Markdown." example:"Please stand back. Somebody is on the way."`
	HTML       string     `json:"html" doc:"The same rendered, and safe to show as it stands." example:"<p>Please stand back. Somebody is on the way.</p>"`
	Mentions   []string   `json:"mentions" doc:"Ids of the people whom it calls with @ and who may read it."`
	Parent     *string    `json:"parent" doc:"The comment it answers."`
	Internal   bool       `json:"internal" doc:"True for a note, which only staff of the ticket see."`
	CreatedAt  time.Time  `json:"created_at"`
	EditedAt   *time.Time `json:"edited_at" doc:"When it was last corrected, if it was."`
	NotReached []string   `json:"not_reached,omitempty" doc:"Only in the answer to its author: names after an @ of nobody who may read it." example:"liam"`
}

func viewComment(c desk.Comment) Comment {
	return Comment{
		ID: string(c.ID), Author: string(c.Author), AuthorName: c.AuthorName, Ticket: string(c.Ticket), Body: c.Body, HTML: c.HTML,
		Mentions: texts(c.Mentions), Parent: text(c.Parent), Internal: c.Internal, CreatedAt: c.CreatedAt, EditedAt: moment(c.EditedAt), NotReached: c.Unreached,
	}
}

// CommentVersion is what a comment said for a while.
type CommentVersion struct {
	Body string    `json:"body" doc:"Markdown." example:"Please stand bakc."`
	HTML string    `json:"html" doc:"The same rendered." example:"<p>Please stand bakc.</p>"`
	At   time.Time `json:"at" doc:"Since when it said so."`
}

func viewVersion(v desk.CommentVersion) CommentVersion {
	return CommentVersion{Body: v.Body, HTML: v.HTML, At: v.At}
}

// Act is an entry of a ticket's history as clients see it.
type Act struct {
	ID        string    `json:"id" example:"m4n8b2v6c1x5z9a3s7d0"`
	Type      string    `json:"type" example:"ticket.updated"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"Person id, or \"robot:<function>\"." example:"priya"`
	ActorName string    `json:"actor_name" example:"Priya Nair"`
	Changes   []Change  `json:"changes"`
	Comment   *string   `json:"comment" doc:"Id of the comment that was added."`
	Alarm     *string   `json:"alarm,omitempty" doc:"What came at its time: a deadline (percent of its target), the end of a hold, or closing." example:"resolution~75~high"`
}

// Change is one field's value before and after.
type Change struct {
	Field  string `json:"field" example:"status"`
	Before any    `json:"before" example:"\"assigned\""`
	After  any    `json:"after" example:"\"in_progress\""`
}

func viewAct(a desk.Act) Act {
	v := Act{ID: a.ID, Type: a.Type, At: a.At, Actor: string(a.Actor), ActorName: a.ActorName, Changes: []Change{}, Comment: text(a.Comment), Alarm: text(a.Alarm)}
	for _, c := range a.Changes {
		v.Changes = append(v.Changes, Change(c))
	}
	return v
}

// text is nil for an empty value.
func text[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	out := string(s)
	return &out
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// moment is nil for a time that has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
