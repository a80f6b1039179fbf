// Package blobtest is the conformance suite of blob.Store: what every storage behind the
// contract must do, and what it must refuse. Memory and gcp/storage both pass it, so a
// test on Memory says something about production.
//
// Ideas: each case has object names of its own and may run beside the others; links are
// used over HTTP, as their holders use them. That a link ends is tried with one of a
// second's life, the shortest there is.
//
// A typical use:
//
//	func TestMemoryConforms(t *testing.T) { blobtest.Run(t, open) }
//
// It does not measure speed and does not inject faults.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/fault"
)

// fixture is one case's store, and a name that no other case has.
type fixture struct {
	*testing.T
	store blob.Store
	name  string
}

// Run runs every case, in parallel, on the store that open returns.
func Run(t *testing.T, open func(*testing.T) blob.Store) {
	for name, run := range cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(&fixture{T: t, store: open(t), name: strings.ToLower(rand.Text()[:20])})
		})
	}
}

func cases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"what is put is got":                                     putAndGet,
		"what isn't there is not found":                          missing,
		"an object of another generation is not found":           generations,
		"a larger object than asked for is not read":             tooLarge,
		"a copy has the content and a head of its own":           copies,
		"deleting what isn't there changes nothing":              deletions,
		"a link for an upload creates what was signed":           uploads,
		"a link for an upload is good for nothing else":          uploadsOtherwise,
		"a link for an upload works once":                        uploadsTwice,
		"a link for a download presents a file as it was signed": downloads,
		"a link for a download is good for nothing else":         downloadsOtherwise,
		"a link ends":                      expiry,
		"what binds nothing is not signed": unsigned,
	}
}

func (f *fixture) ref(b blob.Bucket) blob.Ref { return blob.Ref{Bucket: b, Name: f.name} }

// must fails the test for an error.
func must[T any](f *fixture, v T, err error) T {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	return v
}

func (f *fixture) put(b blob.Bucket, content string) blob.Object {
	f.Helper()
	o, err := f.store.Put(f.Context(), f.ref(b), blob.Head{Type: "text/plain"}, []byte(content))
	return must(f, o, err)
}

func (f *fixture) get(r blob.Ref) string {
	f.Helper()
	content, err := f.store.Get(f.Context(), r, 1<<20)
	return string(must(f, content, err))
}

// wants fails the test unless the error is of the kind.
func (f *fixture) wants(kind fault.Kind, err error) {
	f.Helper()
	if !fault.Is(err, kind) {
		f.Errorf("got %v, want %s", err, kind)
	}
}

func putAndGet(f *fixture) {
	o := f.put(blob.Clean, "hello")
	if o.Size != 5 || o.Type != "text/plain" || o.Generation == 0 || o.Name != f.name || o.Bucket != blob.Clean {
		f.Errorf("put %+v", o)
	}
	if seen, err := f.store.Stat(f.Context(), f.ref(blob.Clean)); err != nil || seen != o {
		f.Errorf("stat says %+v, %v; put said %+v", seen, err, o)
	}
	if got := f.get(o.Ref); got != "hello" {
		f.Errorf("got %q", got)
	}
	if got := f.get(f.ref(blob.Clean)); got != "hello" {
		f.Errorf("got %q", got)
	}
	empty := f.put(blob.Quarantine, "")
	if got := f.get(empty.Ref); got != "" || empty.Size != 0 {
		f.Errorf("an empty object has %q", got)
	}
}

func missing(f *fixture) {
	f.put(blob.Clean, "in the other bucket")
	_, err := f.store.Stat(f.Context(), f.ref(blob.Quarantine))
	f.wants(fault.NotFound, err)
	_, err = f.store.Get(f.Context(), f.ref(blob.Quarantine), 10)
	f.wants(fault.NotFound, err)
	_, err = f.store.Copy(f.Context(), f.ref(blob.Quarantine), f.ref(blob.Clean), blob.Head{Type: "text/plain"})
	f.wants(fault.NotFound, err)
}

func generations(f *fixture) {
	first := f.put(blob.Quarantine, "first")
	second := f.put(blob.Quarantine, "second")
	if first.Generation == second.Generation {
		f.Fatal("both have the same generation")
	}
	_, err := f.store.Get(f.Context(), first.Ref, 100)
	f.wants(fault.NotFound, err)
	_, err = f.store.Stat(f.Context(), first.Ref)
	f.wants(fault.NotFound, err)
	_, err = f.store.Copy(f.Context(), first.Ref, f.ref(blob.Clean), blob.Head{Type: "text/plain"})
	f.wants(fault.NotFound, err)
	must(f, 0, f.store.Delete(f.Context(), first.Ref))
	if got := f.get(second.Ref); got != "second" {
		f.Errorf("got %q", got)
	}
}

