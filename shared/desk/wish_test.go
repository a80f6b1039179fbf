package desk_test

import (
	"errors"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

func TestAWishComesTrueInOneGoWithAnActForEachOfItsParts(t *testing.T) {
	o := newOffice(t)
	tk := o.open(func(n *desk.NewTicket) { n.Tags = []string{"old"} })
	wish := desk.Wish{
		Reply: "We are on it.", Note: "Known fault.", Escalate: "Third time.", AddTags: []string{"Outage"}, RemoveTags: []string{"old"},
		Patch: desk.Patch{Assignee: to(desk.PersonID("nora")), Priority: to(desk.PriorityHigh)},
	}
	got, err := o.Apply(t.Context(), o.as("nora"), tk.Number, wish, desk.Options{IfVersion: 1})
	o.must(err)
	if got.Version != 4 || got.PublicVersion != 3 || got.Replies != 1 || got.Notes != 1 || !got.Escalated || got.Assignee != "nora" || got.Tags[0] != "outage" || got.FirstResponseAt.IsZero() {
		t.Errorf("got %+v", got)
	}
	var kinds []string
	for _, a := range o.history("nora", tk)[1:] {
		kinds = append(kinds, a.Type)
	}
	if len(kinds) != 3 || kinds[0] != desk.TicketReplied || kinds[1] != desk.TicketNoted || kinds[2] != desk.TicketEscalated {
		t.Errorf("acts %v", kinds)
	}
	if seen := o.history("uma", tk); len(seen) != 3 || seen[2].Changes[0].Field != "tags" {
		t.Errorf("the requester sees %+v", seen)
	}
	if n := len(o.store.Dump(event.OutboxCollection)); n != 4 {
		t.Errorf("%d facts", n)
	}
	agent, err := docdb.Get[desk.Agent](t.Context(), o.DB, docdb.Key{Collection: "agents", ID: "nora"})
	if err != nil || agent.Open != 1 {
		t.Errorf("nora has %d open (%v)", agent.Open, err)
	}
}

func TestAWishThatFailsInOnePartDoesNothing(t *testing.T) {
	o := newOffice(t)
	tk := o.open()
	before := o.store.Dump("tickets")
	for _, wish := range []desk.Wish{
		{Reply: "x", Patch: desk.Patch{Assignee: to(desk.PersonID("gone"))}},
		{Note: "x", Patch: desk.Patch{Status: to(desk.StatusReopened)}},
		{Reply: "x", Patch: desk.Patch{Category: to("fax")}},
	} {
		if _, err := o.Apply(t.Context(), o.as("nora"), tk.Number, wish, desk.Options{}); err == nil {
			t.Errorf("%+v came true", wish)
		}
	}
	if _, err := o.Apply(t.Context(), o.as("uma"), tk.Number, desk.Wish{Note: "x"}, desk.Options{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a requester's note: %v", err)
	}
	if _, err := o.Apply(t.Context(), o.as("otto"), tk.Number, desk.Wish{Reply: "x"}, desk.Options{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	after := o.store.Dump("tickets")
	if after[0].Version != before[0].Version || len(o.store.Dump("replies")) != 0 || len(o.store.Dump("acts")) != 1 {
		t.Error("something was done")
	}
}

func TestAWishOfNothingNewWritesNothing(t *testing.T) {
	o := newOffice(t)
	tk := o.open()
	got, err := o.ApplyTraced(t.Context(), o.as("nora"), tk.Number, desk.Wish{Patch: desk.Patch{Priority: to(desk.PriorityMedium)}}, desk.Options{})
	o.must(err)
	if got.Last >= got.First || len(o.store.Dump("acts")) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestJudgingChangesNothingAndSaysWhatApplyingWould(t *testing.T) {
	o := newOffice(t)
	tk := o.open()
	o.must(o.Judge(t.Context(), o.as("nora"), tk.Number, desk.Wish{Note: "x", Patch: desk.Patch{Status: to(desk.StatusResolved)}}))
	err := o.Judge(t.Context(), o.as("nora"), tk.Number, desk.Wish{Patch: desk.Patch{Status: to(desk.StatusReopened)}})
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != "illegal_transition" {
		t.Errorf("got %v", err)
	}
	if len(o.store.Dump("acts"))+len(o.store.Dump("notes")) != 1 {
		t.Error("something was written")
	}
}

func TestAWishIsCheckedWithoutATicket(t *testing.T) {
	o := newOffice(t)
	org, err := o.Organisation(t.Context())
	o.must(err)
	for name, wish := range map[string]desk.Wish{
		"status":     {Patch: desk.Patch{Status: to(desk.StatusMerged)}},
		"priority":   {Patch: desk.Patch{Priority: to(desk.Priority("soon"))}},
		"department": {Patch: desk.Patch{Department: to(desk.DepartmentID("moon"))}},
		"assignee":   {Patch: desk.Patch{Assignee: to(desk.PersonID("../x"))}},
		"tags":       {AddTags: []string{""}},
		"values":     {Patch: desk.Patch{Values: map[string]any{"x": []any{}}}},
		"escalate":   {Escalate: "a\x00"},
	} {
		if err := wish.Check(org); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.must(desk.Wish{Patch: desk.Patch{Department: to(desk.DepartmentID("it")), Values: map[string]any{"x": 1.5, "y": nil}}}.Check(org))
}
