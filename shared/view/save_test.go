package view_test

import (
	"fmt"
	"strings"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/view"
)

func TestAPrivateViewIsItsOwnersAlone(t *testing.T) {
	o := newOffice(t)
	v, err := o.save("nora", view.Draft{})
	o.must(err)
	for _, who := range []desk.PersonID{"ada", "mia", "uma"} {
		_, err := view.Show(t.Context(), o.DB, o.as(who), v.ID)
		want(t, "show", err, fault.NotFound)
		want(t, "delete", view.Delete(t.Context(), o.Desk, o.as(who), v.ID, 0), fault.NotFound)
	}
	if list, _ := view.List(t.Context(), o.Desk, o.as("ada")); len(list) != 0 {
		t.Errorf("an admin lists %v", list)
	}
}

func TestASharedViewIsSeenByThoseItIsSharedWith(t *testing.T) {
	o := newOffice(t)
	v, err := o.save("mia", view.Draft{Departments: []desk.DepartmentID{"network", "it", "network"}})
	o.must(err)
	for who, sees := range map[desk.PersonID]bool{"mia": true, "nora": true, "ada": true, "liam": false, "uma": false} {
		list, err := view.List(t.Context(), o.Desk, o.as(who))
		o.must(err)
		_, err = view.Show(t.Context(), o.DB, o.as(who), v.ID)
		if (len(list) == 1) != sees || (err == nil) != sees {
			t.Errorf("%s: lists %d, show: %v", who, len(list), err)
		}
	}
	_, err = view.Update(t.Context(), o.Desk, o.as("nora"), v.ID, 0, func(d *view.Draft) { d.Name = "Mine now" })
	want(t, "a colleague's change", err, fault.Forbidden)
	_, err = view.Update(t.Context(), o.Desk, o.as("ada"), v.ID, v.Version, func(d *view.Draft) { d.Name = "Tidier" })
	o.must(err)
	want(t, "an outdated delete", view.Delete(t.Context(), o.Desk, o.as("mia"), v.ID, v.Version), fault.Stale)
	o.must(view.Delete(t.Context(), o.Desk, o.as("mia"), v.ID, v.Version+1))
}

func TestSharingNeedsTheRight(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]struct {
		who   desk.PersonID
		draft view.Draft
	}{
		"a user with everyone":      {"uma", view.Draft{Everyone: true}},
		"a user with a department":  {"uma", view.Draft{Departments: []desk.DepartmentID{"network"}}},
		"staff with another's team": {"liam", view.Draft{Departments: []desk.DepartmentID{"network"}}},
		"staff with those above":    {"nora", view.Draft{Departments: []desk.DepartmentID{"it"}}},
	} {
		_, err := o.save(c.who, c.draft)
		want(t, name, err, fault.Forbidden)
	}
	_, err := o.save("liam", view.Draft{Everyone: true})
	o.must(err)
}

func TestBadViewsAreRefused(t *testing.T) {
	o := newOffice(t)
	for name, draft := range map[string]view.Draft{
		"long name":       {Name: strings.Repeat("x", 81)},
		"unknown column":  {Columns: []string{"password"}},
		"repeated column": {Columns: []string{"title", "title"}},
		"status":          {Filter: view.Filter{Status: "asleep"}},
		"priority":        {Filter: view.Filter{Priority: "soon"}},
		"department":      {Filter: view.Filter{Department: "../people"}},
		"category":        {Filter: view.Filter{Category: strings.Repeat("x", 65)}},
		"tag":             {Filter: view.Filter{Tag: "a\x00"}},
		"shared nowhere":  {Departments: []desk.DepartmentID{"moon"}},
	} {
		_, err := o.save("ada", draft)
		want(t, name, err, fault.Invalid)
	}
	if n := len(o.store.Dump("views")) + len(o.store.Dump(event.OutboxCollection)); n != 0 {
		t.Errorf("%d documents after all that", n)
	}
}

func TestAnEqualFilterIsCountedOnceAndForgottenWithItsLastView(t *testing.T) {
	o := newOffice(t)
	f := view.Filter{Assignee: view.Me, Status: desk.StatusAssigned}
	a, err := o.save("nora", view.Draft{Filter: f})
	o.must(err)
	b, err := o.save("liam", view.Draft{Filter: f})
	o.must(err)
	if a.Counted != b.Counted || len(o.store.Dump(event.OutboxCollection)) != 1 {
		t.Fatalf("counted as %d and %d", a.Counted, b.Counted)
	}
	b, err = view.Update(t.Context(), o.Desk, o.as("liam"), b.ID, 0, func(d *view.Draft) { d.Filter.Status = "" })
	o.must(err)
	if a.Counted == b.Counted {
		t.Fatal("another filter has the same number")
	}
	o.must(view.Delete(t.Context(), o.Desk, o.as("nora"), a.ID, 0))
	again, err := o.save("nora", view.Draft{Filter: f})
	o.must(err)
	if again.Counted <= b.Counted {
		t.Errorf("the number %d was used again", again.Counted)
	}
}

func TestTheNumberOfViewsIsLimited(t *testing.T) {
	o := newOffice(t)
	for i := range view.MaxOwn {
		_, err := o.save("uma", view.Draft{Name: fmt.Sprint(i)})
		o.must(err)
	}
	_, err := o.save("uma", view.Draft{})
	want(t, "one more", err, fault.Conflict)
	list, err := view.List(t.Context(), o.Desk, o.as("uma"))
	o.must(err)
	o.must(view.Delete(t.Context(), o.Desk, o.as("uma"), list[0].ID, 0))
	_, err = o.save("uma", view.Draft{})
	o.must(err)
}

func TestTheSameRequestSavesOneView(t *testing.T) {
	o := newOffice(t)
	var ids []string
	for range 2 {
		v, err := view.Create(t.Context(), o.Desk, o.as("nora"), view.Draft{Name: "Once"}, desk.Options{Request: &desk.Request{ID: "r", Fingerprint: "f"}})
		o.must(err)
		ids = append(ids, v.ID)
	}
	if ids[0] != ids[1] || len(o.store.Dump("views")) != 1 {
		t.Errorf("%v", ids)
	}
}

func want(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: got %v, want %s", what, err, kind)
	}
}
