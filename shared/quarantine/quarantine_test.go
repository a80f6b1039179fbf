package quarantine_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/internal/clamd"
	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/quarantine"
)

// yard is a desk with a ticket of uma's, a store that can fail, and a scanner on a real port.
type yard struct {
	*testing.T
	desk    *desk.Desk
	files   *flaky
	checker quarantine.Checker
	uma     desk.Actor
	ticket  desk.Ticket
	clock   time.Time
}

// flaky is a store that is away for some of its calls.
type flaky struct {
	blob.Store
	down string // the call that fails
}

var away = fault.Down(errors.New("away"))

func (f *flaky) Copy(ctx context.Context, from, to blob.Ref, h blob.Head) (blob.Object, error) {
	if f.down == "copy" {
		return blob.Object{}, away
	}
	return f.Store.Copy(ctx, from, to, h)
}

func (f *flaky) Delete(ctx context.Context, r blob.Ref) error {
	if f.down == "delete" {
		return away
	}
	return f.Store.Delete(ctx, r)
}

func (f *flaky) Get(ctx context.Context, r blob.Ref, most int64) ([]byte, error) {
	if f.down == "get" {
		return nil, away
	}
	return f.Store.Get(ctx, r, most)
}

func newYard(t *testing.T) *yard {
	t.Helper()
	s, err := clamd.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	y := &yard{T: t, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return y.clock }
	y.desk = desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()).Twice(), now)
	y.files = &flaky{Store: blob.NewMemory("http://files", now)}
	y.desk.Files = y.files
	y.checker = quarantine.Checker{Desk: y.desk, Scan: quarantine.Clamd(s.Address)}
	y.ok(y.desk.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	p := desk.Person{ID: "uma", Name: "Uma", Email: "uma@demo.example", Role: desk.RoleUser, Zone: "UTC", Locale: "en"}
	y.ok(y.desk.SavePerson(t.Context(), p))
	y.uma = p.Actor()
	y.ticket, err = y.desk.Create(t.Context(), y.uma, desk.NewTicket{Title: "Printer on fire", Description: "It smells."}, desk.Options{})
	y.ok(err)
	return y
}

func (y *yard) ok(err error) {
	y.Helper()
	if err != nil {
		y.Fatal(err)
	}
}

// send announces one file and sends another, and returns the object that arrived.
func (y *yard) send(name, kind string, announced, sent []byte) blob.Object {
	y.Helper()
	sum := sha256.Sum256(announced)
	f, err := y.desk.Attach(y.Context(), y.uma, string(y.ticket.ID), desk.NewAttachment{
		Name: name, Type: kind, Size: int64(len(announced)), SHA256: hex.EncodeToString(sum[:]),
	}, desk.Options{})
	y.ok(err)
	o, err := y.files.Put(y.Context(), f.Quarantined(), blob.Head{Type: kind}, sent)
	y.ok(err)
	return o
}

func (y *yard) arrived(o blob.Object) error {
	return y.checker.Arrived(y.Context(), o.Name, o.Generation)
}

// is expects a file's state, and where its content is.
func (y *yard) is(o blob.Object, state desk.AttachmentState, reason string) desk.Attachment {
	y.Helper()
	f, l, err := y.desk.DownloadLink(y.Context(), y.uma, desk.AttachmentID(o.Name), false)
	if (err == nil) != (state == desk.FileClean) || err != nil && l.URL != "" {
		y.Errorf("a link to what is %s: %q, %v", f.State, l.URL, err)
	}
	if f.State != state || !strings.Contains(f.Reason, reason) || (reason == "") != (f.Reason == "") {
		y.Errorf("it is %s (%s), want %s (%s)", f.State, f.Reason, state, reason)
	}
	return f
}

// there reports which of a file's objects exist.
func (y *yard) there(f desk.Attachment) string {
	out := ""
	for name, r := range map[string]blob.Ref{"quarantined ": f.Quarantined(), "kept ": f.Kept()} {
		if _, err := y.files.Stat(y.Context(), r); err == nil {
			out += name
		}
	}
	return out
}

