package desk

import (
	"context"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Comment is what somebody wrote to a ticket. Replies and notes have the same shape
// and lie in different collections: a query that could return both does not exist.
type Comment struct {
	ID         CommentID `json:"id"`
	Ticket     TicketID  `json:"ticket"`
	Sequence   int64     `json:"sequence"` // of the act that added it
	Author     PersonID  `json:"author"`
	AuthorName string    `json:"author_name"`
	Body       string    `json:"body"` // Markdown
	Parent     CommentID `json:"parent,omitzero"`
	Internal   bool      `json:"internal"`
	CreatedAt  time.Time `json:"created_at"`
}

// NewComment is what somebody wants to say.
type NewComment struct {
	Body     string
	Parent   CommentID // the comment it answers, "" for none
	Internal bool      // a note for staff rather than a reply
}

// Comment adds a reply or a note. A requester's reply to a resolved or closed ticket
// reopens it, and the first reply of staff is the first response.
func (d *Desk) Comment(ctx context.Context, a Actor, ref string, n NewComment, opt Options) (Comment, error) {
	var out Comment
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		c, err := w.comments(n)
		if err != nil {
			return err
		}
		if err := w.save(); err != nil {
			return err
		}
		out = c
		return w.tx.Create(commentKey(c), c)
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
		return Comment{}, fault.New(fault.Conflict, "merged", "This ticket was merged into another; please write there.")
	}
	body, err := Text("body", n.Body, 1, MaxComment, true)
	if err != nil {
		return Comment{}, err
	}
	t := w.ticket
	c := Comment{
		ID: CommentID(actID(t.ID, t.Version+1)), Ticket: t.ID, Sequence: t.Version + 1, Author: w.actor.ID, AuthorName: w.actor.Name,
		Body: body, Parent: n.Parent, Internal: n.Internal, CreatedAt: w.now,
	}
	if err := w.checkParent(c); err != nil {
		return Comment{}, err
	}
	w.kind, w.internal, w.comment = kind, n.Internal, c.ID
	if n.Internal {
		t.Notes++
		return c, nil
	}
	t.Replies++
	return c, w.replied()
}

// checkParent makes sure that a comment answers one of the same ticket and of the
// same sort, so that a thread never crosses from notes to replies.
func (w *work) checkParent(c Comment) error {
	if c.Parent == "" {
		return nil
	}
	bad := fault.Bad("parent", "There is no such comment to answer.")
	if !ValidID(string(c.Parent)) {
		return bad
	}
	parent, err := docdb.Get[Comment](w.ctx, w.tx, commentKey(Comment{ID: c.Parent, Internal: c.Internal}))
	if fault.Is(err, fault.NotFound) || (err == nil && parent.Ticket != c.Ticket) {
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

func commentKey(c Comment) docdb.Key {
	if c.Internal {
		return docdb.Key{Collection: notes, ID: string(c.ID)}
	}
	return docdb.Key{Collection: replies, ID: string(c.ID)}
}

// Comments lists a ticket's replies, oldest first, and its notes among them for those
// who may read notes. Others' queries never touch the notes.
func (d *Desk) Comments(ctx context.Context, a Actor, ref string, page Page) ([]Comment, string, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, "", err
	}
	from := func(collection string) docdb.Query {
		return docdb.Query{
			Collection: collection,
			Where:      []docdb.Where{{Field: "ticket", Cmp: docdb.Equal, Value: string(t.ID)}},
			Order:      []docdb.Order{{Field: "sequence"}},
		}
	}
	public, next, err := Find[Comment](ctx, d.DB, from(replies), page)
	if err != nil || t.Notes == 0 || !May(a, NoteRead, &t) {
		return public, next, err
	}
	internal, more, err := Find[Comment](ctx, d.DB, from(notes), page)
	if err != nil {
		return nil, "", err
	}
	return interleave(public, internal, next != "" || more != "", page)
}

// interleave merges two pages by sequence and cuts them to one.
func interleave(a, b []Comment, more bool, page Page) ([]Comment, string, error) {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Comment) int { return int(x.Sequence - y.Sequence) })
	limit, err := page.limit()
	if err != nil || (len(all) <= limit && !more) {
		return all, "", err
	}
	all = all[:min(limit, len(all))]
	last := all[len(all)-1]
	next, err := formatCursor([]any{last.Sequence, string(last.ID)})
	return all, next, err
}
