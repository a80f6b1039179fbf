package desk

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// OrganisationChanged is the type of the fact that the tree of departments is another.
const OrganisationChanged = "organisation.changed"

// Limits of the organisation: it is one document.
const (
	MaxTree       = 1000 // departments
	MaxDepth      = 10   // of one below another
	MaxName       = 100  // characters
	MaxManagers   = 20   // of a department
	MaxCategories = 100  // of a department
)

// Reorganised is what came of a change of the organisation.
type Reorganised struct {
	Organisation Organisation `json:"organisation"`
	Moves        []Move       `json:"moves"` // one for each branch that has another place now, and for each department whose tickets go
}

// ReadOrganisation reads the organisation as it is at this moment, for those who may
// change it.
func (d *Desk) ReadOrganisation(ctx context.Context, a Actor) (Organisation, error) {
	if err := AllowAdmin(a, OrganisationChange); err != nil {
		return Organisation{}, err
	}
	return docdb.Get[Organisation](ctx, d.DB, organisationKey)
}

// ChangeOrganisation runs do on the organisation and saves what came of it, whole or not
// at all. Everything that differs then is audited; a branch with another place gets a
// Move, which brings the rights to its tickets. What changes nothing writes nothing.
func (d *Desk) ChangeOrganisation(ctx context.Context, a Actor, opt Options, do func(*Organisation) error) (Reorganised, error) {
	var out Reorganised
	if err := AllowAdmin(a, OrganisationChange); err != nil {
		return out, err
	}
	err := d.repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		before, after, err := organisationTwice(ctx, tx)
		if err != nil {
			return err
		}
		if opt.IfVersion != 0 && opt.IfVersion != before.Version {
			return fault.New(fault.Stale, "stale", "Somebody changed the departments in the meantime. Read them again, then repeat your change.")
		}
		if err := do(&after); err != nil {
			return err
		}
		out, err = d.reorganise(ctx, tx, a, opt, before, after)
		return err
	})
	if err == nil {
		d.tree.forget()
	}
	return out, err
}

// organisationTwice reads the organisation as two values that share nothing.
func organisationTwice(ctx context.Context, tx *docdb.Tx) (before, after Organisation, err error) {
	if before, err = docdb.Get[Organisation](ctx, tx, organisationKey); err != nil {
		return
	}
	after, err = docdb.Get[Organisation](ctx, tx, organisationKey)
	return
}

// reorganise writes what differs: the organisation, the audit, the moves and the facts.
func (d *Desk) reorganise(ctx context.Context, tx *docdb.Tx, a Actor, opt Options, before, after Organisation) (Reorganised, error) {
	changes := compare(&before, &after)
	if len(changes) == 0 {
		return Reorganised{before, []Move{}}, nil
	}
	if err := d.emptied(ctx, a, &before, &after); err != nil {
		return Reorganised{}, err
	}
	if err := fault.Join(after.limits(), after.checkWork(), after.Check(), after.keeps(&before)); err != nil {
		return Reorganised{}, err
	}
	after.Version = before.Version + 1
	out := Reorganised{after, []Move{}}
	for _, c := range changes {
		if err := d.audit(tx, a, c.kind, c.subject, c.before, c.after); err != nil {
			return out, err
		}
	}
	for _, id := range moved(&before, &after) {
		m, err := d.startMove(tx, a, opt, id, &before, &after)
		if err != nil {
			return out, err
		}
		out.Moves = append(out.Moves, m)
	}
	for _, was := range closing(&before, &after) {
		if after.emptying[was.ID] == "" {
			continue
		}
		m, err := d.startEmptying(tx, a, opt, was.ID, &after)
		if err != nil {
			return out, err
		}
		out.Moves = append(out.Moves, m)
	}
	if err := tx.Put(organisationKey, after); err != nil {
		return out, err
	}
	return out, event.Append(tx, event.Event{
		ID: fmt.Sprintf("organisation-%06d", after.Version), Type: OrganisationChanged, Subject: "organisation",
		Sequence: after.Version, At: d.moment(), Actor: string(a.ID), Trace: opt.Trace,
	})
}

