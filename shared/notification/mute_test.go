package notification_test

import (
	"fmt"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
)

func TestAMutedTicketTellsOfMentionsAndAssignmentsOnly(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}})
	mute := func(who desk.PersonID, on bool) {
		t.Helper()
		for range 2 { // the second time changes nothing
			_, err := notification.Mute(t.Context(), o.Desk, o.as(who), ticket.Number, on)
			o.must(err)
		}
		if got, err := notification.Muted(t.Context(), o.Desk, o.as(who), string(ticket.ID)); err != nil || got != on {
			t.Errorf("%s: muted %v, %v", who, got, err)
		}
	}
	step := func(what, want string) {
		t.Helper()
		if got := o.deliver(); got != want {
			t.Errorf("%s: told %q, want %q", what, got, want)
		}
	}
	mute("uma", true)
	o.say("nora", ticket, false)
	step("a reply", "otto:comment")
	_, err := o.Comment(t.Context(), o.as("nora"), ticket.Number, desk.NewComment{Body: "@uma?"}, desk.Options{})
	o.must(err)
	step("a mention", "otto:comment uma:mention")
	o.update("mia", ticket, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	step("an assignment", "nora:assignment otto:status_change uma:assignment")
	mute("nora", true)
	_, err = o.Escalate(t.Context(), o.as("mia"), ticket.Number, desk.Escalation{Reason: "x"}, desk.Options{})
	o.must(err)
	step("an escalation", "")
	o.update("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	step("a status", "otto:status_change")
	mute("uma", false)
	o.say("nora", ticket, false)
	step("heard again", "otto:comment uma:comment")
	other := o.ticket(desk.NewTicket{})
	mute("uma", true)
	o.say("nora", other, false)
	step("another ticket", "uma:comment")
}

func TestAMutedTicketsFeedGoesOn(t *testing.T) {
	o, seen := newOffice(t), map[string]int64{}
	ticket := o.ticket(desk.NewTicket{})
	o.heard(seen)
	_, err := notification.Mute(t.Context(), o.Desk, o.as("uma"), ticket.Number, true)
	o.must(err)
	o.say("nora", ticket, false)
	o.deliver()
	if got := o.heard(seen); got != "network:comments uma:comments" {
		t.Errorf("heard %q", got)
	}
}

func TestOnlyWhoSeesATicketMutesIt(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{})
	for _, who := range []desk.PersonID{"otto", "liam"} {
		if _, err := notification.Mute(t.Context(), o.Desk, o.as(who), ticket.Number, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", who, err)
		}
		if _, err := notification.Muted(t.Context(), o.Desk, o.as(who), ticket.Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if n := len(o.store.Dump("threads")); n != 0 {
		t.Errorf("%d threads", n)
	}
}

func TestMutingAndHearingAgainLeavesNothingBehind(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{})
	for _, on := range []bool{true, false} {
		_, err := notification.Mute(t.Context(), o.Desk, o.as("mia"), ticket.Number, on)
		o.must(err)
	}
	if n := len(o.store.Dump("threads")); n != 0 {
		t.Errorf("%d threads", n)
	}
}

// prefer chooses for somebody.
func (o *office) prefer(who desk.PersonID, change func(*notification.Preferences)) {
	o.t.Helper()
	_, err := notification.ChangePreferences(o.t.Context(), o.Desk, o.as(who), change)
	o.must(err)
}

// waiting is what is kept to be sent, e.g. "uma:comment email 07:00".
func (o *office) waiting() string {
	o.t.Helper()
	text := ""
	for _, r := range o.store.Dump("deliveries") {
		var d notification.Delivery
		o.must(docdb.Decode(r, &d))
		text += fmt.Sprintf("%s:%s %v", d.Person, d.Type, d.Channel)
		if !d.HoldUntil.IsZero() {
			text += d.HoldUntil.Format(" 15:04")
		}
	}
	return text
}

func TestWhatSomebodyDoesNotWantIsNotTold(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{Watchers: []desk.PersonID{"otto"}})
	o.prefer("uma", func(p *notification.Preferences) { p.Choose(notification.Comment, notification.InApp, false) })
	o.say("nora", ticket, false)
	if got := o.deliver(); got != "otto:comment" {
		t.Errorf("told %q", got)
	}
	o.update("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	if got := o.deliver(); got != "otto:status_change uma:status_change" {
		t.Errorf("told %q", got)
	}
	if got := o.waiting(); got != "" {
		t.Errorf("to be sent: %s", got)
	}
	o.recount(t, "uma")
}

