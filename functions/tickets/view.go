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
	Category        *string    `json:"category" doc:"Category id, if any."`
	Subcategory     *string    `json:"subcategory" doc:"Subcategory id, if any."`
	Requester       string     `json:"requester" doc:"Person id." example:"uma"`
	Assignee        *string    `json:"assignee" doc:"Person id, null for nobody."`
	Watchers        []string   `json:"watchers" doc:"Ids of people the ticket is shared with."`
	Status          string     `json:"status" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged"`
	Priority        string     `json:"priority" enum:"critical,high,medium,low"`
	Source          string     `json:"source" enum:"web,email,phone,chat,api,other"`
	Tags            []string   `json:"tags"`
	Language        *string    `json:"language" doc:"BCP 47, if known." example:"en"`
	Escalated       bool       `json:"escalated"`
	Resolution      *string    `json:"resolution"`
	HoldReason      *string    `json:"hold_reason"`
	HoldUntil       *time.Time `json:"hold_until"`
	ReplyCount      int        `json:"reply_count"`
	NoteCount       *int       `json:"note_count,omitempty" doc:"Only for those who may read notes."`
	Routing         *Routing   `json:"routing,omitempty" doc:"How the ticket found its department; only for those who may read notes."`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`
	FirstAssignedAt *time.Time `json:"first_assigned_at"`
	FirstResponseAt *time.Time `json:"first_response_at"`
	ResolvedAt      *time.Time `json:"resolved_at"`
	ClosedAt        *time.Time `json:"closed_at"`
	ResponseDueAt   time.Time  `json:"response_due_at" doc:"When the first response is due."`
	DueAt           time.Time  `json:"due_at" doc:"When the resolution is due."`
	Version         int64      `json:"version" doc:"Goes up with each change that you may know of; the ETag is made of it."`
}

// Routing says how a ticket found its department and assignee.
type Routing struct {
	By         string    `json:"by" doc:"\"rule:<id>\", \"category\", \"person\" or \"triage\"." example:"rule:vpn"`
	Version    string    `json:"version" doc:"Of the rules or model that decided."`
	Score      float64   `json:"score" doc:"How sure, 0 to 1; a rule is 1."`
	Reason     string    `json:"reason" doc:"Why this department."`
	Department string    `json:"department"`
	Assigned   string    `json:"assigned" doc:"Why this assignee, or why nobody."`
	At         time.Time `json:"at"`
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
		ResponseDueAt: t.ResponseDueAt, DueAt: t.DueAt, Version: t.VersionFor(a),
	}
	if desk.May(a, desk.NoteRead, t) {
		v.NoteCount = &t.Notes
		if r := t.Routing; r != nil {
			v.Routing = &Routing{By: r.By, Version: r.Version, Score: r.Score, Reason: r.Reason, Department: string(r.Department), Assigned: r.Assigned, At: r.At}
		}
	}
	return v
}

// Comment is a reply or a note as clients see it.
type Comment struct {
	ID         string    `json:"id"`
	Author     string    `json:"author" doc:"Person id."`
	AuthorName string    `json:"author_name"`
	Body       string    `json:"body" doc:"Markdown."`
	Parent     *string   `json:"parent" doc:"The comment it answers."`
	Internal   bool      `json:"internal" doc:"True for a note, which only staff of the ticket see."`
	CreatedAt  time.Time `json:"created_at"`
}

func viewComment(c desk.Comment) Comment {
	return Comment{ID: string(c.ID), Author: string(c.Author), AuthorName: c.AuthorName, Body: c.Body, Parent: text(c.Parent), Internal: c.Internal, CreatedAt: c.CreatedAt}
}

// Act is an entry of a ticket's history as clients see it.
type Act struct {
	ID        string    `json:"id"`
	Type      string    `json:"type" example:"ticket.updated"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"Person id, or \"robot:<function>\"."`
	ActorName string    `json:"actor_name"`
	Changes   []Change  `json:"changes"`
	Comment   *string   `json:"comment" doc:"Id of the comment that was added."`
}

// Change is one field's value before and after.
type Change struct {
	Field  string `json:"field" example:"status"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

func viewAct(a desk.Act) Act {
	v := Act{ID: a.ID, Type: a.Type, At: a.At, Actor: string(a.Actor), ActorName: a.ActorName, Changes: []Change{}, Comment: text(a.Comment)}
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
