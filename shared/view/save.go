package view

import (
	"context"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Draft is what somebody wants a view to be.
type Draft struct {
	Name        string
	Everyone    bool
	Departments []desk.DepartmentID
	Filter      Filter
	ByCreation  bool
	Columns     []string // none for the usual ones
}

// owned is how many views somebody has.
type owned struct {
	Views int `json:"views"`
}

// change is a change of one view under way.
type change struct {
	ctx      context.Context
	tx       *docdb.Tx
	desk     *desk.Desk
	actor    desk.Actor
	registry registry // as it will be written
}

// begin reads what every change writes.
func begin(ctx context.Context, tx *docdb.Tx, d *desk.Desk, a desk.Actor) (*change, error) {
	c := &change{ctx: ctx, tx: tx, desk: d, actor: a}
	recs, err := tx.Read(ctx, registryKey)
	if err == nil && recs[0].Exists() {
		err = docdb.Decode(recs[0], &c.registry)
	}
	return c, err
}

// Create saves a view. It reads what is counted and how many views the person has, and
// writes the view and both; a filter that nobody has yet is also announced.
func Create(ctx context.Context, d *desk.Desk, a desk.Actor, draft Draft, opt desk.Options) (View, error) {
	if err := desk.Allow(a, desk.ViewSave, nil); err != nil {
		return View{}, err
	}
	now := d.Now().UTC()
	v := View{ID: d.NewID(), Owner: a.ID, CreatedAt: now}
	var out View
	err := d.Repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		c, err := begin(ctx, tx, d, a)
		if err != nil {
			return err
		}
		if err := c.own(a.ID, 1); err != nil {
			return err
		}
		out, err = c.save(View{}, v, draft)
		return err
	})
	return out, err
}

// Update replaces a view's content. version is the one that it must still have, 0 for any.
func Update(ctx context.Context, d *desk.Desk, a desk.Actor, id string, version int64, edit func(*Draft)) (View, error) {
	var out View
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		v, err := mine(ctx, tx, a, id, version)
		if err != nil {
			return err
		}
		c, err := begin(ctx, tx, d, a)
		if err != nil {
			return err
		}
		draft := Draft{v.Name, v.Everyone, slices.Clone(v.Departments), v.Filter, v.ByCreation, slices.Clone(v.Columns)}
		edit(&draft)
		out, err = c.save(v, v, draft)
		return err
	})
	return out, err
}

// Delete takes a view away, for all with whom it is shared too.
func Delete(ctx context.Context, d *desk.Desk, a desk.Actor, id string, version int64) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		v, err := mine(ctx, tx, a, id, version)
		if err != nil {
			return err
		}
		c, err := begin(ctx, tx, d, a)
		if err != nil {
			return err
		}
		if err := c.own(v.Owner, -1); err != nil {
			return err
		}
		c.registry.leave(v.Counted)
		c.share(v, View{})
		if err := tx.Delete(viewKey(id)); err != nil {
			return err
		}
		return tx.Put(registryKey, c.registry)
	})
}

// own counts the views of a person.
func (c *change) own(id desk.PersonID, n int) error {
	have, err := docdb.Get[owned](c.ctx, c.tx, ownerKey(id))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	most := MaxViews
	if !desk.May(c.actor, desk.ViewShare, nil) {
		most = MaxOwn
	}
	if have.Views += n; n > 0 && have.Views > most {
		return fault.New(fault.Conflict, "too_many_views", "You have %d views, which is all you can. Delete one first.", most)
	}
	return c.tx.Put(ownerKey(id), have)
}

