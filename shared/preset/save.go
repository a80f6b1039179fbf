package preset

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// list is what there is of a kind.
type list struct {
	Entries []Entry `json:"entries"`
}

// change is a change of one preset under way.
type change struct {
	tx    *docdb.Tx
	org   *desk.Organisation
	actor desk.Actor
	kind  Kind
	list  list
}

func begin(ctx context.Context, tx *docdb.Tx, d *desk.Desk, a desk.Actor, k Kind) (*change, error) {
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{tx: tx, org: org, actor: a, kind: k}
	c.list, err = readList(ctx, tx, k)
	return c, err
}

func readList(ctx context.Context, r docdb.Reader, k Kind) (list, error) {
	l, err := docdb.Get[list](ctx, r, listKey(k))
	if fault.Is(err, fault.NotFound) {
		return list{}, nil
	}
	return l, err
}

// Create saves a preset. It reads the list of its kind and writes both.
func Create(ctx context.Context, d *desk.Desk, a desk.Actor, k Kind, draft Draft, opt desk.Options) (Preset, error) {
	if err := desk.Allow(a, desk.PresetKeep, nil); err != nil {
		return Preset{}, err
	}
	now := d.Now().UTC()
	p := Preset{ID: d.NewID(), Kind: k, By: a.ID, CreatedAt: now, UpdatedAt: now, Version: 1}
	var out Preset
	err := d.Repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		c, err := begin(ctx, tx, d, a, k)
		if err != nil {
			return err
		}
		made := p
		if made.Draft, err = c.check(draft); err != nil {
			return err
		}
		if len(c.list.Entries) >= MaxPresets {
			return fault.New(fault.Conflict, "too_many", "There are %d of these already, which is all there can be. Delete one first.", MaxPresets)
		}
		c.list.Entries = append(c.list.Entries, made.entry())
		out = made
		return c.write(func() error { return tx.Create(presetKey(made.ID), made) }, d, "added", nil, &made)
	})
	return out, err
}

// Replace gives a preset another content. version is the one that it must still have, 0 for any.
func Replace(ctx context.Context, d *desk.Desk, a desk.Actor, k Kind, id string, version int64, draft Draft) (Preset, error) {
	var out Preset
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		c, p, err := kept(ctx, tx, d, a, k, id, version)
		if err != nil {
			return err
		}
		was := p
		if p.Draft, err = c.check(draft); err != nil {
			return err
		}
		p.Version, p.UpdatedAt = p.Version+1, d.Now().UTC()
		for i := range c.list.Entries {
			if c.list.Entries[i].ID == id {
				c.list.Entries[i] = p.entry()
			}
		}
		out = p
		return c.write(func() error { return tx.Put(presetKey(id), p) }, d, "changed", &was, &p)
	})
	return out, err
}

// Delete takes a preset away. What was done with it stays done.
func Delete(ctx context.Context, d *desk.Desk, a desk.Actor, k Kind, id string, version int64) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		c, was, err := kept(ctx, tx, d, a, k, id, version)
		if err != nil {
			return err
		}
		c.list.Entries = slices.DeleteFunc(c.list.Entries, func(e Entry) bool { return e.ID == id })
		return c.write(func() error { return tx.Delete(presetKey(id)) }, d, "removed", &was, nil)
	})
}

// kept reads a preset that the actor may change.
func kept(ctx context.Context, tx *docdb.Tx, d *desk.Desk, a desk.Actor, k Kind, id string, version int64) (*change, Preset, error) {
	c, err := begin(ctx, tx, d, a, k)
	if err != nil {
		return nil, Preset{}, err
	}
	p, err := find(ctx, tx, c.org, a, k, id)
	switch {
	case err != nil:
		return nil, p, err
	case !desk.May(a, desk.PresetKeep, nil) || !keeps(c.org, a, p.Draft.Department):
		return nil, p, fault.New(fault.Forbidden, "not_allowed", "You may use this, but not change it: that is for staff of its department or one above it, and for admins.")
	case version != 0 && version != p.Version:
		return nil, p, fault.New(fault.Stale, "stale", "Somebody changed this in the meantime. Read it again, then repeat your change.")
	}
	return c, p, nil
}

// write writes the preset and the list, sorted by name, and what became of it into the
// admin audit.
func (c *change) write(preset func() error, d *desk.Desk, what string, before, after *Preset) error {
	slices.SortFunc(c.list.Entries, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), cmp.Compare(x.ID, y.ID))
	})
	if err := preset(); err != nil {
		return err
	}
	if err := c.tx.Put(listKey(c.kind), c.list); err != nil {
		return err
	}
	subject := before
	if after != nil {
		subject = after
	}
	return d.Audit(c.tx, c.actor, string(c.kind)+"."+what, string(c.kind)+":"+subject.ID, content(before), content(after))
}

// content is what the audit keeps of a preset, nil where there is none.
func content(p *Preset) any {
	if p == nil {
		return nil
	}
	return p.Draft
}

// check refuses a draft that can't be used or isn't the actor's to keep, and tidies it.
func (c *change) check(d Draft) (Draft, error) {
	name, badName := desk.Text("name", d.Name, 1, MaxName, false)
	d.Name = name
	var badScope error
	if d.Department != "" {
		if _, ok := c.org.Department(d.Department); !ok {
			badScope = fault.Bad("department", "There is no department %q.", d.Department)
		}
	}
	content, bad := d.content(c.kind, c.org)
	if err := fault.Join(badName, badScope, bad); err != nil {
		return d, err
	}
	if !keeps(c.org, c.actor, d.Department) {
		return d, fault.New(fault.Forbidden, "not_allowed", "You can keep this for your own departments and those below them; for others or for all, ask an admin.")
	}
	return content, nil
}

// content checks what the kind holds.
func (d Draft) content(k Kind, org *desk.Organisation) (Draft, error) {
	prefix := "reply."
	if k == CannedReply {
		prefix = ""
	}
	reply, bad := d.Reply.check(prefix)
	note, worse := d.Note.check("note.")
	d.Reply, d.Note = reply, note
	switch k {
	case CannedReply:
		if len(reply.Texts) == 0 {
			bad = fault.Join(bad, fault.Bad("texts", "Please write a text in at least one language."))
		}
	case Macro:
		if d.Changes.Empty() && len(reply.Texts) == 0 && len(note.Texts) == 0 {
			bad = fault.Join(bad, fault.Bad("changes", "A macro needs changes, a reply or a note."))
		}
		bad = fault.Join(bad, d.Changes.Wish("").Check(org))
	case Template:
		bad = fault.Join(bad, d.Ticket.check(org))
	}
	return d, fault.Join(bad, worse)
}

// check refuses what no ticket can be opened with.
func (o Opening) check(org *desk.Organisation) error {
	p := desk.Patch{Priority: set(o.Priority), Category: set(o.Category), Subcategory: set(o.Subcategory), Department: set(o.Department), Values: o.Values}
	_, badTitle := desk.Text("title", o.Title, 0, desk.MaxTitle, false)
	_, badText := desk.Text("description", o.Description, 0, desk.MaxDescription, true)
	return fault.Join(badTitle, badText, desk.Wish{Patch: p, AddTags: o.Tags}.Check(org))
}