func photo(w, h int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	m.Set(w/2, h/2, color.White)
	var b bytes.Buffer
	_ = png.Encode(&b, m) // a buffer takes all
	return b.Bytes()
}

func TestAGoodFileIsLetThroughOnceHoweverOftenItIsTold(t *testing.T) {
	y := newYard(t)
	content := photo(640, 480)
	o := y.send("smoke.png", "image/png", content, content)
	for range 5 {
		y.ok(y.arrived(o))
	}
	f := y.is(o, desk.FileClean, "")
	if f.Thumbnail != "image/png" || y.there(f) != "kept " {
		t.Errorf("%+v has %s", f, y.there(f))
	}
	kept, err := y.files.Stat(t.Context(), f.Kept())
	if err != nil || kept.Disposition != `attachment; filename="smoke.png"` || kept.Type != "image/png" {
		t.Errorf("kept %+v, %v", kept, err)
	}
	acts, _, err := y.desk.History(t.Context(), y.uma, string(y.ticket.ID), desk.Page{})
	if err != nil || len(acts) != 2 || acts[1].Type != desk.TicketAttached {
		t.Errorf("%v, %v", acts, err)
	}
	small, err := y.files.Get(t.Context(), f.Small(), 1<<20)
	y.ok(err)
	if c, _, err := image.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width != 320 || c.Height != 240 {
		t.Errorf("its small picture is %+v, %v", c, err)
	}
}

func office(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte("<x/>"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsNotWhatItWasAnnouncedAsIsRejected(t *testing.T) {
	y := newYard(t)
	png, pdf := photo(2, 2), []byte("%PDF-1.7\n%âãÏÓ\n1 0 obj<<>>endobj")
	docx := "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for what, c := range map[string]struct {
		name, kind, reason string
		announced, sent    []byte
	}{
		"longer":              {"a.txt", "text/plain", "another size", []byte("hello"), []byte("hello!")},
		"other bytes":         {"a.txt", "text/plain", "SHA-256", []byte("hello"), []byte("jello")},
		"malware":             {"a.txt", "text/plain", "malware (Eicar-Test-Signature)", clamd.EICAR(), clamd.EICAR()},
		"malware in a text":   {"a.txt", "text/plain", "malware", append([]byte("x "), clamd.EICAR()...), append([]byte("x "), clamd.EICAR()...)},
		"a page as a picture": {"a.png", "image/png", "text/html", []byte("<html><script>x()</script>"), nil},
		"a page as a text":    {"a.txt", "text/plain", "text/html", []byte("\n <!DOCTYPE html><p>"), nil},
		"svg as a text":       {"a.txt", "text/plain", "image/svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`), nil},
		"svg as a picture":    {"a.png", "image/png", "image/svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), nil},
		"a script":            {"a.txt", "text/plain", "shellscript", []byte("#!/bin/sh\nrm -rf /\n"), nil},
		"a program":           {"a.pdf", "application/pdf", "executable", []byte("MZ\x90\x00" + strings.Repeat("\x00", 60) + "PE\x00\x00"), nil},
		"elf as a text":       {"a.txt", "text/plain", "", []byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 60)), nil},
		"a picture as a pdf":  {"a.pdf", "application/pdf", "image/png", png, nil},
		"a pdf as a picture":  {"a.png", "image/png", "application/pdf", pdf, nil},
		"an archive":          {"a.docx", docx, "looks like", []byte("PK\x03\x04" + strings.Repeat("\x00", 40)), nil},
		"bytes as a text":     {"a.txt", "text/plain", "octet-stream", []byte("\x00\x01\x02\xff\xfe"), nil},
	} {
		if c.sent == nil {
			c.sent = c.announced
		}
		o := y.send(c.name, c.kind, c.announced, c.sent)
		for range 5 {
			y.ok(y.arrived(o))
		}
		f, _, _ := y.desk.DownloadLink(t.Context(), y.uma, desk.AttachmentID(o.Name), false)
		if f.State != desk.FileRejected || !strings.Contains(f.Reason, c.reason) || y.there(f) != "" {
			t.Errorf("%s: %s (%s), it has %s", what, f.State, f.Reason, y.there(f))
		}
	}
}

func TestOrdinaryFilesAreTaken(t *testing.T) {
	y := newYard(t)
	for what, c := range map[string]struct {
		name, kind, content string
	}{
		"a text":        {"a.txt", "text/plain", "hello"},
		"a log of JSON": {"a.log", "text/plain", `{"level":"info","message":"started"}` + "\n" + `{"level":"info","message":"stopped"}` + "\n"},
		"a table":       {"a.csv", "text/csv", "a,b\n1,2\n3,4\n"},
		"a short table": {"a.csv", "text/csv", "name"},
		"UTF-16":        {"a.txt", "text/plain", "\xff\xfeh\x00i\x00"},
		"a pdf":         {"a.pdf", "application/pdf", "%PDF-1.7\n1 0 obj<<>>endobj"},
		"a mail":        {"a.eml", "message/rfc822", "From: a@b.example\nTo: c@d.example\nSubject: x\n\nHello.\n"},
		"a document":    {"a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", string(office(t))},
		"a broken gif":  {"a.gif", "image/gif", "GIF89a\x01\x00\x01\x00"},
	} {
		o := y.send(c.name, c.kind, []byte(c.content), []byte(c.content))
		y.ok(y.arrived(o))
		if f, err := y.desk.Attachment(t.Context(), y.uma, desk.AttachmentID(o.Name)); err != nil || f.State != desk.FileClean || f.Thumbnail != "" {
			t.Errorf("%s: %+v, %v", what, f, err)
		}
	}
}

func TestNothingIsCleanWhileTheScannerOrTheStorageIsAway(t *testing.T) {
	y := newYard(t)
	content := []byte("hello")
	o := y.send("a.txt", "text/plain", content, content)
	good := y.checker
	for what, broken := range map[string]func(){
		"no scanner is configured": func() { y.checker.Scan = quarantine.Clamd("") },
		"nobody listens":           func() { y.checker.Scan = quarantine.Clamd("127.0.0.1:1") },
		"it can't be read":         func() { y.files.down = "get" },
		"it can't be copied":       func() { y.files.down = "copy" },
	} {
		broken()
		for range 3 {
			if err := y.arrived(o); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", what, err)
			}
		}
		y.is(o, desk.FileScanning, "")
		y.checker, y.files.down = good, ""
	}
	y.files.down = "delete"
	if err := y.arrived(o); !fault.Is(err, fault.Unavailable) {
		t.Errorf("its place can't be emptied: %v", err)
	}
	f := y.is(o, desk.FileClean, "")
	y.files.down = ""
	y.ok(y.arrived(o))
	if y.there(f) != "kept " {
		t.Errorf("in the end there is %s", y.there(f))
	}
}

