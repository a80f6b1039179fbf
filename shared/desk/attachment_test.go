package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// photo is a file that anybody may attach.
func photo(change ...func(*desk.NewAttachment)) desk.NewAttachment {
	n := desk.NewAttachment{Name: "smoke.png", Type: "image/png", Size: 70, SHA256: strings.Repeat("ab", 32)}
	for _, c := range change {
		c(&n)
	}
	return n
}

func internal(n *desk.NewAttachment) { n.Internal = true }

func (o *office) attach(who desk.PersonID, t desk.Ticket, change ...func(*desk.NewAttachment)) desk.Attachment {
	o.t.Helper()
	f, err := o.Attach(o.t.Context(), o.as(who), string(t.ID), photo(change...), desk.Options{})
	o.must(err)
	return f
}

// cleared attaches a file and lets it through.
func (o *office) cleared(who desk.PersonID, t desk.Ticket, change ...func(*desk.NewAttachment)) desk.Attachment {
	o.t.Helper()
	f := o.attach(who, t, change...)
	_, err := o.Received(o.t.Context(), f.ID)
	o.must(err)
	f, err = o.Clear(o.t.Context(), f.ID, "image/png")
	o.must(err)
	return f
}

func (o *office) files(who desk.PersonID, t desk.Ticket) []string {
	o.t.Helper()
	list, _, err := o.Attachments(o.t.Context(), o.as(who), string(t.ID), desk.Page{})
	o.must(err)
	names := []string{}
	for _, f := range list {
		names = append(names, f.Name+" "+string(f.State))
	}
	return names
}

// newFiles is an office with a store for files.
func newFiles(t *testing.T) *office {
	o := newOffice(t)
	o.Desk.Files = blob.NewMemory("http://files", o.Now)
	return o
}

func TestAFileIsOnItsWayUntilItIsClean(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	f := o.attach("uma", ticket)
	link, err := o.UploadLink(t.Context(), f)
	if err != nil || link.Method != "PUT" || link.Header["Content-Type"] != "image/png" || link.Header["X-Goog-Content-Length-Range"] != "70,70" {
		t.Fatalf("%+v, %v", link, err)
	}
	none := func(code string) {
		t.Helper()
		_, l, err := o.DownloadLink(t.Context(), o.as("uma"), f.ID, false)
		if wantKind(t, err, fault.Conflict); l.URL != "" || !strings.Contains(err.Error(), code) {
			t.Errorf("%v, %s", err, l.URL)
		}
	}
	none("not_uploaded")
	f, err = o.Received(t.Context(), f.ID)
	o.must(err)
	if l, err := o.UploadLink(t.Context(), f); l != nil || err != nil {
		t.Errorf("what came can be sent again: %v, %v", l, err)
	}
	none("being_checked")
	if acts := o.history("uma", ticket); len(acts) != 1 {
		t.Errorf("history tells of what is not there: %v", acts)
	}
	_, err = o.Clear(t.Context(), f.ID, "")
	o.must(err)
	f, l, err := o.DownloadLink(t.Context(), o.as("uma"), f.ID, false)
	if err != nil || !strings.Contains(l.URL, "/clean/"+string(f.ID)+"?") || !strings.Contains(l.URL, "attachment") {
		t.Errorf("%v, %v", l, err)
	}
	if _, _, err := o.DownloadLink(t.Context(), o.as("uma"), f.ID, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("a small picture of what has none: %v", err)
	}
}

