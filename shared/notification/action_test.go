package notification_test

import (
	"testing"

	"ticketsystem.example/shared/desk"
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
