package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

func (o *office) merge(who desk.PersonID, from, into desk.Ticket) (desk.Ticket, error) {
	return o.Merge(o.t.Context(), o.as(who), from.Number, into.Number, desk.Options{})
}

func (o *office) unmerge(who desk.PersonID, from desk.Ticket) (desk.Ticket, error) {
	return o.Unmerge(o.t.Context(), o.as(who), from.Number, desk.Options{})
}

func (o *office) show(who desk.PersonID, t desk.Ticket) desk.Ticket {
	o.t.Helper()
	got, err := o.Show(o.t.Context(), o.as(who), t.Number)
	o.must(err)
	return got
}

// version is the version that somebody knows of.
func (o *office) version(who desk.PersonID, t desk.Ticket) int64 {
	o.t.Helper()
	got := o.show(who, t)
	return got.VersionFor(o.as(who))
}

// timeless is a collection without what may differ after merging and unmerging.
func timeless(store *docdb.Memory, collection string) string {
	var all []string
	for _, r := range store.Dump(collection) {
		for _, f := range []string{"version", "public_version", "updated_at", "public_updated_at", "chain"} {
			delete(r.Fields, f)
		}
		all = append(all, r.Key.ID+" "+canon(r.Fields))
	}
	return strings.Join(all, "\n")
}

func TestUnmergingRestoresBothTicketsExactly(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := newLife(t, r)
		for range rapid.IntRange(0, 15).Draw(r, "before") {
			l.act(everything...)
		}
		before := map[string]string{}
		for _, c := range []string{"tickets", "replies", "notes", "agents", "reply_versions", "note_versions"} {
			before[c] = timeless(l.store, c)
		}
		ref, into := l.some(), l.some()
		if _, err := l.Merge(t.Context(), l.as("ada"), ref, into, desk.Options{}); err != nil {
			return // not every two tickets can be merged
		}
		_, err := l.Unmerge(t.Context(), l.as("ada"), ref, desk.Options{})
		l.must(err)
		for c, want := range before {
			if got := timeless(l.store, c); got != want {
				r.Fatalf("%s were\n%s\nand are\n%s", c, want, got)
			}
		}
	})
}

// TestAMergeThatIsUndoneLeavesWhatHappenedMeanwhile runs the same acts twice, once
// within a merge, and expects the same tickets in the end.
func TestAMergeThatIsUndoneLeavesWhatHappenedMeanwhile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		merged, plain := newLife(t, r), newLife(t, r)
		_, err := merged.Merge(t.Context(), merged.as("ada"), "t001", "t002", desk.Options{})
		merged.must(err)
		for range rapid.IntRange(0, 10).Draw(r, "meanwhile") {
			who := rapid.SampledFrom([]desk.PersonID{"ada", "nora", "mia", "noah"}).Draw(r, "who")
			tag := rapid.SampledFrom([]string{"red", "green"}).Draw(r, "tag")
			watcher := rapid.SampledFrom([]desk.PersonID{"uma", "otto", "noah"}).Draw(r, "watcher")
			choice := rapid.IntRange(0, 4).Draw(r, "choice")
			for _, l := range []*life{merged, plain} {
				l.later(time.Minute)
				l.meanwhile(choice, who, tag, watcher)
			}
		}
		_, err = merged.Unmerge(t.Context(), merged.as("ada"), "t001", desk.Options{})
		merged.must(err)
		if got, want := timeless(merged.store, "tickets"), timeless(plain.store, "tickets"); got != want {
			r.Fatalf("merged and unmerged\n%s\nwithout it\n%s", got, want)
		}
	})
}

func (l *life) meanwhile(choice int, who desk.PersonID, tag string, watcher desk.PersonID) {
	ctx, a, err := l.t.Context(), l.as(who), error(nil)
	switch choice {
	case 0:
		_, err = l.Tag(ctx, a, "t002", []string{tag}, nil, desk.Options{})
	case 1:
		_, err = l.Watch(ctx, a, "t002", []desk.PersonID{watcher}, nil, desk.Options{})
	case 2:
		_, err = l.Comment(ctx, a, "t002", desk.NewComment{Body: tag}, desk.Options{})
	case 3:
		_, err = l.Update(ctx, a, "t002", desk.Patch{Assignee: to(desk.PersonID("nora"))}, desk.Options{})
	case 4:
		_, err = l.Escalate(ctx, a, "t002", desk.Escalation{Reason: tag}, desk.Options{})
	}
	l.must(err)
}