func TestAnAttachedFileIsAnActOfWhoeverAttachedIt(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	f := o.cleared("uma", ticket)
	o.later(time.Minute)
	o.must(o.Detach(t.Context(), o.as("uma"), f.ID, desk.Options{}))
	acts := o.history("uma", ticket)[1:]
	told := ""
	for _, a := range acts {
		told += fmt.Sprintln(a.Type, a.Actor, a.ActorName, a.Changes, a.Internal)
	}
	want := "ticket.attached uma Name of uma [{attachments [] [smoke.png]}] false\nticket.detached uma Name of uma [{attachments [smoke.png] []}] false\n"
	if told != want {
		t.Errorf("got  %s\nwant %s", told, want)
	}
	events, err := docdb.Find[event.Event](t.Context(), o.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 100})
	o.must(err)
	for _, e := range events {
		if strings.Contains(string(e.Data), "smoke") {
			t.Errorf("a fact carries a file's name: %s", e.Data)
		}
	}
}

func TestAFileOfANoteIsNotTheRequesters(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	before, err := o.Show(t.Context(), o.as("uma"), string(ticket.ID))
	o.must(err)
	note := o.say("nora", ticket, "See the picture.", true)
	byNote := o.cleared("nora", ticket, func(n *desk.NewAttachment) { n.Comment = note.ID })
	byWish := o.cleared("nora", ticket, internal)
	if !byNote.Internal || !byWish.Internal {
		t.Error("it is not internal")
	}
	if got := o.files("nora", ticket); len(got) != 2 {
		t.Errorf("staff see %v", got)
	}
	if got := o.files("uma", ticket); len(got) != 0 {
		t.Errorf("the requester sees %v", got)
	}
	for _, f := range []desk.Attachment{byNote, byWish} {
		_, err := o.Attachment(t.Context(), o.as("uma"), f.ID)
		wantKind(t, err, fault.NotFound)
		_, _, err = o.DownloadLink(t.Context(), o.as("uma"), f.ID, true)
		wantKind(t, err, fault.NotFound)
		wantKind(t, o.Detach(t.Context(), o.as("uma"), f.ID, desk.Options{}), fault.NotFound)
	}
	after, err := o.Show(t.Context(), o.as("uma"), string(ticket.ID))
	o.must(err)
	if uma := o.as("uma"); after.VersionFor(uma) != before.VersionFor(uma) || !after.UpdatedFor(uma).Equal(before.UpdatedFor(uma)) || len(o.history("uma", ticket)) != 1 {
		t.Error("the requester can tell that something happened")
	}
	for range desk.MaxFiles { // nor by how many they can attach themselves
		o.attach("uma", ticket)
	}
	for _, change := range []func(*desk.NewAttachment){internal, func(n *desk.NewAttachment) { n.Comment = note.ID }} {
		if _, err := o.Attach(t.Context(), o.as("uma"), string(ticket.ID), photo(change), desk.Options{}); err == nil || fault.Is(err, fault.Conflict) {
			t.Errorf("the requester attached to a note: %v", err)
		}
	}
}

func TestStrangersAreToldThatThereIsNoFile(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	f := o.cleared("uma", ticket)
	for _, who := range []desk.PersonID{"otto", "liam"} {
		a := o.as(who)
		_, err := o.Attachment(t.Context(), a, f.ID)
		wantKind(t, err, fault.NotFound)
		_, _, err = o.DownloadLink(t.Context(), a, f.ID, false)
		wantKind(t, err, fault.NotFound)
		_, _, err = o.Attachments(t.Context(), a, string(ticket.ID), desk.Page{})
		wantKind(t, err, fault.NotFound)
		_, err = o.Attach(t.Context(), a, string(ticket.ID), photo(), desk.Options{})
		wantKind(t, err, fault.NotFound)
		wantKind(t, o.Detach(t.Context(), a, f.ID, desk.Options{}), fault.NotFound)
	}
	for _, id := range []desk.AttachmentID{"", "..", "a/b", "nothing", desk.AttachmentID(strings.Repeat("a", 500))} {
		_, err := o.Attachment(t.Context(), o.as("ada"), id)
		wantKind(t, err, fault.NotFound)
	}
	o.must(o.Delete(t.Context(), o.as("ada"), string(ticket.ID), desk.Options{}))
	_, _, err := o.DownloadLink(t.Context(), o.as("uma"), f.ID, false)
	wantKind(t, err, fault.NotFound)
}

