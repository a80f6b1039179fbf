package desk_test

import (
	"slices"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

func TestWhatNobodyCanWorkByIsRefused(t *testing.T) {
	o := newOffice(t)
	rule := func(r desk.Rule) func(*desk.Organisation) {
		return func(org *desk.Organisation) { org.Rules = append(org.Rules, r) }
	}
	calendar := func(c desk.Calendar) func(*desk.Organisation) {
		return func(org *desk.Organisation) { org.Calendars = append(org.Calendars, c) }
	}
	target := func(list ...desk.Target) func(*desk.Organisation) {
		return func(org *desk.Organisation) { org.Targets = list }
	}
	week := map[string][]string{"mon": {"09:00-17:00"}}
	to := desk.Outcome{Department: "network"}
	for what, do := range map[string]func(*desk.Organisation){
		"a rule without a condition":     rule(desk.Rule{ID: "r", Name: "R", Then: to}),
		"a rule to nowhere":              rule(desk.Rule{ID: "r", Name: "R", Words: []string{"x"}}),
		"a rule without a name":          rule(desk.Rule{ID: "r", Words: []string{"x"}, Then: to}),
		"a rule for a strange language":  rule(desk.Rule{ID: "r", Name: "R", Language: "!", Then: to}),
		"a rule for a missing category":  rule(desk.Rule{ID: "r", Name: "R", Category: "moon", Then: to}),
		"a rule with an empty word":      rule(desk.Rule{ID: "r", Name: "R", Words: []string{""}, Then: to}),
		"a rule for nobody's department": rule(desk.Rule{ID: "r", Name: "R", RequesterDepartment: "moon", Then: to}),
		"a rule with another priority":   rule(desk.Rule{ID: "r", Name: "R", Words: []string{"x"}, Then: desk.Outcome{Department: "network", Priority: "later"}}),
		"a calendar without hours":       calendar(desk.Calendar{ID: "c", Name: "C", Zone: "UTC"}),
		"a calendar on the moon":         calendar(desk.Calendar{ID: "c", Name: "C", Zone: "Moon/Tycho", Week: week}),
		"a calendar without a name":      calendar(desk.Calendar{ID: "c", Zone: "UTC", Week: week}),
		"a target twice":                 target(desk.Target{Priority: "high", FirstResponse: 1, Resolution: 2}, desk.Target{Priority: "high", FirstResponse: 1, Resolution: 2}),
		"a response after the end":       target(desk.Target{Priority: "high", FirstResponse: 3, Resolution: 2}),
		"a target of nothing":            target(desk.Target{Priority: "high"}),
		"an unknown priority":            target(desk.Target{Priority: "later", FirstResponse: 1, Resolution: 2}),
	} {
		if _, err := o.reform("ada", desk.Options{}, do); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(o.store.Dump("audits")); n != 0 {
		t.Errorf("what was refused left %d entries in the audit", n)
	}
}

func TestTargetsOfTheOrganisationSetDeadlines(t *testing.T) {
	o := newOffice(t)
	_, err := o.reform("ada", desk.Options{}, func(org *desk.Organisation) {
		org.Targets = []desk.Target{{Priority: desk.PriorityMedium, FirstResponse: 10, Resolution: 30}}
		for i := range org.Departments {
			org.Departments[i].Calendar = "" // always open
		}
	})
	o.must(err)
	ticket := o.open()
	if got := ticket.DueAt.Sub(ticket.CreatedAt); got != 30*time.Minute {
		t.Errorf("it is due after %v", got)
	}
	if got := ticket.ResponseDueAt.Sub(ticket.CreatedAt); got != 10*time.Minute {
		t.Errorf("its first response is due after %v", got)
	}
	ticket, err = o.patch("nora", ticket, desk.Patch{Priority: to(desk.PriorityCritical)})
	o.must(err)
	if got := ticket.DueAt.Sub(ticket.CreatedAt); got != 2*time.Hour {
		t.Errorf("what is critical is due after %v", got)
	}
}

func TestCalendarsRulesAndTargetsAreAuditedOneByOne(t *testing.T) {
	o := newOffice(t)
	_, err := o.reform("ada", desk.Options{}, func(org *desk.Organisation) {
		org.Calendars = append(org.Calendars, desk.Calendar{ID: "moon", Name: "Moon", Zone: "UTC", Week: map[string][]string{"mon": {"09:00-17:00"}}})
		org.Rules = append(org.Rules, desk.Rule{ID: "paint", Name: "Paint", Words: []string{"paint"}, Then: desk.Outcome{Department: "network"}})
		org.Targets = []desk.Target{{Priority: desk.PriorityLow, FirstResponse: 60, Resolution: 600}}
	})
	o.must(err)
	found, _, err := o.ListAudits(t.Context(), o.as("ada"), desk.Audits{}, desk.Page{})
	o.must(err)
	var got []string
	for _, e := range found {
		got = append(got, e.Kind+" "+e.Subject)
	}
	for _, want := range []string{"calendar.added calendar:moon", "rule.added rule:paint", "target.added target:low"} {
		if !slices.Contains(got, want) {
			t.Errorf("the audit has %q, not %q", got, want)
		}
	}
}
