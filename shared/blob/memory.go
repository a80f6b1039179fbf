package blob

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ticketsystem.example/shared/fault"
)

// Memory is a Store in memory for tests. It is an http.Handler too, which takes the
// requests of its links and refuses whatever is not exactly what was signed.
type Memory struct {
	base string
	now  func() time.Time
	key  []byte

	mu      sync.Mutex
	last    int64 // generation given
	objects map[Ref]stored
}

type stored struct {
	Object
	content []byte
}

// NewMemory returns an empty store whose links begin with base, where it must be served
// for the links to work.
func NewMemory(base string, now func() time.Time) *Memory {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return &Memory{base: base, now: now, key: key, objects: map[Ref]stored{}}
}

// place is where an object lies, whatever generation.
func (r Ref) place() Ref { return Ref{Bucket: r.Bucket, Name: r.Name} }

func (m *Memory) find(r Ref) (stored, error) {
	o, ok := m.objects[r.place()]
	if !ok || r.Generation != 0 && r.Generation != o.Generation {
		return o, fault.Missing("file")
	}
	return o, nil
}

func (m *Memory) write(to Ref, head Head, content []byte) Object {
	m.last++
	o := Object{Ref: Ref{Bucket: to.Bucket, Name: to.Name, Generation: m.last}, Size: int64(len(content)), Type: head.Type, Disposition: head.Disposition}
	m.objects[to.place()] = stored{o, bytes.Clone(content)}
	return o
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, to Ref, head Head, content []byte) (Object, error) {
	if err := Check(to); err != nil {
		return Object{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(to, head, content), nil
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, from Ref, most int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, err := m.find(from)
	if err != nil {
		return nil, err
	}
	if o.Size > most {
		return nil, TooLarge(from, most)
	}
	return bytes.Clone(o.content), nil
}

// Stat implements Store.
func (m *Memory) Stat(_ context.Context, of Ref) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, err := m.find(of)
	return o.Object, err
}

// Copy implements Store.
func (m *Memory) Copy(_ context.Context, from, to Ref, head Head) (Object, error) {
	if err := Check(to); err != nil {
		return Object{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, err := m.find(from)
	if err != nil {
		return Object{}, err
	}
	return m.write(to, head, o.content), nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, ref Ref) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.find(ref); err == nil {
		delete(m.objects, ref.place())
	}
	return nil
}

// SignUpload implements Store.
func (m *Memory) SignUpload(_ context.Context, to Ref, u Upload) (Link, error) {
	if err := CheckUpload(to, u); err != nil {
		return Link{}, err
	}
	header := UploadHeader(u)
	return Link{Method: http.MethodPut, URL: m.sign(http.MethodPut, to, header, nil, u.Lifetime), Header: header}, nil
}

// SignDownload implements Store.
func (m *Memory) SignDownload(_ context.Context, from Ref, d Download) (Link, error) {
	if err := CheckDownload(from, d); err != nil {
		return Link{}, err
	}
	return Link{Method: http.MethodGet, URL: m.sign(http.MethodGet, from, nil, DownloadQuery(d), d.Lifetime)}, nil
}

// sign makes an address that is good for one request until its time is up.
func (m *Memory) sign(method string, ref Ref, header map[string]string, query url.Values, life time.Duration) string {
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	q.Set("expires", strconv.FormatInt(m.now().Add(life).UnixMilli(), 10))
	path := "/" + string(ref.Bucket) + "/" + ref.Name
	q.Set("signature", m.signature(method, path, q, header))
	return m.base + path + "?" + q.Encode()
}

// signature is over everything that a request may not differ in.
func (m *Memory) signature(method, path string, q url.Values, header map[string]string) string {
	lines := []string{}
	for name, value := range header {
		lines = append(lines, strings.ToLower(name)+":"+value)
	}
	slices.Sort(lines)
	rest := url.Values{}
	for k, v := range q {
		if k != "signature" {
			rest[k] = v
		}
	}
	h := hmac.New(sha256.New, m.key)
	fmt.Fprintf(h, "%s\n%s\n%s\n%s", method, path, rest.Encode(), strings.Join(lines, "\n"))
	return hex.EncodeToString(h.Sum(nil))
}

// ServeHTTP takes the request of a link.
func (m *Memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	header := map[string]string{}
	if r.Method == http.MethodPut {
		header["Content-Type"] = r.Header.Get("Content-Type")
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Goog-") {
			header[name] = r.Header.Get(name)
		}
	}
	want := m.signature(r.Method, r.URL.Path, q, header)
	expires, _ := strconv.ParseInt(q.Get("expires"), 10, 64)
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	ref := Ref{Bucket: Bucket(bucket), Name: name}
	switch {
	case !hmac.Equal([]byte(want), []byte(q.Get("signature"))):
		http.Error(w, "SignatureDoesNotMatch", http.StatusForbidden)
	case m.now().UnixMilli() > expires:
		http.Error(w, "ExpiredToken", http.StatusBadRequest)
	case r.Method == http.MethodPut:
		m.upload(w, r, ref)
	default:
		m.download(w, q, ref)
	}
}

// upload takes an object that isn't there, of the size that was signed.
func (m *Memory) upload(w http.ResponseWriter, r *http.Request, to Ref) {
	low, _, _ := strings.Cut(r.Header.Get(lengthRange), ",")
	size, _ := strconv.ParseInt(low, 10, 64)
	content, err := io.ReadAll(io.LimitReader(r.Body, size+1))
	if err != nil || int64(len(content)) != size {
		http.Error(w, "EntityTooLarge, EntityTooSmall or IncompleteBody", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.find(to.place()); err == nil {
		http.Error(w, "PreconditionFailed", http.StatusPreconditionFailed)
		return
	}
	m.write(to, Head{Type: r.Header.Get("Content-Type")}, content)
}

func (m *Memory) download(w http.ResponseWriter, q url.Values, from Ref) {
	m.mu.Lock()
	o, err := m.find(from)
	m.mu.Unlock()
	if err != nil {
		http.Error(w, "NoSuchKey", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", q.Get("response-content-type"))
	w.Header().Set("Content-Disposition", q.Get("response-content-disposition"))
	_, _ = w.Write(o.content) // a reader that hung up needs no answer
}