func tooLarge(f *fixture) {
	o := f.put(blob.Clean, "12345")
	if _, err := f.store.Get(f.Context(), o.Ref, 4); !fault.Is(err, fault.Invalid) {
		f.Errorf("got %v", err)
	}
	if got, err := f.store.Get(f.Context(), o.Ref, 5); err != nil || string(got) != "12345" {
		f.Errorf("got %q, %v", got, err)
	}
}

func copies(f *fixture) {
	from := f.put(blob.Quarantine, "hello")
	head := blob.Head{Type: "application/octet-stream", Disposition: blob.Attachment("a.txt")}
	for range 2 { // a repetition changes nothing
		to, err := f.store.Copy(f.Context(), from.Ref, f.ref(blob.Clean), head)
		if err != nil || to.Size != 5 || to.Type != head.Type || to.Disposition != head.Disposition {
			f.Fatalf("copied %+v, %v", to, err)
		}
	}
	if got := f.get(f.ref(blob.Clean)); got != "hello" {
		f.Errorf("got %q", got)
	}
	if got := f.get(from.Ref); got != "hello" {
		f.Errorf("the source has %q", got)
	}
}

func deletions(f *fixture) {
	must(f, 0, f.store.Delete(f.Context(), f.ref(blob.Clean)))
	o := f.put(blob.Clean, "hello")
	for range 2 {
		must(f, 0, f.store.Delete(f.Context(), o.Ref))
	}
	_, err := f.store.Stat(f.Context(), f.ref(blob.Clean))
	f.wants(fault.NotFound, err)
	f.put(blob.Clean, "again")
	must(f, 0, f.store.Delete(f.Context(), f.ref(blob.Clean)))
	_, err = f.store.Stat(f.Context(), f.ref(blob.Clean))
	f.wants(fault.NotFound, err)
}

// use makes a link's request, with changes to its header; "" leaves one out.
func (f *fixture) use(l blob.Link, body string, header ...string) (int, http.Header, string) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, l.Method, l.URL, bytes.NewReader([]byte(body)))
	must(f, r, err)
	for k, v := range l.Header {
		r.Header.Set(k, v)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	res, err := http.DefaultClient.Do(r)
	must(f, res, err)
	content, err := io.ReadAll(res.Body)
	must(f, 0, errors.Join(err, res.Body.Close()))
	return res.StatusCode, res.Header, string(content)
}

func (f *fixture) upload(size int64) blob.Link {
	f.Helper()
	l, err := f.store.SignUpload(f.Context(), f.ref(blob.Quarantine), blob.Upload{Type: "text/plain", Size: size, Lifetime: time.Minute})
	return must(f, l, err)
}

func uploads(f *fixture) {
	if status, _, body := f.use(f.upload(5), "hello"); status != http.StatusOK {
		f.Fatalf("%d %s", status, body)
	}
	o, err := f.store.Stat(f.Context(), f.ref(blob.Quarantine))
	if err != nil || o.Size != 5 || o.Type != "text/plain" {
		f.Errorf("stored %+v, %v", o, err)
	}
	if got := f.get(o.Ref); got != "hello" {
		f.Errorf("got %q", got)
	}
}

// refused fails the test if a request got through.
func (f *fixture) refused(what string, status int) {
	f.Helper()
	if status < 400 || status >= 500 {
		f.Errorf("%s: %d", what, status)
	}
}

func uploadsOtherwise(f *fixture) {
	l := f.upload(5)
	for what, try := range map[string]func() (int, http.Header, string){
		"longer":              func() (int, http.Header, string) { return f.use(l, "hello!") },
		"shorter":             func() (int, http.Header, string) { return f.use(l, "hell") },
		"of another type":     func() (int, http.Header, string) { return f.use(l, "hello", "Content-Type", "text/html") },
		"without its range":   func() (int, http.Header, string) { return f.use(l, "hello", "X-Goog-Content-Length-Range", "") },
		"of another range":    func() (int, http.Header, string) { return f.use(l, "hello!", "X-Goog-Content-Length-Range", "0,99") },
		"over what there is":  func() (int, http.Header, string) { return f.use(l, "hello", "X-Goog-If-Generation-Match", "") },
		"with a header more":  func() (int, http.Header, string) { return f.use(l, "hello", "X-Goog-Meta-Evil", "1") },
		"to another name":     func() (int, http.Header, string) { return f.use(renamed(l, f.name), "hello") },
		"to the other bucket": func() (int, http.Header, string) { return f.use(elsewhere(l), "hello") },
		"as a read":           func() (int, http.Header, string) { return f.use(blob.Link{Method: http.MethodGet, URL: l.URL}, "") },
		"as a removal":        func() (int, http.Header, string) { return f.use(blob.Link{Method: http.MethodDelete, URL: l.URL}, "") },
	} {
		status, _, _ := try()
		f.refused(what, status)
	}
	_, err := f.store.Stat(f.Context(), f.ref(blob.Quarantine))
	f.wants(fault.NotFound, err)
}