// save checks the draft and writes the view and what is counted.
func (c *change) save(before, v View, draft Draft) (View, error) {
	if err := c.fill(&v, draft); err != nil {
		return v, err
	}
	if err := c.permit(before, v); err != nil {
		return v, err
	}
	c.share(before, v)
	if c.registry.Shared > MaxShared {
		return v, fault.New(fault.Conflict, "too_many_views", "This organisation shares %d views already, which is all it can. Delete one first.", MaxShared)
	}
	v.UpdatedAt = c.desk.Now().UTC()
	v.Version++
	if before.ID == "" || !before.Filter.equal(v.Filter) {
		number, err := c.registry.use(c.tx, v.Filter, c.actor.ID, v.UpdatedAt)
		if err != nil {
			return v, err
		}
		c.registry.leave(before.Counted)
		v.Counted = number
	}
	put := c.tx.Put
	if before.ID == "" {
		put = c.tx.Create
	}
	if err := put(viewKey(v.ID), v); err != nil {
		return v, err
	}
	return v, c.tx.Put(registryKey, c.registry)
}

// fill checks the draft's values and sets them.
func (c *change) fill(v *View, draft Draft) error {
	org, err := c.desk.Organisation(c.ctx)
	if err != nil {
		return err
	}
	name, badName := desk.Text("name", draft.Name, 1, MaxName, false)
	filter, badFilter := draft.Filter.check()
	v.Name, v.Filter, v.ByCreation, v.Everyone = name, filter, draft.ByCreation, draft.Everyone
	v.Departments = append([]desk.DepartmentID{}, draft.Departments...)
	slices.Sort(v.Departments)
	v.Departments = slices.Compact(v.Departments)
	v.Columns = append([]string{}, draft.Columns...)
	v.Audience = v.audience()
	var unknown error
	for _, id := range v.Departments {
		if _, ok := org.Department(id); !ok {
			unknown = fault.Bad("departments", "There is no department %q.", id)
		}
	}
	return fault.Join(badName, badFilter, unknown, checkColumns(v.Columns))
}

func checkColumns(list []string) error {
	if len(list) > MaxColumns {
		return fault.Bad("columns", "A view has at most %d columns.", MaxColumns)
	}
	for i, c := range list {
		if !slices.Contains(Columns, c) || slices.Contains(list[:i], c) {
			return fault.Bad("columns", "%q is repeated or not a column; use some of %v.", c, Columns)
		}
	}
	return nil
}

// permit asks the policy for sharing, where it changes: staff share with departments that
// they reach, and with everyone.
func (c *change) permit(before, v View) error {
	if before.Everyone == v.Everyone && slices.Equal(before.Departments, v.Departments) || len(v.Audience) == 0 {
		return nil
	}
	if !desk.May(c.actor, desk.ViewShare, nil) {
		return fault.New(fault.Forbidden, "not_allowed", "You can keep views for yourself; sharing them is for staff.")
	}
	org, err := c.desk.Organisation(c.ctx)
	if err != nil {
		return err
	}
	reach := org.Reach(c.actor)
	for _, d := range v.Departments {
		if !slices.Contains(reach, d) && !slices.Contains(before.Departments, d) {
			return fault.New(fault.Forbidden, "not_allowed", "You can share with your own departments and those below them; %q is none of these.", d)
		}
	}
	return nil
}

// share counts the views that are shared.
func (c *change) share(before, after View) {
	if len(before.Audience) > 0 {
		c.registry.Shared--
	}
	if len(after.Audience) > 0 {
		c.registry.Shared++
	}
}

// mine reads a view that the actor may change: their own, for admins any shared one too.
func mine(ctx context.Context, r docdb.Reader, a desk.Actor, id string, version int64) (View, error) {
	v, err := Show(ctx, r, a, id)
	switch {
	case err != nil:
		return v, err
	case v.Owner != a.ID && a.Role != desk.RoleAdmin:
		return v, fault.New(fault.Forbidden, "not_allowed", "This view is somebody else's. You may look at it, but not change it.")
	case version != 0 && version != v.Version:
		return v, fault.New(fault.Stale, "stale", "Somebody changed this in the meantime. Read it again, then repeat your change.")
	}
	return v, nil
}
