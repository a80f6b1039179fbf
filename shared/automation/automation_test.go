package automation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/automation"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

// office is a small organisation on the in-memory twin.
type office struct {
	*desk.Desk
	t *testing.T
}

func newOffice(t *testing.T) *office {
	t.Helper()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &office{desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()).Twice(), func() time.Time { at = at.Add(time.Millisecond); return at }), t}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		o.must(o.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(id desk.PersonID) desk.Actor {
	o.t.Helper()
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

// macro saves one that makes the changes.
func (o *office) macro(c preset.Changes) string {
	o.t.Helper()
	p, err := preset.Create(o.t.Context(), o.Desk, o.as("ada"), preset.Macro, preset.Draft{Name: "Changes", Changes: c}, desk.Options{})
	o.must(err)
	return p.ID
}

// when lets a macro be used on facts of a type where the condition holds.
func (o *office) when(kind, condition, macro string) automation.Automation {
	o.t.Helper()
	a, err := automation.Create(o.t.Context(), o.Desk, o.as("ada"), automation.Draft{Name: "When", On: []string{kind}, Condition: condition, Macro: macro, Active: true}, desk.Options{})
	o.must(err)
	return a
}

func (o *office) open(title string) desk.Ticket {
	o.t.Helper()
	t, err := o.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: title, Description: "x", Department: "it"}, desk.Options{})
	o.must(err)
	return t
}

// settle delivers every fact twice, and those that follow, until there are no more.
func (o *office) settle() int {
	o.t.Helper()
	seen := map[string]bool{}
	for more := true; more; {
		more = false
		facts, err := docdb.Find[event.Event](o.t.Context(), o.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 500})
		o.must(err)
		for _, e := range facts {
			if seen[e.ID] {
				continue
			}
			seen[e.ID], more = true, true
			for range 2 {
				o.must(automation.Handle(o.t.Context(), o.Desk, e))
			}
		}
	}
	return len(seen)
}

func (o *office) get(t desk.Ticket) desk.Ticket {
	o.t.Helper()
	t, err := o.Show(o.t.Context(), o.as("ada"), string(t.ID))
	o.must(err)
	return t
}

func (o *office) runs(a automation.Automation) []automation.Run {
	o.t.Helper()
	list, _, err := automation.Runs(o.t.Context(), o.Desk, o.as("ada"), a.ID, desk.Page{})
	o.must(err)
	return list
}

func TestAMacroIsUsedOnceWhereTheConditionHolds(t *testing.T) {
	o := newOffice(t)
	a := o.when("ticket.created", `ticket.title.contains("fire")`, o.macro(preset.Changes{AddTags: []string{"hot"}, Escalate: "Fire"}))
	fire, ice := o.open("Printer on fire"), o.open("Printer on ice")
	o.settle()
	if got := o.get(fire); !slices.Contains(got.Tags, "hot") || !got.Escalated || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	if got := o.get(ice); got.Version != 1 {
		t.Errorf("%+v", got)
	}
	if log := o.runs(a); len(log) != 1 || log[0].Outcome != automation.Done || log[0].Ticket != fire.ID {
		t.Errorf("%+v", log)
	}
}

func TestTwoThatUndoEachOtherEnd(t *testing.T) {
	o := newOffice(t)
	a := o.when("ticket.updated", `"a" in ticket.tags`, o.macro(preset.Changes{RemoveTags: []string{"a"}, AddTags: []string{"b"}}))
	b := o.when("ticket.updated", `"b" in ticket.tags`, o.macro(preset.Changes{RemoveTags: []string{"b"}, AddTags: []string{"a"}}))
	ticket := o.open("A ticket")
	tags := []string{"a"}
	_, err := o.Update(t.Context(), o.as("nora"), ticket.Number, desk.Patch{Tags: &tags}, desk.Options{})
	o.must(err)
	if n := o.settle(); n > 40 {
		t.Errorf("%d facts", n)
	}
	log := append(o.runs(a), o.runs(b)...)
	if !slices.ContainsFunc(log, func(r automation.Run) bool { return r.Outcome == automation.Looped }) {
		t.Errorf("%+v", log)
	}
}