func renamed(l blob.Link, name string) blob.Link {
	l.URL = strings.Replace(l.URL, name, name+"x", 1)
	return l
}

func elsewhere(l blob.Link) blob.Link {
	l.URL = strings.Replace(l.URL, string(blob.Quarantine), string(blob.Clean), 1)
	return l
}

func uploadsTwice(f *fixture) {
	l := f.upload(5)
	if status, _, body := f.use(l, "first"); status != http.StatusOK {
		f.Fatalf("%d %s", status, body)
	}
	status, _, _ := f.use(l, "other")
	if status != http.StatusPreconditionFailed {
		f.Errorf("the second upload: %d", status)
	}
	if got := f.get(f.ref(blob.Quarantine)); got != "first" {
		f.Errorf("got %q", got)
	}
}

func (f *fixture) download(life time.Duration) blob.Link {
	f.Helper()
	l, err := f.store.SignDownload(f.Context(), f.ref(blob.Clean), blob.Download{
		Head: blob.Head{Type: "application/octet-stream", Disposition: blob.Attachment("ä \"b\".txt")}, Lifetime: life,
	})
	return must(f, l, err)
}

func downloads(f *fixture) {
	f.put(blob.Clean, "hello")
	status, header, body := f.use(f.download(time.Minute), "")
	if status != http.StatusOK || body != "hello" {
		f.Fatalf("%d %q", status, body)
	}
	want := `attachment; filename="_ _b_.txt"; filename*=UTF-8''%C3%A4%20%22b%22.txt`
	if header.Get("Content-Type") != "application/octet-stream" || header.Get("Content-Disposition") != want {
		f.Errorf("presented as %s, %s", header.Get("Content-Type"), header.Get("Content-Disposition"))
	}
}

func downloadsOtherwise(f *fixture) {
	f.put(blob.Clean, "hello")
	l := f.download(time.Minute)
	for what, other := range map[string]blob.Link{
		"shown in place":  {Method: l.Method, URL: strings.Replace(l.URL, "=attachment", "=inline", 1)},
		"of another type": {Method: l.Method, URL: strings.Replace(l.URL, "octet-stream", "xhtml%2Bxml", 1)},
		"of another name": renamed(l, f.name),
		"as an upload":    {Method: http.MethodPut, URL: l.URL},
		"as a removal":    {Method: http.MethodDelete, URL: l.URL},
		"unsigned":        {Method: l.Method, URL: l.URL[:strings.Index(l.URL, "?")]},
		"damaged":         {Method: l.Method, URL: strings.Replace(l.URL, "ignature=", "ignature=00", 1)},
	} {
		if other.URL == l.URL && other.Method == l.Method {
			f.Fatalf("%s: the case changes nothing", what)
		}
		status, _, body := f.use(other, "")
		f.refused(what, status)
		if strings.Contains(body, "hello") {
			f.Errorf("%s: it was read", what)
		}
	}
	if got := f.get(f.ref(blob.Clean)); got != "hello" {
		f.Errorf("got %q", got)
	}
}

func expiry(f *fixture) {
	f.put(blob.Clean, "hello")
	l := f.download(time.Second)
	for deadline := time.Now().Add(10 * time.Second); ; {
		status, _, _ := f.use(l, "")
		if status >= 400 {
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("after ten times its life: %d", status)
		}
	}
}

func unsigned(f *fixture) {
	good := blob.Upload{Type: "text/plain", Size: 1, Lifetime: time.Minute}
	for what, change := range map[string]func(*blob.Upload, *blob.Ref){
		"no size":         func(u *blob.Upload, _ *blob.Ref) { u.Size = 0 },
		"no type":         func(u *blob.Upload, _ *blob.Ref) { u.Type = "" },
		"a header's end":  func(u *blob.Upload, _ *blob.Ref) { u.Type = "text/plain\r\nX: y" },
		"no life":         func(u *blob.Upload, _ *blob.Ref) { u.Lifetime = 0 },
		"a day":           func(u *blob.Upload, _ *blob.Ref) { u.Lifetime = 24 * time.Hour },
		"another folder":  func(_ *blob.Upload, r *blob.Ref) { r.Name = "../" + r.Name },
		"another bucket":  func(_ *blob.Upload, r *blob.Ref) { r.Bucket = "secrets" },
		"an empty name":   func(_ *blob.Upload, r *blob.Ref) { r.Name = "" },
		"a name's spaces": func(_ *blob.Upload, r *blob.Ref) { r.Name = "a b" },
	} {
		u, r := good, f.ref(blob.Quarantine)
		change(&u, &r)
		if l, err := f.store.SignUpload(f.Context(), r, u); err == nil {
			f.Errorf("%s was signed: %s", what, fmt.Sprint(l))
		}
	}
	if l, err := f.store.SignDownload(f.Context(), f.ref(blob.Clean), blob.Download{Lifetime: time.Minute}); err == nil {
		f.Errorf("a download without a presentation was signed: %v", l)
	}
}
