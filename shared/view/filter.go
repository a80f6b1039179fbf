package view

import (
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Me stands for whoever looks, as assignee or requester.
const Me = "me"

// Filter is a filter of the list, with "me" still in it.
type Filter struct {
	Status       desk.Status       `json:"status,omitzero"`
	Priority     desk.Priority     `json:"priority,omitzero"`
	Department   desk.DepartmentID `json:"department,omitzero"`
	Category     string            `json:"category,omitzero"`
	Assignee     desk.PersonID     `json:"assignee,omitzero"`  // or Me, or desk.Nobody
	Requester    desk.PersonID     `json:"requester,omitzero"` // or Me
	Escalated    *bool             `json:"escalated,omitzero"`
	Breached     *bool             `json:"sla_breached,omitzero"`
	Tag          string            `json:"tag,omitzero"`
	CreatedFrom  time.Time         `json:"created_from,omitzero"`
	CreatedUntil time.Time         `json:"created_to,omitzero"`
}

// For is the filter as the list takes it, for a person.
func (f Filter) For(who desk.PersonID) desk.Filter {
	me := func(id desk.PersonID) desk.PersonID {
		if id == Me {
			return who
		}
		return id
	}
	return desk.Filter{
		Status: f.Status, Priority: f.Priority, Department: f.Department, Category: f.Category, Assignee: me(f.Assignee),
		Requester: me(f.Requester), Escalated: f.Escalated, Breached: f.Breached, Tag: f.Tag, CreatedFrom: f.CreatedFrom, CreatedUntil: f.CreatedUntil,
	}
}

// personal reports whether the filter means something else for each person.
func (f Filter) personal() bool { return f.Assignee == Me || f.Requester == Me }

// equal reports whether two filters mean the same.
func (f Filter) equal(g Filter) bool {
	a, errA := docdb.Marshal(f)
	b, errB := docdb.Marshal(g)
	return errA == nil && errB == nil && string(a) == string(b)
}

// check refuses values that no ticket can have, and tidies the others.
func (f Filter) check() (Filter, error) {
	tag, badTag := f.Tag, error(nil)
	if tag != "" {
		tag, badTag = desk.Text("tag", strings.ToLower(tag), 1, desk.MaxTag, false)
	}
	category, badCategory := desk.Text("category", f.Category, 0, 64, false)
	f.Tag, f.Category = tag, category
	f.CreatedFrom, f.CreatedUntil = f.CreatedFrom.UTC().Truncate(time.Microsecond), f.CreatedUntil.UTC().Truncate(time.Microsecond)
	id := func(field, s string) error {
		if s == "" || desk.ValidID(s) {
			return nil
		}
		return fault.Bad(field, "This can't be an id.")
	}
	return f, fault.Join(badTag, badCategory,
		oneOf("status", f.Status, desk.Statuses), oneOf("priority", f.Priority, desk.Priorities),
		id("department", string(f.Department)), id("assignee", string(f.Assignee)), id("requester", string(f.Requester)))
}

func oneOf[T ~string](field string, v T, known []T) error {
	if v == "" || slices.Contains(known, v) {
		return nil
	}
	return fault.Bad(field, "%q is not known here; use one of %v.", v, known)
}
