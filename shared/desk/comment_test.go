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

func TestACommentIsStoredAsSafeHTML(t *testing.T) {
	o := newOffice(t)
	c := o.say("uma", o.open(), "*Help* <script>alert(1)</script>", false)
	if want := "<p><em>Help</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>"; c.HTML != want {
		t.Errorf("got %q", c.HTML)
	}
}

func TestMentionsReachThoseWhoMayReadThem(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"otto"} })
	p, err := o.Person(t.Context(), "noah")
	o.must(err)
	p.ID, p.Email = "zX81", "nick.noah@demo.example"
	o.must(o.SavePerson(t.Context(), p))
	for _, c := range []struct {
		body              string
		internal          bool
		called, unreached string
	}{
		{"@otto @nora @nick.noah @Nick.Noah @liam @nobody @gone", false, "[otto nora zX81]", "[liam nobody gone]"},
		{"@otto @nora", true, "[nora]", "[otto]"},
		{"nobody at all", false, "[]", "[]"},
	} {
		got := o.say("nora", ticket, c.body, c.internal)
		if fmt.Sprint(got.Mentions) != c.called || fmt.Sprint(got.Unreached) != c.unreached {
			t.Errorf("%q calls %v, not %v", c.body, got.Mentions, got.Unreached)
		}
	}
	_, err = o.Comment(t.Context(), o.as("nora"), ticket.Number, desk.NewComment{Body: "@a @b @c @d @e @f @g @h @i @j @k"}, desk.Options{})
	wantKind(t, err, fault.Invalid)
	if data := fmt.Sprint(o.store.Dump("replies")); strings.Contains(data, "unreached") {
		t.Error("the names that were called in vain are stored")
	}
}

func (o *office) edit(who desk.PersonID, t desk.Ticket, id desk.CommentID, body string) (desk.Comment, error) {
	return o.EditComment(o.t.Context(), o.as(who), string(t.ID), id, body, desk.Options{})
}

func TestAnAuthorCorrectsACommentForAWhile(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	c := o.say("nora", ticket, "Tunr it off.", false)
	for _, who := range []desk.PersonID{"ada", "noah", "uma"} {
		_, err := o.edit(who, ticket, c.ID, "Mine.")
		wantKind(t, err, fault.Forbidden)
	}
	o.later(desk.EditWindow)
	for _, body := range []string{"Turn it off.", "Turn it off.", "*Turn* it off, @noah."} {
		_, err := o.edit("nora", ticket, c.ID, body)
		o.must(err)
	}
	got, _, err := o.Comments(t.Context(), o.as("uma"), ticket.Number, desk.Page{})
	o.must(err)
	if got[0].HTML != "<p><em>Turn</em> it off, @noah.</p>" || got[0].Edits != 2 || len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	old, _, err := o.CommentVersions(t.Context(), o.as("uma"), ticket.Number, c.ID, desk.Page{})
	o.must(err)
	if len(old) != 2 || old[0].Body != "Tunr it off." || old[1].Body != "Turn it off." || !old[0].At.Equal(morning) {
		t.Errorf("before it said %+v", old)
	}
	o.later(time.Second)
	_, err = o.edit("nora", ticket, c.ID, "Too late.")
	wantKind(t, err, fault.Conflict)
}

func TestANotesVersionsAreAsHiddenAsTheNote(t *testing.T) {
	o := newOffice(t)
	ticket, other := o.open(), o.open()
	note := o.say("nora", ticket, "Known fault, see 881.", true)
	before := o.version("uma", ticket)
	_, err := o.edit("nora", ticket, note.ID, "Known fault.")
	o.must(err)
	_, _, err = o.CommentVersions(t.Context(), o.as("uma"), ticket.Number, note.ID, desk.Page{})
	wantKind(t, err, fault.NotFound)
	_, err = o.edit("uma", ticket, note.ID, "x")
	wantKind(t, err, fault.NotFound)
	_, err = o.edit("nora", other, note.ID, "x")
	wantKind(t, err, fault.NotFound)
	if now := o.version("uma", ticket); now != before || len(o.history("uma", ticket)) != 1 {
		t.Error("the requester notices that a note was corrected")
	}
}

func TestAReplyToAnOldStateSaysWhatChanged(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	reply := func(who desk.PersonID, seen int64, force bool) (desk.Comment, error) {
		return o.Comment(t.Context(), o.as(who), ticket.Number, desk.NewComment{Body: "Still there?", Seen: seen, Force: force}, desk.Options{})
	}
	o.say("nora", ticket, "psst", true)
	_, err := reply("uma", 1, false) // who knows of no note
	o.must(err)
	_, err = o.patch("nora", ticket, desk.Patch{Priority: to(desk.PriorityHigh)})
	o.must(err)
	_, err = reply("uma", 2, false)
	out, ok := err.(*desk.Outdated)
	if !ok || !fault.Is(err, fault.Conflict) || len(out.Acts) != 1 || out.Acts[0].Changes[0].Field != "priority" {
		t.Fatalf("got %v", err)
	}
	_, err = reply("nora", 1, false)
	if out, ok := err.(*desk.Outdated); !ok || len(out.Acts) != 3 {
		t.Errorf("staff hear %v", err)
	}
	_, err = reply("uma", 99, false)
	wantKind(t, err, fault.Stale)
	_, err = reply("uma", 2, true)
	o.must(err)
}

func TestADraftIsItsAuthorsAlone(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	draft := func(who desk.PersonID) (string, error) {
		got, err := o.ShowDraft(t.Context(), o.as(who), ticket.Number)
		return got.Body, err
	}
	save := func(who desk.PersonID, body string, internal bool) error {
		_, err := o.SaveDraft(t.Context(), o.as(who), ticket.Number, desk.NewComment{Body: body, Internal: internal})
		return err
	}
	_, err := draft("nora")
	wantKind(t, err, fault.NotFound)
	o.must(save("nora", "Dear", false))
	o.must(save("nora", "Dear Uma", false))
	wantKind(t, save("uma", "psst", true), fault.Forbidden)
	wantKind(t, save("liam", "x", false), fault.NotFound)
	wantKind(t, save("nora", " ", false), fault.Invalid)
	if got, err := draft("nora"); got != "Dear Uma" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, who := range []desk.PersonID{"uma", "ada", "liam"} {
		_, err = draft(who)
		wantKind(t, err, fault.NotFound)
	}
	o.say("nora", ticket, "Dear Uma, done.", false)
	_, err = draft("nora")
	wantKind(t, err, fault.NotFound)
	o.must(save("uma", "Thank", false))
	o.must(o.DropDraft(t.Context(), o.as("uma"), ticket.Number))
	o.must(o.DropDraft(t.Context(), o.as("uma"), ticket.Number))
	_, err = draft("uma")
	wantKind(t, err, fault.NotFound)
	if got := o.show("ada", ticket); got.Version != 2 {
		t.Errorf("a draft changed the ticket: version %d", got.Version)
	}
}
