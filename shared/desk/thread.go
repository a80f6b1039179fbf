package desk

import (
	"cmp"
	"context"
	"slices"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Comments lists a ticket's replies, oldest first, and its notes among them for those
// who may read notes. Others' queries never touch the notes. What was merged into the
// ticket is among them too, at no further cost.
func (d *Desk) Comments(ctx context.Context, a Actor, ref string, page Page) ([]Comment, string, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, "", err
	}
	thread := []any{}
	for _, id := range t.thread() {
		thread = append(thread, string(id))
	}
	from := func(collection string) docdb.Query {
		return docdb.Query{
			Collection: collection,
			Where:      []docdb.Where{{Field: "thread", Cmp: docdb.ContainsAny, Value: thread}},
			Order:      []docdb.Order{{Field: "created_at"}},
		}
	}
	public, next, err := Find[Comment](ctx, d.DB, from(replies), page)
	if err != nil || (t.Notes == 0 && len(t.Merged) == 0) || !May(a, NoteRead, &t) {
		return public, next, err
	}
	internal, more, err := Find[Comment](ctx, d.DB, from(notes), page)
	if err != nil {
		return nil, "", err
	}
	return interleave(public, internal, next != "" || more != "", page)
}

// ShowComment is one of a ticket's comments, for those who may read it.
func (d *Desk) ShowComment(ctx context.Context, a Actor, ref string, id CommentID) (Comment, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return Comment{}, err
	}
	return commentOf(ctx, d.DB, a, &t, id)
}

// interleave merges two pages by time and cuts them to one.
func interleave(a, b []Comment, more bool, page Page) ([]Comment, string, error) {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Comment) int {
		return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	limit, err := page.limit()
	if err != nil || (len(all) <= limit && !more) {
		return all, "", err
	}
	all = all[:min(limit, len(all))]
	last := all[len(all)-1]
	next, err := formatCursor([]any{docdb.Stamp(last.CreatedAt), string(last.ID)})
	return all, next, err
}

// commentOf finds one of a ticket's comments for an actor: a note only if they may read
// notes. It says "none" of what belongs to another ticket.
func commentOf(ctx context.Context, r docdb.Reader, a Actor, t *Ticket, id CommentID) (Comment, error) {
	missing := fault.Missing("comment")
	if !ValidID(string(id)) {
		return Comment{}, missing
	}
	kinds := []bool{false}
	if May(a, NoteRead, t) {
		kinds = append(kinds, true)
	}
	for _, internal := range kinds {
		c, err := docdb.Get[Comment](ctx, r, Comment{ID: id, Internal: internal}.key())
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return c, err
		case !contains(t.thread(), c.Ticket):
			return Comment{}, missing
		default:
			return c, nil
		}
	}
	return Comment{}, missing
}