func TestWhatNobodyAskedForOrWaitsForIsRemoved(t *testing.T) {
	y := newYard(t)
	o, err := y.files.Put(t.Context(), blob.Ref{Bucket: blob.Quarantine, Name: "unheard-of"}, blob.Head{Type: "text/plain"}, []byte("x"))
	y.ok(err)
	y.ok(y.arrived(o))
	if _, err := y.files.Stat(t.Context(), o.Ref); !fault.Is(err, fault.NotFound) {
		t.Errorf("what nobody asked for: %v", err)
	}
	content := []byte("hello")
	late := y.send("a.txt", "text/plain", content, content)
	y.ok(y.desk.Detach(t.Context(), y.uma, desk.AttachmentID(late.Name), desk.Options{}))
	y.ok(y.arrived(late))
	if _, err := y.files.Stat(t.Context(), late.Ref); !fault.Is(err, fault.NotFound) {
		t.Errorf("what was removed before it came: %v", err)
	}
	if err := y.checker.Arrived(t.Context(), "../x", 1); !fault.Is(err, fault.Permanent) {
		t.Errorf("a name that we don't give: %v", err)
	}
}

func TestWhatIsRemovedWhileItIsCheckedLeavesNothing(t *testing.T) {
	y := newYard(t)
	content := photo(2, 2)
	o := y.send("smoke.png", "image/png", content, content)
	scan := y.checker.Scan
	y.checker.Scan = func(ctx context.Context, b []byte) (string, error) {
		y.ok(y.desk.Detach(ctx, y.uma, desk.AttachmentID(o.Name), desk.Options{}))
		return scan(ctx, b)
	}
	y.ok(y.arrived(o))
	if left := y.there(desk.Attachment{ID: desk.AttachmentID(o.Name)}); left != "" {
		t.Errorf("there is %s", left)
	}
	if _, err := y.desk.Attachment(t.Context(), y.uma, desk.AttachmentID(o.Name)); !fault.Is(err, fault.NotFound) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestDeliveriesAtOnceHaveOneEffect(t *testing.T) {
	y := newYard(t)
	content := photo(2, 2)
	o := y.send("smoke.png", "image/png", content, content)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			for range 20 { // as Pub/Sub asks again
				if y.arrived(o) == nil {
					return
				}
			}
			t.Error("it was never taken")
		})
	}
	all.Wait()
	f := y.is(o, desk.FileClean, "")
	acts, _, err := y.desk.History(t.Context(), y.uma, string(y.ticket.ID), desk.Page{})
	if err != nil || len(acts) != 2 || y.there(f) != "kept " {
		t.Errorf("%v, %v; there is %s", acts, err, y.there(f))
	}
}