func TestAMergedTicketGoesOnInItsTarget(t *testing.T) {
	o := newOffice(t)
	from, into := o.open(func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"otto"} }), o.open()
	o.say("uma", from, "first", false)
	o.later(time.Second)
	o.say("nora", into, "second", false)
	o.later(time.Second)
	secret := o.say("nora", from, "secret", true)
	got, err := o.merge("nora", from, into)
	o.must(err)
	if got.Status != desk.StatusMerged || got.MergedInto.Number != into.Number {
		t.Errorf("got %s into %+v", got.Status, got.MergedInto)
	}
	if said := o.comments("nora", into); said != "first second secret" {
		t.Errorf("nora reads %q", said)
	}
	if said := o.comments("otto", into); said != "first second" { // who watched the source
		t.Errorf("otto reads %q", said)
	}
	_, err = o.Comment(t.Context(), o.as("uma"), from.Number, desk.NewComment{Body: "Hello?"}, desk.Options{})
	wantKind(t, err, fault.Conflict)
	if f := err.(*fault.Error); !strings.Contains(f.Message, into.Number) || !slices.Equal(f.Allowed, []string{into.Number}) {
		t.Errorf("the refusal doesn't say where: %v", f)
	}
	for name, p := range map[string]desk.Patch{"title": {Title: to("Other")}, "tags": {Tags: to([]string{"x"})}, "assignee": {Assignee: to(desk.PersonID("nora"))}} {
		if _, err := o.patch("nora", from, p); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s of a merged ticket: %v", name, err)
		}
	}
	reply, err := o.Comment(t.Context(), o.as("nora"), into.Number, desk.NewComment{Body: "third", Parent: secret.ID, Internal: true}, desk.Options{})
	o.must(err)
	if reply.Parent != secret.ID {
		t.Errorf("it answers %q", reply.Parent)
	}
	_, err = o.unmerge("nora", from)
	o.must(err)
	if said := o.comments("nora", into); said != "second third" {
		t.Errorf("after unmerging nora reads %q", said)
	}
	_, err = o.Show(t.Context(), o.as("otto"), into.Number)
	wantKind(t, err, fault.NotFound)
}

func TestMergingNeedsTheRightOnBothTickets(t *testing.T) {
	o := newOffice(t)
	network, billing := o.open(), o.open(func(n *desk.NewTicket) { n.Department = "billing" })
	_, err := o.merge("nora", network, billing)
	wantKind(t, err, fault.Invalid) // nora doesn't know of the other
	_, err = o.merge("liam", network, billing)
	wantKind(t, err, fault.NotFound)
	_, err = o.merge("uma", network, billing)
	wantKind(t, err, fault.Forbidden)
	_, err = o.merge("ada", network, billing)
	o.must(err)
	_, err = o.unmerge("nora", network)
	wantKind(t, err, fault.NotFound)
	_, err = o.unmerge("uma", network)
	wantKind(t, err, fault.Forbidden)
	_, err = o.unmerge("ada", network)
	o.must(err)
}

func TestSomeTicketsCannotBeMerged(t *testing.T) {
	o := newOffice(t)
	a, b, c, closed := o.open(), o.open(), o.open(), o.open()
	_, err := o.patch("nora", closed, desk.Patch{Status: to(desk.StatusClosed)})
	o.must(err)
	_, err = o.merge("nora", a, b)
	o.must(err)
	for name, pair := range map[string][2]desk.Ticket{"merged again": {a, c}, "into a merged one": {c, a}, "into a closed one": {c, closed}} {
		if _, err := o.merge("nora", pair[0], pair[1]); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = o.merge("nora", c, c)
	wantKind(t, err, fault.Invalid)
	_, err = o.unmerge("nora", c)
	wantKind(t, err, fault.Conflict)
	for _, x := range []desk.Ticket{a, b} {
		wantKind(t, o.Delete(t.Context(), o.as("ada"), x.Number, desk.Options{}), fault.Conflict)
	}
}

func TestWhatHoldsMergedTicketsCanBeMergedToo(t *testing.T) {
	o := newOffice(t)
	a, b, c := o.open(), o.open(), o.open()
	for i, x := range []desk.Ticket{a, b, c} {
		o.later(time.Second)
		o.say("nora", x, string("abc"[i]), false)
	}
	_, err := o.merge("nora", a, b)
	o.must(err)
	_, err = o.merge("nora", b, c)
	o.must(err)
	if said := o.comments("uma", c); said != "a b c" {
		t.Errorf("uma reads %q", said)
	}
	_, err = o.unmerge("nora", a) // b, which holds it, takes no changes
	wantKind(t, err, fault.Conflict)
	_, err = o.unmerge("nora", b)
	o.must(err)
	_, err = o.unmerge("nora", a)
	o.must(err)
}

func TestATicketHoldsALimitedNumberOfOthers(t *testing.T) {
	o := newOffice(t)
	into := o.open()
	for range desk.MaxThread - 1 {
		_, err := o.merge("nora", o.open(), into)
		o.must(err)
	}
	_, err := o.merge("nora", o.open(), into)
	wantKind(t, err, fault.Conflict)
	if said := o.comments("uma", into); said != "" {
		t.Errorf("uma reads %q", said)
	}
}

func TestAMergedTicketIsNotRouted(t *testing.T) {
	o := newOffice(t)
	from, into := o.open(), o.open()
	_, err := o.merge("nora", from, into)
	o.must(err)
	before := o.show("ada", from).Version
	o.must(o.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return o.RouteIn(t.Context(), tx, desk.Robot("route", "e", 0), from.ID, func(*desk.Organisation, desk.Ticket) (desk.Decision, error) {
			t.Error("somebody decided")
			return desk.Decision{}, nil
		})
	}))
	if now := o.show("ada", from).Version; now != before {
		t.Errorf("version %d became %d", before, now)
	}
}