// limits refuses names and sizes that can't be.
func (o *Organisation) limits() error {
	errs := []error{check(len(o.Departments) <= MaxTree, "departments", "There can be %d departments at most.", MaxTree)}
	for _, d := range o.Departments {
		_, badName := Text("name", d.Name, 1, MaxName, false)
		errs = append(errs, badName,
			check(len(o.Path(d.ID)) <= MaxDepth, "parent", "Departments can stand %d below each other at most.", MaxDepth),
			check(len(d.Managers) <= MaxManagers, "managers", "A department has %d managers at most.", MaxManagers),
			check(len(d.Categories) <= MaxCategories, "categories", "A department has %d categories at most.", MaxCategories),
			check(d.Calendar == "" || o.hasCalendar(d.Calendar), "calendar", "There is no calendar %q.", d.Calendar))
		errs = append(errs, d.checkCategories())
	}
	return fault.Join(errs...)
}

func (d Department) checkCategories() error {
	seen := map[string]bool{}
	for _, c := range d.Categories {
		_, badName := Text("categories", c.Name, 1, MaxName, false)
		if err := fault.Join(badName, check(ValidID(c.ID) && !seen[c.ID], "categories", "The id %q is repeated or not an id.", c.ID)); err != nil {
			return err
		}
		seen[c.ID] = true
		for _, s := range c.Subcategories {
			if _, err := Text("categories", s.Name, 1, MaxName, false); err != nil || !ValidID(s.ID) {
				return fault.Bad("categories", "%q has a subcategory without a proper id and name.", c.ID)
			}
		}
	}
	return nil
}

func (o *Organisation) hasCalendar(id string) bool {
	for _, c := range o.Calendars {
		if c.ID == id {
			return true
		}
	}
	return false
}

// keeps refuses that a department goes: tickets and history name it for ever.
func (o *Organisation) keeps(before *Organisation) error {
	for _, d := range before.Departments {
		if _, ok := o.Department(d.ID); !ok {
			return fault.Bad("departments", "%q can't be removed, because tickets name it. Set it to inactive.", d.ID)
		}
	}
	return nil
}

// moved are the departments that are below another now.
func moved(before, after *Organisation) []DepartmentID {
	var out []DepartmentID
	for _, was := range before.Departments {
		if now, ok := after.Department(was.ID); ok && now.Parent != was.Parent {
			out = append(out, was.ID)
		}
	}
	return out
}

// difference is one part of the organisation before and after.
type difference struct {
	kind, subject string
	before, after any
}

// compare lists what differs, a department, calendar, rule or target at a time.
func compare(before, after *Organisation) []difference {
	out := differences("department", before.Departments, after.Departments, func(d Department) string { return string(d.ID) })
	out = append(out, differences("calendar", before.Calendars, after.Calendars, func(c Calendar) string { return c.ID })...)
	out = append(out, differences("rule", before.Rules, after.Rules, func(r Rule) string { return r.ID })...)
	out = append(out, differences("target", before.Targets, after.Targets, func(t Target) string { return string(t.Priority) })...)
	if order(before.Rules) != order(after.Rules) {
		out = append(out, difference{"rules.ordered", "organisation", order(before.Rules), order(after.Rules)})
	}
	if before.Triage != after.Triage {
		out = append(out, difference{"triage.changed", "organisation", before.Triage, after.Triage})
	}
	return out
}

// order is the order in which rules are tried.
func order(rules []Rule) string {
	out := ""
	for _, r := range rules {
		out += r.ID + " "
	}
	return out
}

func differences[T any](name string, before, after []T, id func(T) string) []difference {
	var out []difference
	was := map[string]T{}
	for _, x := range before {
		was[id(x)] = x
	}
	for _, x := range after {
		old, known := was[id(x)]
		delete(was, id(x))
		switch subject := name + ":" + id(x); {
		case !known:
			out = append(out, difference{name + ".added", subject, nil, x})
		case !reflect.DeepEqual(old, x):
			out = append(out, difference{name + ".changed", subject, old, x})
		}
	}
	for _, x := range before {
		if _, gone := was[id(x)]; gone {
			out = append(out, difference{name + ".removed", name + ":" + id(x), x, nil})
		}
	}
	return out
}

// forget has the next reader read the tree anew.
func (t *tree) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.org, t.read = nil, time.Time{}
}