func TestSweepingRemovesObjectsAndTraces(t *testing.T) {
	y := newYard(t)
	content := []byte("hello")
	clean, removed, orphan := y.send("a.txt", "text/plain", content, content), y.send("b.txt", "text/plain", content, content), y.send("c.txt", "text/plain", content, content)
	y.ok(y.arrived(clean))
	y.ok(y.arrived(removed))
	y.ok(y.desk.Detach(t.Context(), y.uma, desk.AttachmentID(removed.Name), desk.Options{}))
	y.clock = y.clock.Add(desk.UploadWithin + time.Hour) // the news of the third never came
	y.files.down = "delete"
	if n, err := quarantine.Sweep(t.Context(), y.desk); err == nil || n != 0 {
		t.Errorf("swept %d, %v while the storage was away", n, err)
	}
	y.files.down = ""
	if n, err := quarantine.Sweep(t.Context(), y.desk); err != nil || n != 2 {
		t.Errorf("swept %d, %v", n, err)
	}
	for _, o := range []blob.Object{removed, orphan} {
		if left := y.there(desk.Attachment{ID: desk.AttachmentID(o.Name)}); left != "" {
			t.Errorf("there is %s", left)
		}
	}
	y.is(clean, desk.FileClean, "")
	if n, err := quarantine.Sweep(t.Context(), y.desk); err != nil || n != 0 {
		t.Errorf("swept %d more, %v", n, err)
	}
}

func TestSmallPicturesAreSmallAndAnew(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 100, 5000)), nil); err != nil {
		t.Fatal(err)
	}
	secret := append(b.Bytes(), []byte("GPS 52.5 13.4")...)
	small, kind := quarantine.Thumbnail("image/jpeg", secret)
	c, _, err := image.DecodeConfig(bytes.NewReader(small))
	if err != nil || kind != "image/jpeg" || c.Width != 6 || c.Height != 320 || bytes.Contains(small, []byte("GPS")) {
		t.Errorf("%s %+v, %v", kind, c, err)
	}
	if small, _ := quarantine.Thumbnail("image/png", photo(3, 2)); small != nil {
		if c, _, err := image.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width != 3 || c.Height != 2 {
			t.Errorf("a tiny picture became %+v, %v", c, err)
		}
	}
	bomb := photo(1, 1)
	copy(bomb[16:24], "\x00\x00\x13\x88\x00\x00\x13\x89") // its head claims 5000 by 5001
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	if c, _, err := image.DecodeConfig(bytes.NewReader(bomb)); err != nil || c.Width != 5000 {
		t.Fatalf("the bomb claims %+v, %v", c, err)
	}
	for what, content := range map[string][]byte{"a bomb": bomb, "nothing": nil, "no picture": []byte("hello")} {
		if small, kind := quarantine.Thumbnail("image/png", content); small != nil || kind != "" {
			t.Errorf("%s was drawn", what)
		}
	}
}
