package desk_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

func TestOnlyOneOfManyClaimsATicket(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	var mu sync.Mutex
	var group sync.WaitGroup
	won := []desk.PersonID{}
	for _, who := range []desk.PersonID{"nora", "noah", "mia", "ada"} {
		a := o.as(who)
		group.Go(func() {
			_, err := o.Claim(t.Context(), a, ticket.Number, desk.Options{})
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				won = append(won, a.ID)
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(won) != 1 || o.show("ada", ticket).Assignee != won[0] {
		t.Fatalf("%v claimed it", won)
	}
	again, err := o.Claim(t.Context(), o.as(won[0]), ticket.Number, desk.Options{})
	o.must(err)
	if again.Version != 2 {
		t.Errorf("claiming again made version %d", again.Version)
	}
}

func TestOnlyStaffOfTheTicketClaimIt(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.Claim(t.Context(), o.as("uma"), ticket.Number, desk.Options{})
	wantKind(t, err, fault.Forbidden)
	_, err = o.Claim(t.Context(), o.as("liam"), ticket.Number, desk.Options{})
	wantKind(t, err, fault.NotFound)
	_, err = o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusClosed)})
	o.must(err)
	_, err = o.Claim(t.Context(), o.as("nora"), ticket.Number, desk.Options{})
	wantKind(t, err, fault.Conflict)
}

func TestResolvingSaysWhatSolvedIt(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	got, err := o.Resolve(t.Context(), o.as("nora"), ticket.Number, desk.Resolution{Text: "A new fuser."}, desk.Options{})
	o.must(err)
	if got.Status != desk.StatusResolved || got.Resolution != "A new fuser." {
		t.Errorf("got %s, %q", got.Status, got.Resolution)
	}
}

func TestAnEscalationIsMarkedHandedOnAndTakenBack(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	escalate := func(who desk.PersonID, e desk.Escalation) (desk.Ticket, error) {
		return o.Escalate(t.Context(), o.as(who), ticket.Number, e, desk.Options{})
	}
	_, err := escalate("uma", desk.Escalation{Reason: "I am in a hurry."})
	wantKind(t, err, fault.Forbidden)
	_, err = escalate("nora", desk.Escalation{})
	wantKind(t, err, fault.Invalid)
	got, err := escalate("nora", desk.Escalation{Reason: "Beyond me.", Department: "it", Person: "mia"})
	o.must(err)
	if !got.Escalated || got.Escalation != "Beyond me." || got.Department != "it" || got.Assignee != "mia" {
		t.Errorf("got %+v", got)
	}
	for _, a := range o.history("uma", ticket) {
		for _, c := range a.Changes {
			if c.Field == "escalation_reason" {
				t.Error("the requester reads the reason")
			}
		}
	}
	got, err = o.Deescalate(t.Context(), o.as("mia"), ticket.Number, desk.Options{})
	o.must(err)
	if got.Escalated || got.Escalation != "" {
		t.Errorf("got %v, %q", got.Escalated, got.Escalation)
	}
}

func TestPeopleWatchForThemselvesAndStaffForOthers(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"otto"} })
	watch := func(who desk.PersonID, add, remove []desk.PersonID) error {
		_, err := o.Watch(t.Context(), o.as(who), ticket.Number, add, remove, desk.Options{})
		return err
	}
	one := func(id desk.PersonID) []desk.PersonID { return []desk.PersonID{id} }
	wantKind(t, watch("uma", one("noah"), nil), fault.Forbidden)
	wantKind(t, watch("otto", nil, one("uma")), fault.Forbidden)
	wantKind(t, watch("liam", one("liam"), nil), fault.NotFound)
	wantKind(t, watch("nora", one("gone"), nil), fault.Invalid)
	wantKind(t, watch("nora", one("nobody"), nil), fault.Invalid)
	o.must(watch("uma", one("uma"), nil))
	o.must(watch("uma", one("uma"), nil))
	o.must(watch("nora", one("liam"), nil))
	o.must(watch("otto", nil, one("otto")))
	o.must(watch("nora", nil, one("noah"))) // who doesn't watch it
	got := o.show("nora", ticket)
	if !slices.Equal(got.Watchers, []desk.PersonID{"liam", "uma"}) || got.Version != 4 {
		t.Errorf("watched by %v in version %d", got.Watchers, got.Version)
	}
	_, err := o.Show(t.Context(), o.as("otto"), ticket.Number)
	wantKind(t, err, fault.NotFound)
}

func TestTagsAreAddedAndRemovedOneByOne(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Tags = []string{"smoke"} })
	got, err := o.Tag(t.Context(), o.as("nora"), ticket.Number, []string{"Fire", "fire"}, []string{"smoke", "unknown"}, desk.Options{})
	o.must(err)
	if !slices.Equal(got.Tags, []string{"fire"}) {
		t.Errorf("tags %q", got.Tags)
	}
	_, err = o.Tag(t.Context(), o.as("nora"), ticket.Number, strings.Split("abcdefghij", ""), nil, desk.Options{})
	wantKind(t, err, fault.Invalid)
}

