package desk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

func (o *office) say(who desk.PersonID, t desk.Ticket, body string, internal bool) desk.Comment {
	o.t.Helper()
	c, err := o.Comment(o.t.Context(), o.as(who), string(t.ID), desk.NewComment{Body: body, Internal: internal}, desk.Options{})
	o.must(err)
	return c
}

func (o *office) comments(who desk.PersonID, t desk.Ticket) string {
	o.t.Helper()
	var all []string
	page := desk.Page{Limit: 2}
	for {
		list, next, err := o.Comments(o.t.Context(), o.as(who), string(t.ID), page)
		o.must(err)
		for _, c := range list {
			all = append(all, c.Body)
		}
		if page.Cursor = next; next == "" {
			return strings.Join(all, " ")
		}
	}
}

func TestANoteLeavesNoTraceForTheRequester(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	see := func() string {
		got, err := o.Show(t.Context(), o.as("uma"), ticket.Number)
		o.must(err)
		acts := o.history("uma", ticket)
		data, err := json.Marshal([]any{got.VersionFor(o.as("uma")), got.UpdatedFor(o.as("uma")), got.Replies, acts, o.comments("uma", ticket)})
		o.must(err)
		return string(data)
	}
	before := see()
	o.later(time.Minute)
	o.say("nora", ticket, "Known fault, see 881.", true)
	if after := see(); after != before {
		t.Errorf("the note shows:\n%s\n%s", before, after)
	}
	if got := o.comments("nora", ticket); got != "Known fault, see 881." {
		t.Errorf("nora reads %q", got)
	}
}

func TestRepliesAndNotesInterleaveForStaffAcrossPages(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	for i := range 9 {
		o.say("nora", ticket, fmt.Sprint(i), i%3 == 1)
	}
	if got := o.comments("nora", ticket); got != "0 1 2 3 4 5 6 7 8" {
		t.Errorf("staff read %q", got)
	}
	if got := o.comments("uma", ticket); got != "0 2 3 5 6 8" {
		t.Errorf("the requester reads %q", got)
	}
}

func TestARequesterCantWriteANote(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.Comment(t.Context(), o.as("uma"), ticket.Number, desk.NewComment{Body: "psst", Internal: true}, desk.Options{})
	wantKind(t, err, fault.Forbidden)
}

func TestTheFirstReplyOfStaffIsTheFirstResponse(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	response := func() time.Time {
		got, err := o.Show(t.Context(), o.as("ada"), ticket.Number)
		o.must(err)
		return got.FirstResponseAt
	}
	o.say("uma", ticket, "Hello?", false)
	o.say("nora", ticket, "Looking.", true)
	_, err := o.Comment(t.Context(), desk.Robot("enrich", "e", 0), ticket.Number, desk.NewComment{Body: "We have received your ticket."}, desk.Options{})
	o.must(err)
	if !response().IsZero() {
		t.Error("a requester, a note or a robot counted as the first response")
	}
	o.later(time.Minute)
	o.say("nora", ticket, "On my way.", false)
	o.later(time.Minute)
	o.say("nora", ticket, "Done.", false)
	if want := morning.Add(time.Minute); !response().Equal(want) {
		t.Errorf("got %v, want %v", response(), want)
	}
}

func TestARequestersReplyReopensAResolvedTicket(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	o.must(err)
	o.say("nora", ticket, "Solved, tell us if not.", false)
	o.say("uma", ticket, "It still burns.", false)
	got, err := o.Show(t.Context(), o.as("uma"), ticket.Number)
	o.must(err)
	if got.Status != desk.StatusReopened || !got.ResolvedAt.IsZero() {
		t.Errorf("got %s", got.Status)
	}
}

func TestAThreadStaysWithinItsTicketAndItsSort(t *testing.T) {
	o := newOffice(t)
	ticket, other := o.open(), o.open()
	note, foreign := o.say("nora", ticket, "note", true), o.say("nora", other, "reply", false)
	reply := o.say("nora", ticket, "reply", false)
	for _, parent := range []desk.CommentID{note.ID, foreign.ID, "nonsense", "../x"} {
		_, err := o.Comment(t.Context(), o.as("uma"), ticket.Number, desk.NewComment{Body: "x", Parent: parent}, desk.Options{})
		wantKind(t, err, fault.Invalid)
	}
	c, err := o.Comment(t.Context(), o.as("uma"), ticket.Number, desk.NewComment{Body: "x", Parent: reply.ID}, desk.Options{})
	o.must(err)
	if c.Parent != reply.ID {
		t.Errorf("parent %q", c.Parent)
	}
}
