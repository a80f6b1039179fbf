package notification_test

import (
	"fmt"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/notification"
)

func (o *office) ticket(n desk.NewTicket) desk.Ticket {
	o.t.Helper()
	n.Title, n.Description, n.Department = "Printer on fire", "x", "network"
	t, err := o.Create(o.t.Context(), o.as("uma"), n, desk.Options{})
	o.must(err)
	o.deliver()
	return t
}

func TestAnEscalationReachesThoseWhoCanHelp(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}})
	escalate := func(e desk.Escalation) string {
		e.Reason = "Beyond me."
		_, err := o.Escalate(t.Context(), o.as("nora"), ticket.Number, e, desk.Options{})
		o.must(err)
		return o.deliver()
	}
	if got := escalate(desk.Escalation{}); got != "mia:escalation" {
		t.Errorf("told %q", got)
	}
	if got := escalate(desk.Escalation{Person: "noah"}); got != "mia:escalation noah:escalation otto:status_change uma:assignment" {
		t.Errorf("told %q", got)
	}
	o.update("nora", ticket, desk.Patch{Priority: to(desk.PriorityCritical)})
	o.deliver()
	if got := escalate(desk.Escalation{}); got != "ada:escalation mia:escalation noah:escalation" {
		t.Errorf("of a critical one told %q", got)
	}
}

func TestWhomACommentCallsIsToldOnceIfTheyMayReadIt(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}})
	say := func(body string, internal bool) (desk.Comment, string) {
		c, err := o.Comment(t.Context(), o.as("nora"), ticket.Number, desk.NewComment{Body: body, Internal: internal}, desk.Options{})
		o.must(err)
		return c, o.deliver()
	}
	if _, got := say("@noah and @uma, @liam, @nora: look.", false); got != "noah:mention otto:comment uma:mention" {
		t.Errorf("told %q", got)
	}
	note, got := say("@mia and @otto", true)
	if got != "mia:mention" {
		t.Errorf("of a note told %q", got)
	}
	_, err := o.EditComment(t.Context(), o.as("nora"), ticket.Number, note.ID, "@mia and @noah and @uma", desk.Options{})
	o.must(err)
	if got := o.deliver(); got != "noah:mention" {
		t.Errorf("of a corrected note told %q", got)
	}
}

func TestAMergeIsToldToThoseOfTheSourceWhoThenHearOfTheTarget(t *testing.T) {
	o := newOffice(t)
	source, target := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}}), o.ticket(desk.NewTicket{})
	_, err := o.Merge(t.Context(), o.as("nora"), source.Number, target.Number, desk.Options{})
	o.must(err)
	if got := o.deliver(); got != "otto:status_change uma:status_change" {
		t.Errorf("told %q", got)
	}
	o.say("nora", target, false)
	if got := o.deliver(); got != "otto:comment uma:comment" {
		t.Errorf("of a reply told %q", got)
	}
	o.say("nora", target, true)
	if got := o.deliver(); got != "" {
		t.Errorf("of a note told %q", got)
	}
	_, err = o.Unmerge(t.Context(), o.as("nora"), source.Number, desk.Options{})
	o.must(err)
	if got := o.deliver(); got != "otto:status_change uma:status_change" {
		t.Errorf("told %q", got)
	}
	o.say("nora", target, false)
	if got := o.deliver(); got != "uma:comment" {
		t.Errorf("of a reply told %q", got)
	}
}

func TestLinksTellNobody(t *testing.T) {
	o := newOffice(t)
	a, b := o.ticket(desk.NewTicket{}), o.ticket(desk.NewTicket{})
	_, err := o.Link(t.Context(), o.as("nora"), a.Number, desk.Blocks, b.Number, desk.Options{})
	o.must(err)
	if got := o.deliver(); got != "" {
		t.Errorf("told %q", got)
	}
}

func TestDeadlinesAreToldToThoseWhoCanKeepThemAndThenToThoseAbove(t *testing.T) {
	org := &desk.Organisation{Departments: []desk.Department{{ID: "it", Active: true, Managers: []desk.PersonID{"mia"}}}}
	for _, c := range []struct {
		alarm    string
		assignee desk.PersonID
		want     string
	}{
		{"response~75~high", "nora", "[nora]"}, {"response~75~high", "", "[mia]"}, {"response~100~high", "nora", "[nora mia ada]"},
		{"resolution~75~high", "nora", "[nora]"}, {"resolution~100~high", "nora", "[nora mia ada]"}, {"resolution~150~high", "nora", "[nora mia ada]"},
		{"hold~2026-11-30T09:00:00Z", "nora", "[nora]"}, {"closing~0", "nora", "[uma]"}, {"rewound", "nora", "[]"},
	} {
		f := desk.Fact{Title: "Printer", Department: "it", Requester: "uma", Assignee: c.assignee, Alarm: c.alarm}
		told := []desk.PersonID{}
		for _, w := range notification.Audience(desk.TicketAlarm, "robot:alarm", f, org, []desk.PersonID{"ada"}) {
			told = append(told, w.Person)
		}
		if fmt.Sprint(told) != c.want {
			t.Errorf("%s: told %v, want %s", c.alarm, told, c.want)
		}
	}
}
