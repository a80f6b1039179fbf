package automation

import (
	"context"
	"slices"

	"ticketsystem.example/shared/condition"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

func read(ctx context.Context, r docdb.Reader) (all, error) {
	l, err := docdb.Get[all](ctx, r, allKey)
	if fault.Is(err, fault.NotFound) {
		return all{}, nil
	}
	return l, err
}

// List is all automations there are, for those who keep them.
func List(ctx context.Context, d *desk.Desk, a desk.Actor) ([]Automation, error) {
	if err := desk.AllowAdmin(a, desk.AutomationKeep); err != nil {
		return nil, err
	}
	l, err := read(ctx, d.DB)
	return l.List, err
}

// Show is one of them.
func Show(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (Automation, error) {
	list, err := List(ctx, d, a)
	if err != nil {
		return Automation{}, err
	}
	if i := (all{list}).find(id); i >= 0 {
		return list[i], nil
	}
	return Automation{}, fault.Missing("automation")
}

// check refuses what could never work, and tidies the rest.
func (w *Draft) check(ctx context.Context, d *desk.Desk, a desk.Actor) error {
	var badOn, badMacro error
	name, badName := desk.Text("name", w.Name, 1, MaxName, false)
	w.Name = name
	slices.Sort(w.On)
	w.On = slices.Compact(w.On)
	if len(w.On) == 0 || slices.ContainsFunc(w.On, func(k string) bool { return !slices.Contains(Kinds, k) }) {
		badOn = fault.Bad("on", "This takes one or more of %v.", Kinds)
	}
	_, badCondition := condition.Parse(w.Condition)
	if _, err := preset.Show(ctx, d, a, preset.Macro, w.Macro); fault.Is(err, fault.NotFound) {
		badMacro = fault.Bad("macro", "There is no such macro.")
	} else if err != nil {
		return err
	}
	return fault.Join(badName, badOn, badCondition, badMacro)
}

// change runs do on the list in a transaction, with an entry of the audit.
func change(ctx context.Context, d *desk.Desk, a desk.Actor, kind, id string, opt desk.Options, do func(*all) (before, after *Automation, err error)) (Automation, error) {
	var out Automation
	err := d.Repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		l, err := read(ctx, tx)
		if err != nil {
			return err
		}
		before, after, err := do(&l)
		if err != nil {
			return err
		}
		if after != nil {
			out = *after
		}
		if err := d.Audit(tx, a, kind, "automation:"+id, before, after); err != nil {
			return err
		}
		return tx.Put(allKey, l)
	})
	return out, err
}

// Create adds one.
func Create(ctx context.Context, d *desk.Desk, a desk.Actor, w Draft, opt desk.Options) (Automation, error) {
	if err := desk.AllowAdmin(a, desk.AutomationKeep); err != nil {
		return Automation{}, err
	}
	if err := w.check(ctx, d, a); err != nil {
		return Automation{}, err
	}
	id := d.NewID()
	return change(ctx, d, a, "automation.added", id, opt, func(l *all) (*Automation, *Automation, error) {
		if len(l.List) >= MaxAutomations {
			return nil, nil, fault.New(fault.Conflict, "too_many", "There are %d automations already. Delete one first.", MaxAutomations)
		}
		now := d.Now().UTC()
		made := Automation{ID: id, Version: 1, By: a.ID, CreatedAt: now, UpdatedAt: now, Draft: w}
		l.List = append(l.List, made)
		return nil, &made, nil
	})
}

// Replace changes one that still has the version.
func Replace(ctx context.Context, d *desk.Desk, a desk.Actor, id string, version int64, w Draft) (Automation, error) {
	if err := desk.AllowAdmin(a, desk.AutomationKeep); err != nil {
		return Automation{}, err
	}
	if err := w.check(ctx, d, a); err != nil {
		return Automation{}, err
	}
	return change(ctx, d, a, "automation.changed", id, desk.Options{}, func(l *all) (*Automation, *Automation, error) {
		i, err := l.at(id, version)
		if err != nil {
			return nil, nil, err
		}
		before := l.List[i]
		after := before
		after.Draft, after.Version, after.UpdatedAt = w, before.Version+1, d.Now().UTC()
		l.List[i] = after
		return &before, &after, nil
	})
}

// Delete takes one away. What it did stays done, and its log stays.
func Delete(ctx context.Context, d *desk.Desk, a desk.Actor, id string, version int64) error {
	if err := desk.AllowAdmin(a, desk.AutomationKeep); err != nil {
		return err
	}
	_, err := change(ctx, d, a, "automation.deleted", id, desk.Options{}, func(l *all) (*Automation, *Automation, error) {
		i, err := l.at(id, version)
		if err != nil {
			return nil, nil, err
		}
		before := l.List[i]
		l.List = slices.Delete(l.List, i, i+1)
		return &before, nil, nil
	})
	return err
}

// at finds one in the version that is expected, 0 for any.
func (l *all) at(id string, version int64) (int, error) {
	i := l.find(id)
	switch {
	case i < 0:
		return i, fault.Missing("automation")
	case version != 0 && l.List[i].Version != version:
		return i, fault.New(fault.Stale, "stale", "Somebody changed this in the meantime. Read it again, then repeat your change.")
	}
	return i, nil
}
