package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// EditWindow is how long an author may correct a comment. Later, people have read and
// answered it, and a new comment is the honest way.
const EditWindow = 15 * time.Minute

// CommentVersion is what a comment said before it was corrected.
type CommentVersion struct {
	Comment CommentID `json:"comment"`
	Body    string    `json:"body"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"` // since when it said so
}

// EditComment corrects a comment; its author can, within EditWindow. What it said
// before is kept. People whom only the new text calls are told.
func (d *Desk) EditComment(ctx context.Context, a Actor, ref string, id CommentID, body string, opt Options) (Comment, error) {
	var out Comment
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		if w.before.Status == StatusMerged {
			return w.before.moved()
		}
		c, err := commentOf(ctx, w.tx, a, w.before, id)
		if err != nil {
			return err
		}
		if err := w.mayEdit(c); err != nil {
			return err
		}
		old := c
		if err := w.write(&c, body); err != nil {
			return err
		}
		if out = c; c.Body == old.Body {
			return nil
		}
		c.Edits, c.EditedAt = c.Edits+1, w.now
		out = c
		w.kind, w.internal, w.comment, w.said = TicketEdited, c.Internal, c.ID, []Comment{c}
		w.mentioned = slices.DeleteFunc(slices.Clone(c.Mentions), func(p PersonID) bool { return contains(old.Mentions, p) })
		return first(
			w.save,
			func() error { return w.tx.Create(old.versionKey(), old.version()) },
			func() error { return w.tx.Put(c.key(), c.stored()) },
		)
	})
	return out, err
}

// mayEdit asks for the author's right, and for the window.
func (w *work) mayEdit(c Comment) error {
	have := relations(w.actor, w.before)
	if c.Author == w.actor.ID {
		have = append(have, Author)
	}
	if !may(w.actor, CommentEdit, have) {
		return fault.New(fault.Forbidden, "not_allowed", "Only its author can correct a comment.")
	}
	if w.now.Sub(c.CreatedAt) > EditWindow {
		return fault.New(fault.Conflict, "edit_window", "A comment can be corrected for %d minutes. Please write a new one.", int(EditWindow.Minutes()))
	}
	return nil
}

// CommentVersions lists what a comment said before, oldest first, to those who may
// read the comment.
func (d *Desk) CommentVersions(ctx context.Context, a Actor, ref string, id CommentID, page Page) ([]CommentVersion, string, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, "", err
	}
	c, err := commentOf(ctx, d.DB, a, &t, id)
	if err != nil {
		return nil, "", err
	}
	return Find[CommentVersion](ctx, d.DB, docdb.Query{
		Collection: c.versionKey().Collection,
		Where:      []docdb.Where{{Field: "comment", Cmp: docdb.Equal, Value: string(c.ID)}},
		Order:      []docdb.Order{{Field: "at"}},
	}, page)
}

func (c Comment) version() CommentVersion {
	at := c.EditedAt
	if at.IsZero() {
		at = c.CreatedAt
	}
	return CommentVersion{Comment: c.ID, Body: c.Body, HTML: c.HTML, At: at}
}

func (c Comment) versionKey() docdb.Key {
	key := docdb.Key{Collection: replyVersions, ID: fmt.Sprintf("%s-%04d", c.ID, c.Edits)}
	if c.Internal {
		key.Collection = noteVersions
	}
	return key
}