func TestQuietHoursHoldBackWhatRingsAndNothingElse(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket(desk.NewTicket{})
	o.prefer("uma", func(p *notification.Preferences) {
		p.Choose(notification.Comment, notification.Email, true)
		p.Quiet = notification.Quiet{From: "22:00", To: "07:00"}
	})
	o.say("nora", ticket, false)
	if got := o.deliver(); got != "uma:comment" || o.waiting() != "uma:comment email" {
		t.Errorf("by day told %q, to be sent: %s", got, o.waiting())
	}
	o.clear("deliveries")
	*o.clock = time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC)
	o.prefer("uma", func(p *notification.Preferences) { p.Choose(notification.Comment, notification.InApp, false) })
	o.say("nora", ticket, false)
	if got := o.deliver(); got != "" || o.waiting() != "uma:comment email 07:00" {
		t.Errorf("by night told %q, to be sent: %s", got, o.waiting())
	}
}

// clear removes all documents of a collection.
func (o *office) clear(collection string) {
	o.t.Helper()
	for _, r := range o.store.Dump(collection) {
		o.must(o.store.Commit(o.t.Context(), []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}))
	}
}

func TestPreferencesThatAreNoneChangeNothing(t *testing.T) {
	o := newOffice(t)
	_, err := notification.ChangePreferences(t.Context(), o.Desk, o.as("uma"), func(p *notification.Preferences) {
		p.Choose(notification.Comment, notification.InApp, false)
		p.Quiet.From = "22:00"
	})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	if p, err := notification.ReadPreferences(t.Context(), o.Desk, o.as("uma")); err != nil || !p.Wants(notification.Comment, notification.InApp) {
		t.Errorf("now %+v, %v", p, err)
	}
}

func TestNoticesOfATicketAreOneItemThatIsReadAtOnce(t *testing.T) {
	o := newOffice(t)
	a, b := o.ticket(desk.NewTicket{}), o.ticket(desk.NewTicket{})
	for _, one := range []desk.Ticket{a, a, b, a} {
		o.say("nora", one, false)
		o.deliver()
	}
	list := func() string {
		found, _, unread, err := notification.Threads(t.Context(), o.Desk, o.as("uma"), desk.Page{})
		o.must(err)
		text := ""
		for _, one := range found {
			text += fmt.Sprintf("%s %d/%d, ", map[desk.TicketID]string{a.ID: "a", b.ID: "b"}[one.Ticket], one.Unread, one.Count)
		}
		return text + fmt.Sprint(unread)
	}
	if got := list(); got != "a 3/3, b 1/1, 4" {
		t.Errorf("got %s", got)
	}
	for range 2 {
		o.must(notification.MarkTicketRead(t.Context(), o.Desk, o.as("uma"), string(a.ID)))
		if got := list(); got != "a 0/3, b 1/1, 1" {
			t.Errorf("got %s", got)
		}
	}
	o.must(notification.MarkTicketRead(t.Context(), o.Desk, o.as("otto"), string(b.ID))) // none of his
	o.must(notification.MarkTicketRead(t.Context(), o.Desk, o.as("uma"), "there-is-none"))
	o.must(notification.MarkAllRead(t.Context(), o.Desk, o.as("uma")))
	o.say("nora", b, false)
	o.deliver()
	if got := list(); got != "b 1/2, a 0/3, 1" {
		t.Errorf("got %s", got)
	}
}

func TestWhoHasReadSomethingSeesThatOnTheirOtherScreensToo(t *testing.T) {
	o, seen := newOffice(t), map[string]int64{}
	ticket := o.ticket(desk.NewTicket{})
	o.say("nora", ticket, false)
	o.deliver()
	o.heard(seen)
	uma := o.as("uma")
	o.must(notification.MarkTicketRead(t.Context(), o.Desk, uma, ticket.Number))
	if got := o.heard(seen); got != "uma:notifications!" {
		t.Errorf("heard %q", got)
	}
	o.must(notification.MarkTicketRead(t.Context(), o.Desk, uma, ticket.Number)) // nothing is unread
	o.must(notification.MarkAllRead(t.Context(), o.Desk, uma))
	if got := o.heard(seen); got != "uma:notifications!" {
		t.Errorf("heard %q", got)
	}
}