func TestWhatCannotBeAttachedIsSaidByName(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	for field, change := range map[string]func(*desk.NewAttachment){
		"size none":      func(n *desk.NewAttachment) { n.Size = 0 },
		"size too large": func(n *desk.NewAttachment) { n.Size = desk.MaxFileSize + 1 },
		"sha256 short":   func(n *desk.NewAttachment) { n.SHA256 = "abc" },
		"sha256 capital": func(n *desk.NewAttachment) { n.SHA256 = strings.Repeat("AB", 32) },
		"type svg":       func(n *desk.NewAttachment) { n.Type, n.Name = "image/svg+xml", "a.svg" },
		"type html":      func(n *desk.NewAttachment) { n.Type, n.Name = "text/html", "a.html" },
		"type none":      func(n *desk.NewAttachment) { n.Type = "" },
		"name empty":     func(n *desk.NewAttachment) { n.Name = " " },
		"name path":      func(n *desk.NewAttachment) { n.Name = "../../etc/a.png" },
		"name windows":   func(n *desk.NewAttachment) { n.Name = `C:\a.png` },
		"name program":   func(n *desk.NewAttachment) { n.Name = "photo.png.exe" },
		"name turned":    func(n *desk.NewAttachment) { n.Name = "photo\u202egnp.exe.png" },
		"name lines":     func(n *desk.NewAttachment) { n.Name = "a\nb.png" },
		"name long":      func(n *desk.NewAttachment) { n.Name = strings.Repeat("a", 200) + ".png" },
		"comment none":   func(n *desk.NewAttachment) { n.Comment = "nothing" },
	} {
		_, err := o.Attach(t.Context(), o.as("uma"), string(ticket.ID), photo(change), desk.Options{})
		want, _, _ := strings.Cut(field, " ")
		if f, ok := err.(*fault.Error); !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != want {
			t.Errorf("%s: %+v", field, err)
		}
	}
	for _, name := range []string{"Smoke.PNG", "دود\u200cها.png", "a b (1).png", "日本.png"} {
		o.attach("uma", ticket, func(n *desk.NewAttachment) { n.Name = name })
	}
	reply := o.say("nora", ticket, "Nobody else's.", false)
	if _, err := o.Attach(t.Context(), o.as("uma"), string(ticket.ID), photo(func(n *desk.NewAttachment) { n.Comment = reply.ID }), desk.Options{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("to somebody else's comment: %v", err)
	}
}

func TestATicketTakesSoManyFilesAndNoMore(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	var last desk.Attachment
	for range desk.MaxFiles {
		last = o.attach("uma", ticket)
	}
	_, err := o.Attach(t.Context(), o.as("uma"), string(ticket.ID), photo(), desk.Options{})
	wantKind(t, err, fault.Conflict)
	o.attach("nora", ticket, internal)
	_, err = o.Received(t.Context(), last.ID)
	o.must(err)
	_, err = o.Reject(t.Context(), last.ID, "It holds malware.")
	o.must(err)
	o.attach("uma", ticket) // what was rejected doesn't count
}

func TestEachStepHappensOnceHoweverOftenItIsTold(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	good, bad := o.attach("uma", ticket), o.attach("uma", ticket)
	for range 5 {
		for _, id := range []desk.AttachmentID{good.ID, bad.ID} {
			_, err := o.Received(t.Context(), id)
			o.must(err)
		}
		f, err := o.Clear(t.Context(), good.ID, "")
		if o.must(err); f.State != desk.FileClean {
			t.Errorf("it is %s", f.State)
		}
		f, err = o.Reject(t.Context(), good.ID, "Too late.")
		if o.must(err); f.State != desk.FileClean {
			t.Errorf("it is %s", f.State)
		}
		_, err = o.Reject(t.Context(), bad.ID, "It holds malware.")
		o.must(err)
		if f, err = o.Clear(t.Context(), bad.ID, ""); err != nil || f.State != desk.FileRejected || f.Reason != "It holds malware." {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if acts := o.history("nora", ticket); len(acts) != 2 {
		t.Errorf("%d acts", len(acts))
	}
	if _, l, err := o.DownloadLink(t.Context(), o.as("ada"), bad.ID, false); !fault.Is(err, fault.Conflict) || l.URL != "" {
		t.Errorf("what was rejected is given out: %v, %v", l, err)
	}
}

func TestAFileIsRemovedByItsUploaderForAWhileAndByAdmins(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	f := o.cleared("uma", ticket)
	wantKind(t, o.Detach(t.Context(), o.as("nora"), f.ID, desk.Options{}), fault.Forbidden)
	o.later(desk.RemoveWindow + time.Second)
	wantKind(t, o.Detach(t.Context(), o.as("uma"), f.ID, desk.Options{}), fault.Conflict)
	o.must(o.Detach(t.Context(), o.as("ada"), f.ID, desk.Options{}))
	_, _, err := o.DownloadLink(t.Context(), o.as("ada"), f.ID, false)
	wantKind(t, err, fault.NotFound)
	wantKind(t, o.Detach(t.Context(), o.as("ada"), f.ID, desk.Options{}), fault.NotFound)
	if got := o.files("ada", ticket); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
	pending := o.attach("uma", ticket)
	o.later(time.Hour)
	o.must(o.Detach(t.Context(), o.as("uma"), pending.ID, desk.Options{}))
	if f, err := o.Received(t.Context(), pending.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("what came too late: %+v, %v", f, err)
	}
}

func TestFilesGoWithAMerge(t *testing.T) {
	o := newFiles(t)
	from, into := o.open(), o.open(func(n *desk.NewTicket) { n.Department = "billing" })
	f, pending := o.cleared("uma", from), o.attach("uma", from)
	ada := o.as("ada")
	_, err := o.Merge(t.Context(), ada, string(from.ID), string(into.ID), desk.Options{})
	o.must(err)
	if got := o.files("liam", into); len(got) != 2 {
		t.Errorf("staff of the target see %v", got)
	}
	_, err = o.Attachment(t.Context(), o.as("liam"), f.ID)
	o.must(err)
	_, err = o.Attach(t.Context(), ada, string(from.ID), photo(), desk.Options{})
	wantKind(t, err, fault.Conflict)
	_, err = o.Received(t.Context(), pending.ID)
	o.must(err)
	late, err := o.Clear(t.Context(), pending.ID, "")
	if o.must(err); late.State != desk.FileRejected || !strings.Contains(late.Reason, "merged") {
		t.Errorf("what came after the merge is %+v", late)
	}
	_, err = o.Unmerge(t.Context(), ada, string(from.ID), desk.Options{})
	o.must(err)
	_, err = o.Attachment(t.Context(), o.as("liam"), f.ID)
	wantKind(t, err, fault.NotFound)
	if got := o.files("liam", into); len(got) != 0 {
		t.Errorf("after unmerging, the target has %v", got)
	}
}

func TestWhatIsOverdueIsSweptAndNothingElse(t *testing.T) {
	o := newFiles(t)
	ticket := o.open()
	never, rejected, clean, removed := o.attach("uma", ticket), o.attach("uma", ticket), o.cleared("uma", ticket), o.cleared("uma", ticket)
	_, err := o.Received(t.Context(), rejected.ID)
	o.must(err)
	_, err = o.Reject(t.Context(), rejected.ID, "No.")
	o.must(err)
	o.must(o.Detach(t.Context(), o.as("uma"), removed.ID, desk.Options{}))
	sweeps := func(want ...desk.AttachmentID) {
		t.Helper()
		due, more, err := o.Sweepable(t.Context())
		o.must(err)
		var got []desk.AttachmentID
		for _, f := range due {
			got = append(got, f.ID)
			o.must(o.Forget(t.Context(), f.ID))
			o.must(o.Forget(t.Context(), f.ID))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || more {
			t.Errorf("swept %v, want %v (%v)", got, want, more)
		}
	}
	stuck := o.attach("uma", ticket)
	_, err = o.Received(t.Context(), stuck.ID)
	o.must(err)
	sweeps(removed.ID)
	sweeps()
	o.later(desk.UploadWithin)
	sweeps(never.ID)
	if f, err := o.Attachment(t.Context(), o.as("uma"), stuck.ID); err != nil || f.State != desk.FileRejected || f.Reason == "" {
		t.Errorf("what could not be checked is %+v, %v", f, err)
	}
	o.later(desk.RejectedFor)
	sweeps(rejected.ID, stuck.ID)
	o.later(1000 * time.Hour)
	sweeps()
	if got := o.files("uma", ticket); len(got) != 1 {
		t.Errorf("there are %v, not %s", got, clean.Name)
	}
	_, err = o.Received(t.Context(), never.ID)
	wantKind(t, err, fault.NotFound)
	_, err = o.Attach(context.Background(), o.as("uma"), string(ticket.ID), photo(), desk.Options{})
	o.must(err)
}

func TestStacksSayWhatTypesTheyTake(t *testing.T) {
	types, err := desk.ParseFileTypes(" application/zip=.zip  image/png=.png.apng\n")
	if err != nil || fmt.Sprint(types) != "map[application/zip:[.zip] image/png:[.png .apng]]" {
		t.Errorf("%v, %v", types, err)
	}
	for _, bad := range []string{"zip=.zip", "application/zip", "application/zip=zip", "application/zip=.", "text/html=.html", "image/svg+xml=.svg", "Image/png=.png"} {
		if _, err := desk.ParseFileTypes(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	o := newFiles(t)
	o.FileTypes = types
	ticket := o.open()
	o.attach("uma", ticket, func(n *desk.NewAttachment) { n.Type, n.Name = "application/zip", "logs.zip" })
	_, err = o.Attach(t.Context(), o.as("uma"), string(ticket.ID), photo(func(n *desk.NewAttachment) { n.Type, n.Name = "application/pdf", "a.pdf" }), desk.Options{})
	wantKind(t, err, fault.Invalid)
}

// TestFilesCostTheSameHoweverManyThereAre holds their rows in docs/design.md's table.
func TestFilesCostTheSameHoweverManyThereAre(t *testing.T) {
	o := newFiles(t)
	for range 3 {
		ticket := o.open()
		m := &meter{Store: o.store}
		d := desk.New(docdb.Open(m, desk.Indexes()), o.Now)
		d.Files = o.Desk.Files
		_, err := d.Organisation(t.Context())
		o.must(err)
		uma, ctx := o.as("uma"), t.Context()
		costs := func(what, want string, do func() error) {
			t.Helper()
			m.reads, m.writes = 0, 0
			o.must(do())
			if got := fmt.Sprintf("%d+%d", m.reads, m.writes); got != want {
				t.Errorf("%s costs %s, not %s", what, got, want)
			}
		}
		var f desk.Attachment
		costs("attach", "1+2", func() error {
			f, err = d.Attach(ctx, uma, string(ticket.ID), photo(), desk.Options{})
			return err
		})
		costs("received", "1+1", func() error { _, err := d.Received(ctx, f.ID); return err })
		costs("clear", "3+5", func() error { _, err := d.Clear(ctx, f.ID, ""); return err })
		costs("link", "2+0", func() error { _, _, err := d.DownloadLink(ctx, uma, f.ID, false); return err })
		costs("detach", "5+5", func() error { return d.Detach(ctx, uma, f.ID, desk.Options{}) })
		costs("sweep", "1+0", func() error { _, _, err := d.Sweepable(ctx); return err })
		o.must(d.Forget(ctx, f.ID))
	}
}