func TestWhatCannotBeDoneIsLoggedAndTheNextGoesOn(t *testing.T) {
	o := newOffice(t)
	closing := o.when("ticket.created", "", o.macro(preset.Changes{Status: desk.StatusReopened}))
	after := o.when("ticket.created", "", o.macro(preset.Changes{AddTags: []string{"after"}}))
	broken := o.when("ticket.created", "1 / ticket.replies > 0", o.macro(preset.Changes{AddTags: []string{"never"}}))
	ticket := o.get(o.open("A ticket"))
	o.settle()
	if log := o.runs(closing); len(log) != 1 || log[0].Outcome != automation.Refused || log[0].Reason == "" {
		t.Errorf("%+v", log)
	}
	if log := o.runs(after); len(log) != 1 || log[0].Outcome != automation.Done {
		t.Errorf("%+v", log)
	}
	if log := o.runs(broken); len(log) != 1 || log[0].Outcome != automation.Failed {
		t.Errorf("%+v", log)
	}
	if got := o.get(ticket); !slices.Equal(got.Tags, []string{"after"}) {
		t.Errorf("%+v", got.Tags)
	}
}

func TestARobotsReplyIsNoResponse(t *testing.T) {
	o := newOffice(t)
	p, err := preset.Create(t.Context(), o.Desk, o.as("ada"), preset.Macro, preset.Draft{Name: "Thanks", Reply: preset.Words{Language: "en", Texts: map[string]string{"en": "We have it."}}}, desk.Options{})
	o.must(err)
	o.when("ticket.created", "", p.ID)
	ticket := o.open("A ticket")
	o.settle()
	if got := o.get(ticket); got.Replies != 1 || !got.FirstResponseAt.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestAnAutomationIsCheckedAuditedAndVersioned(t *testing.T) {
	o := newOffice(t)
	macro := o.macro(preset.Changes{AddTags: []string{"a"}})
	for name, d := range map[string]automation.Draft{
		"no name":         {On: []string{"ticket.created"}, Macro: macro},
		"no facts":        {Name: "x", Macro: macro},
		"unknown facts":   {Name: "x", On: []string{"person.changed"}, Macro: macro},
		"no macro":        {Name: "x", On: []string{"ticket.created"}, Macro: "none"},
		"a bad condition": {Name: "x", On: []string{"ticket.created"}, Macro: macro, Condition: "ticket.x"},
	} {
		if _, err := automation.Create(t.Context(), o.Desk, o.as("ada"), d, desk.Options{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := o.when("ticket.created", "", macro)
	d := a.Draft
	d.Active = false
	_, err := automation.Replace(t.Context(), o.Desk, o.as("ada"), a.ID, a.Version, d)
	o.must(err)
	if _, err := automation.Replace(t.Context(), o.Desk, o.as("ada"), a.ID, a.Version, d); !fault.Is(err, fault.Stale) {
		t.Errorf("an old version was taken: %v", err)
	}
	ticket := o.open("A ticket")
	o.settle()
	if got := o.get(ticket); got.Version != 1 {
		t.Error("what isn't active acts")
	}
	o.must(automation.Delete(t.Context(), o.Desk, o.as("ada"), a.ID, 0))
	entries, _, err := o.ListAudits(t.Context(), o.as("ada"), desk.Audits{Subject: "automation:" + a.ID}, desk.Page{})
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
	}
	if err != nil || strings.Join(kinds, " ") != "automation.deleted automation.changed automation.added" {
		t.Errorf("%v, %v", kinds, err)
	}
}

func TestOnlyAdministratorsKeepAutomations(t *testing.T) {
	o := newOffice(t)
	a := o.when("ticket.created", "", o.macro(preset.Changes{AddTags: []string{"a"}}))
	for _, who := range []desk.PersonID{"nora", "uma"} {
		_, list := automation.List(t.Context(), o.Desk, o.as(who))
		_, create := automation.Create(t.Context(), o.Desk, o.as(who), a.Draft, desk.Options{})
		_, replace := automation.Replace(t.Context(), o.Desk, o.as(who), a.ID, 1, a.Draft)
		_, _, runs := automation.Runs(t.Context(), o.Desk, o.as(who), a.ID, desk.Page{})
		_, _, dry := automation.DryRun(t.Context(), o.Desk, o.as(who), "", "ticket.created")
		for _, err := range []error{list, create, replace, runs, dry, automation.Delete(t.Context(), o.Desk, o.as(who), a.ID, 0)} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", who, err)
			}
		}
	}
}

func TestADryRunTellsAndChangesNothing(t *testing.T) {
	o := newOffice(t)
	fire := o.open("Printer on fire")
	o.open("Printer on ice")
	tried, matched, err := automation.DryRun(t.Context(), o.Desk, o.as("ada"), `ticket.title.contains("fire") && event.by_requester`, "ticket.created")
	if err != nil || tried != 2 || len(matched) != 1 || matched[0].ID != fire.ID {
		t.Errorf("%d, %v, %v", tried, matched, err)
	}
	if o.get(fire).Version != 1 {
		t.Error("it changed something")
	}
}
