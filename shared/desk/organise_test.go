package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// reform changes the organisation as somebody.
func (o *office) reform(who desk.PersonID, opt desk.Options, do func(*desk.Organisation)) (desk.Reorganised, error) {
	return o.ChangeOrganisation(o.t.Context(), o.as(who), opt, func(org *desk.Organisation) error { do(org); return nil })
}

func TestWhatIsNoTreeIsRefused(t *testing.T) {
	o := newOffice(t)
	add := func(d desk.Department) func(*desk.Organisation) {
		return func(org *desk.Organisation) { org.Departments = append(org.Departments, d) }
	}
	for what, do := range map[string]func(*desk.Organisation){
		"a circle":            func(org *desk.Organisation) { org.Departments[0].Parent = "network" },
		"a missing parent":    add(desk.Department{ID: "paint", Name: "Paint", Parent: "nowhere"}),
		"an id twice":         add(desk.Department{ID: "it", Name: "IT again"}),
		"no name":             add(desk.Department{ID: "paint", Name: " "}),
		"no such calendar":    add(desk.Department{ID: "paint", Name: "Paint", Calendar: "lunar"}),
		"a removed one":       func(org *desk.Organisation) { org.Departments = org.Departments[:5] },
		"no triage":           func(org *desk.Organisation) { org.Triage = "nowhere" },
		"a category twice":    add(desk.Department{ID: "paint", Name: "Paint", Categories: []desk.Category{{ID: "red", Name: "Red"}, {ID: "red", Name: "Red"}}}),
		"a nameless category": add(desk.Department{ID: "paint", Name: "Paint", Categories: []desk.Category{{ID: "red"}}}),
		"too deep a tree": func(org *desk.Organisation) {
			above := desk.DepartmentID("it")
			for i := range desk.MaxDepth {
				d := desk.Department{ID: desk.DepartmentID(fmt.Sprint("deep", i)), Name: "Deep", Parent: above}
				org.Departments, above = append(org.Departments, d), d.ID
			}
		},
	} {
		if _, err := o.reform("ada", desk.Options{}, do); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(o.store.Dump("audits")); n != 0 {
		t.Errorf("what was refused left %d entries in the audit", n)
	}
}

func TestEachPartThatDiffersIsAudited(t *testing.T) {
	o := newOffice(t)
	_, err := o.reform("ada", desk.Options{}, func(org *desk.Organisation) {
		org.Departments[0].Name = "Information technology"
		org.Departments = append(org.Departments, desk.Department{ID: "paint", Name: "Paint", Active: true})
		org.Triage = "it"
	})
	o.must(err)
	found, _, err := o.ListAudits(t.Context(), o.as("ada"), desk.Audits{}, desk.Page{})
	o.must(err)
	var got []string
	for _, e := range found {
		got = append(got, e.Kind+" "+e.Subject)
	}
	slices.Sort(got)
	if want := []string{"department.added department:paint", "department.changed department:it", "triage.changed organisation"}; !slices.Equal(got, want) {
		t.Errorf("the audit has %q", got)
	}
}

func TestAChangeOfNothingWritesNothing(t *testing.T) {
	o := newOffice(t)
	first, err := o.reform("ada", desk.Options{}, func(*desk.Organisation) {})
	o.must(err)
	if first.Organisation.Version != 1 || len(o.store.Dump("audits"))+len(o.store.Dump("outbox")) != 0 {
		t.Errorf("it made version %d", first.Organisation.Version)
	}
}

func TestAChangeOfAnOldOrganisationIsStale(t *testing.T) {
	o := newOffice(t)
	rename := func(org *desk.Organisation) { org.Departments[0].Name += "!" }
	_, err := o.reform("ada", desk.Options{IfVersion: 1}, rename)
	o.must(err)
	_, err = o.reform("ada", desk.Options{IfVersion: 1}, rename)
	wantKind(t, err, fault.Stale)
}

func TestOnlyAdminsChangeTheOrganisation(t *testing.T) {
	o := newOffice(t)
	for _, who := range []desk.PersonID{"mia", "nora", "uma"} {
		_, err := o.reform(who, desk.Options{}, func(org *desk.Organisation) { org.Triage = "it" })
		wantKind(t, err, fault.Forbidden)
		_, err = o.ShowMove(t.Context(), o.as(who), "000001-it")
		wantKind(t, err, fault.Forbidden)
	}
}

func TestADepartmentWithOpenTicketsIsNotDeactivated(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	shut := func(org *desk.Organisation) { org.Departments[1].Active = false }
	_, err := o.reform("ada", desk.Options{}, shut)
	wantKind(t, err, fault.Conflict)
	_, err = o.patch("ada", ticket, desk.Patch{Department: to(desk.DepartmentID("it"))})
	o.must(err)
	_, err = o.reform("ada", desk.Options{}, shut)
	o.must(err)
}
