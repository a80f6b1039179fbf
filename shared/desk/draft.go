package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// draftAge is how long a draft stays after it was last saved.
const draftAge = 30 * 24 * time.Hour

// Draft is a comment that somebody hasn't sent yet. Nobody else sees it, and it
// changes nothing about its ticket.
type Draft struct {
	Ticket   TicketID  `json:"ticket"`
	Author   PersonID  `json:"author"`
	Body     string    `json:"body"` // Markdown
	Parent   CommentID `json:"parent,omitzero"`
	Internal bool      `json:"internal"`
	SavedAt  time.Time `json:"saved_at"`
}

// SaveDraft keeps what the actor is writing to a ticket, in place of what was kept
// before. Each person has one draft a ticket.
func (d *Desk) SaveDraft(ctx context.Context, a Actor, ref string, n NewComment) (Draft, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return Draft{}, err
	}
	need := ReplyWrite
	if n.Internal {
		need = NoteWrite
	}
	if err := Allow(a, need, &t); err != nil {
		return Draft{}, err
	}
	body, bad := Text("body", n.Body, 1, MaxComment, true)
	parent := check(n.Parent == "" || ValidID(string(n.Parent)), "parent", "There is no such comment to answer.")
	if err := fault.Join(bad, parent); err != nil {
		return Draft{}, err
	}
	out := Draft{Ticket: t.ID, Author: a.ID, Body: body, Parent: n.Parent, Internal: n.Internal, SavedAt: d.moment()}
	return out, d.DB.Run(ctx, func(tx *docdb.Tx) error {
		if _, err := tx.Read(ctx, draftKey(t.ID, a.ID)); err != nil {
			return err
		}
		return tx.PutUntil(draftKey(t.ID, a.ID), out, out.SavedAt.Add(draftAge))
	})
}

// ShowDraft returns the actor's draft for a ticket that they may still see.
func (d *Desk) ShowDraft(ctx context.Context, a Actor, ref string) (Draft, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return Draft{}, err
	}
	out, err := docdb.Get[Draft](ctx, d.DB, draftKey(t.ID, a.ID))
	if fault.Is(err, fault.NotFound) {
		err = fault.Missing("draft")
	}
	return out, err
}

// DropDraft forgets the actor's draft; without one it does nothing.
func (d *Desk) DropDraft(ctx context.Context, a Actor, ref string) error {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return err
	}
	return d.DB.Run(ctx, func(tx *docdb.Tx) error { return tx.Delete(draftKey(t.ID, a.ID)) })
}

func draftKey(t TicketID, p PersonID) docdb.Key {
	return docdb.Key{Collection: drafts, ID: string(t) + "~" + string(p)}
}