func TestLinksHaveTwoEndsThatAgree(t *testing.T) {
	o := newOffice(t)
	a, b, c := o.open(), o.open(), o.open()
	link := func(x desk.Ticket, kind desk.LinkKind, y desk.Ticket) error {
		_, err := o.Link(t.Context(), o.as("nora"), x.Number, kind, y.Number, desk.Options{})
		return err
	}
	ends := func(x desk.Ticket) string {
		var out []string
		for _, l := range o.show("nora", x).Links {
			out = append(out, string(l.Kind)+" "+l.Number[len(l.Number)-1:])
		}
		return strings.Join(out, ", ")
	}
	o.must(link(a, desk.Blocks, b))
	o.must(link(a, desk.ParentOf, c))
	if ends(a) != "blocks 2, parent_of 3" || ends(b) != "blocked_by 1" || ends(c) != "child_of 1" {
		t.Errorf("got %q, %q, %q", ends(a), ends(b), ends(c))
	}
	o.must(link(b, desk.Relates, a)) // takes the place of the other kind
	if ends(a) != "parent_of 3, relates 2" || ends(b) != "relates 1" {
		t.Errorf("got %q, %q", ends(a), ends(b))
	}
	wantKind(t, link(b, desk.ParentOf, c), fault.Conflict) // c has a parent
	wantKind(t, link(c, desk.ParentOf, b), fault.Conflict) // c is a child
	wantKind(t, link(a, desk.ChildOf, b), fault.Conflict)  // a has children
	wantKind(t, link(a, "likes", b), fault.Invalid)
	wantKind(t, link(a, desk.Relates, a), fault.Invalid)
	o.must(o.Unlink(t.Context(), o.as("nora"), c.Number, string(a.ID), desk.Options{}))
	if ends(a) != "relates 2" || ends(c) != "" {
		t.Errorf("got %q, %q", ends(a), ends(c))
	}
	wantKind(t, o.Unlink(t.Context(), o.as("nora"), c.Number, a.Number, desk.Options{}), fault.NotFound)
	o.must(o.Delete(t.Context(), o.as("ada"), b.Number, desk.Options{}))
	o.must(o.Unlink(t.Context(), o.as("nora"), a.Number, b.Number, desk.Options{}))
	if ends(a) != "" {
		t.Errorf("got %q", ends(a))
	}
}

func TestLinksNeedTheRightOnBothTicketsAndLeaveNoTraceForTheRequester(t *testing.T) {
	o := newOffice(t)
	a, b := o.open(), o.open(func(n *desk.NewTicket) { n.Department = "billing" })
	before := o.version("uma", a)
	_, err := o.Link(t.Context(), o.as("uma"), a.Number, desk.Relates, b.Number, desk.Options{})
	wantKind(t, err, fault.Forbidden)
	_, err = o.Link(t.Context(), o.as("nora"), a.Number, desk.Relates, b.Number, desk.Options{})
	wantKind(t, err, fault.Invalid)
	_, err = o.Link(t.Context(), o.as("ada"), a.Number, desk.Relates, b.Number, desk.Options{})
	o.must(err)
	wantKind(t, o.Unlink(t.Context(), o.as("nora"), a.Number, b.Number, desk.Options{}), fault.NotFound)
	if now := o.version("uma", a); now != before || len(o.history("uma", a)) != 1 {
		t.Errorf("the requester sees version %d and %d acts", now, len(o.history("uma", a)))
	}
}

func TestCommentsBecomeATicketOfTheirOwn(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Tags, n.Watchers = []string{"smoke"}, []desk.PersonID{"otto"} })
	o.say("uma", ticket, "stays", false)
	moved := o.say("uma", ticket, "And my screen is dark.", false)
	note := o.say("nora", ticket, "Third screen this week.", true)
	split := func(who desk.PersonID, n desk.NewSplit) (desk.Ticket, error) {
		n.Title = "A dark screen"
		return o.Split(t.Context(), o.as(who), ticket.Number, n, desk.Options{})
	}
	both := []desk.CommentID{note.ID, moved.ID, moved.ID}
	_, err := split("uma", desk.NewSplit{Comments: both})
	wantKind(t, err, fault.Forbidden)
	got, err := split("nora", desk.NewSplit{Comments: both})
	o.must(err)
	if got.Description != "And my screen is dark." || got.Requester != "uma" || got.Status != desk.StatusNew || got.Replies != 1 || got.Notes != 1 || got.Number == ticket.Number {
		t.Errorf("got %+v", got)
	}
	left := o.show("nora", ticket)
	if left.Replies != 1 || left.Notes != 0 || len(left.Links) != 1 || o.comments("nora", ticket) != "stays" {
		t.Errorf("left %+v", left)
	}
	if said := o.comments("uma", got); said != "And my screen is dark." {
		t.Errorf("uma reads %q", said)
	}
	if said := o.comments("nora", got); said != "And my screen is dark. Third screen this week." {
		t.Errorf("nora reads %q", said)
	}
}

func TestASplitNeverTurnsANoteIntoADescription(t *testing.T) {
	o := newOffice(t)
	ticket, other := o.open(), o.open()
	note, foreign := o.say("nora", ticket, "Known fault, see 881.", true), o.say("nora", other, "x", false)
	for name, ids := range map[string][]desk.CommentID{"a note": {note.ID}, "none": {}, "another ticket's": {foreign.ID}, "nonsense": {"x/y"}} {
		_, err := o.Split(t.Context(), o.as("nora"), ticket.Number, desk.NewSplit{Title: "Another", Comments: ids}, desk.Options{})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
