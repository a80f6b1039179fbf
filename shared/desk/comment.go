package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/markdown"
)

// Comment is what somebody wrote to a ticket. Replies and notes have the same shape
// and lie in different collections: a query that could return both does not exist.
type Comment struct {
	ID         CommentID  `json:"id"`
	Ticket     TicketID   `json:"ticket"`
	Thread     []TicketID `json:"thread"`   // the ticket once more, as a list that queries can ask of
	Sequence   int64      `json:"sequence"` // of the act that added it
	Author     PersonID   `json:"author"`
	AuthorName string     `json:"author_name"`
	Body       string     `json:"body"`              // Markdown
	HTML       string     `json:"html"`              // what is shown of it, safe as it stands
	Mentions   []PersonID `json:"mentions,omitzero"` // whom it calls, and who may read it
	Parent     CommentID  `json:"parent,omitzero"`
	Internal   bool       `json:"internal"`
	CreatedAt  time.Time  `json:"created_at"`
	Edits      int        `json:"edits,omitzero"`     // how often it was corrected
	EditedAt   time.Time  `json:"edited_at,omitzero"` // when it was last

	// Unreached are the names that it calls in vain. They are told to the author and
	// not stored.
	Unreached []string `json:"unreached,omitzero"`
}

// NewComment is what somebody wants to say.
type NewComment struct {
	Body     string
	Parent   CommentID // the comment it answers, "" for none
	Internal bool      // a note for staff rather than a reply

	// Seen, when not 0, is the version of the ticket that its author had in view. If there
	// is a later one, or not that of Options, Comment fails with Outdated, unless Force
	// says it anyhow.
	Seen  int64
	Force bool
}

// Comment adds a reply or a note. A requester's reply to a resolved or closed ticket
// reopens it, and the first reply of staff is the first response. The draft that its
// author had of it is gone.
func (d *Desk) Comment(ctx context.Context, a Actor, ref string, n NewComment, opt Options) (Comment, error) {
	var out Comment
	match := opt.IfVersion
	opt.IfVersion = 0 // upToDate judges it, and says what changed
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		if err := w.upToDate(n, match); err != nil {
			return err
		}
		c, err := w.comments(n)
		if err != nil {
			return err
		}
		if err := w.save(); err != nil {
			return err
		}
		if a.Role != RoleRobot {
			if err := w.tx.Delete(draftKey(c.Ticket, a.ID)); err != nil {
				return err
			}
		}
		out = c
		return w.tx.Create(c.key(), c.stored())
	})
	return out, err
}

// comments checks the comment and changes the ticket as it implies.
func (w *work) comments(n NewComment) (Comment, error) {
	need, kind := ReplyWrite, TicketReplied
	if n.Internal {
		need, kind = NoteWrite, TicketNoted
	}
	if err := Allow(w.actor, need, w.before); err != nil {
		return Comment{}, err
	}
	if w.before.Status == StatusMerged {
		return Comment{}, w.before.moved()
	}
	t := w.ticket
	c := Comment{
		ID: CommentID(actID(t.ID, t.Version+1)), Ticket: t.ID, Thread: []TicketID{t.ID}, Sequence: t.Version + 1, Author: w.actor.ID,
		AuthorName: w.actor.Name, Parent: n.Parent, Internal: n.Internal, CreatedAt: w.now,
	}
	if err := w.write(&c, n.Body); err != nil {
		return c, err
	}
	if err := w.checkParent(c); err != nil {
		return c, err
	}
	w.kind, w.internal, w.comment, w.mentioned, w.said = kind, n.Internal, c.ID, c.Mentions, []Comment{c}
	if n.Internal {
		t.Notes++
		return c, nil
	}
	t.Replies++
	return c, w.replied()
}

// write sets what a comment says and whom it calls.
func (w *work) write(c *Comment, body string) (err error) {
	if c.Body, err = Text("body", body, 1, MaxComment, true); err != nil {
		return err
	}
	c.HTML = markdown.HTML(c.Body)
	return w.mention(c)
}

// checkParent makes sure that a comment answers one that is shown with the ticket, of
// the same sort, so that a thread never crosses from notes to replies.
func (w *work) checkParent(c Comment) error {
	if c.Parent == "" {
		return nil
	}
	bad := fault.Bad("parent", "There is no such comment to answer.")
	if !ValidID(string(c.Parent)) {
		return bad
	}
	parent, err := docdb.Get[Comment](w.ctx, w.tx, Comment{ID: c.Parent, Internal: c.Internal}.key())
	if fault.Is(err, fault.NotFound) || (err == nil && !contains(w.before.thread(), parent.Ticket)) {
		return bad
	}
	return err
}

// replied is what a public reply does to its ticket.
func (w *work) replied() error {
	t := w.ticket
	if t.Requester == w.actor.ID {
		if t.Status == StatusResolved || t.Status == StatusClosed {
			t.Status = StatusReopened
			return w.reopen()
		}
		return nil
	}
	if t.FirstResponseAt.IsZero() && w.actor.Role != RoleRobot && May(w.actor, TicketWork, w.before) {
		t.FirstResponseAt = w.now
	}
	return nil
}

// key is where the comment lies.
func (c Comment) key() docdb.Key {
	if c.Internal {
		return docdb.Key{Collection: notes, ID: string(c.ID)}
	}
	return docdb.Key{Collection: replies, ID: string(c.ID)}
}

// stored is the comment without what is for its author only.
func (c Comment) stored() Comment {
	c.Unreached = nil
	return c
}
