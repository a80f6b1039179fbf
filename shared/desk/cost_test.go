package desk_test

import (
	"context"
	"fmt"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// meter counts the documents that are read and written.
type meter struct {
	docdb.Store
	reads, writes int
}

func (m *meter) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	m.reads += len(keys)
	return m.Store.Get(ctx, keys)
}

func (m *meter) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	found, err := m.Store.Query(ctx, q)
	m.reads += max(len(found), 1) // an empty answer costs one too
	return found, err
}

func (m *meter) Commit(ctx context.Context, writes []docdb.Write) error {
	m.writes += len(writes)
	return m.Store.Commit(ctx, writes)
}

// TestEachActionCostsTheSameHoweverMuchThereIs holds the table in docs/design.md, with
// little in the database and with much.
func TestEachActionCostsTheSameHoweverMuchThereIs(t *testing.T) {
	o := newOffice(t)
	for _, size := range []int{0, 200} {
		for range size {
			o.say("uma", o.open(), "x", false)
		}
		o.costs(map[string]string{
			"claim": "3+5", "escalate": "2+4", "watch": "3+4", "tag": "2+4", "resolve": "2+5", "reply": "2+6", "mention": "3+6", "edit": "3+6",
			"link": "2+6", "unlink": "3+6", "merge": "4+8", "list": "3+0", "unmerge": "4+8", "split": "4+9", "save draft": "2+1", "drop draft": "1+1",
		})
	}
}

// costs does each action once on new tickets and expects "reads+writes".
func (o *office) costs(want map[string]string) {
	o.t.Helper()
	a, b := o.open(), o.open()
	said := o.say("nora", b, "x", false)
	m := &meter{Store: o.store}
	d := desk.New(docdb.Open(m, desk.Indexes()), o.Now)
	nora, uma, ctx, none := o.as("nora"), o.as("uma"), o.t.Context(), desk.Options{}
	_, err := d.Show(ctx, nora, string(a.ID)) // an instance's first look at the organisation
	o.must(err)
	_, err = d.Create(ctx, uma, desk.NewTicket{Title: "Leases numbers", Description: "x"}, none)
	o.must(err)
	var reply desk.Comment
	id, other := string(a.ID), string(b.ID)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"claim", func() error { _, err := d.Claim(ctx, nora, id, none); return err }},
		{"escalate", func() error { _, err := d.Escalate(ctx, nora, id, desk.Escalation{Reason: "x"}, none); return err }},
		{"watch", func() error { _, err := d.Watch(ctx, nora, id, []desk.PersonID{"noah"}, nil, none); return err }},
		{"tag", func() error { _, err := d.Tag(ctx, nora, id, []string{"x"}, nil, none); return err }},
		{"resolve", func() error { _, err := d.Resolve(ctx, nora, id, desk.Resolution{Text: "x"}, none); return err }},
		{"reply", func() error { _, err := d.Comment(ctx, nora, id, desk.NewComment{Body: "x"}, none); return err }},
		{"mention", func() error { reply, err = d.Comment(ctx, nora, id, desk.NewComment{Body: "@noah"}, none); return err }},
		{"edit", func() error { _, err := d.EditComment(ctx, nora, id, reply.ID, "y", none); return err }},
		{"link", func() error { _, err := d.Link(ctx, nora, id, desk.Blocks, other, none); return err }},
		{"unlink", func() error { return d.Unlink(ctx, nora, id, other, none) }},
		{"merge", func() error { _, err := d.Merge(ctx, nora, other, id, none); return err }},
		{"list", func() error { _, _, err := d.Comments(ctx, uma, id, desk.Page{Limit: 1}); return err }},
		{"unmerge", func() error { _, err := d.Unmerge(ctx, nora, other, none); return err }},
		{"split", func() error {
			_, err := d.Split(ctx, nora, other, desk.NewSplit{Title: "Another", Comments: []desk.CommentID{said.ID}}, none)
			return err
		}},
		{"save draft", func() error { _, err := d.SaveDraft(ctx, nora, id, desk.NewComment{Body: "x"}); return err }},
		{"drop draft", func() error { return d.DropDraft(ctx, nora, id) }},
	} {
		m.reads, m.writes = 0, 0
		o.must(step.do())
		if got := fmt.Sprintf("%d+%d", m.reads, m.writes); got != want[step.name] {
			o.t.Errorf("%s costs %s, not %s", step.name, got, want[step.name])
		}
	}
}
