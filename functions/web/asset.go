package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"ticketsystem.example/shared/serve"
)

//go:embed openapi.json
var described []byte

//go:embed style.css
var styleSheet []byte

//go:embed icon.svg
var iconImage []byte

// How long caches may keep an answer: for ever under an address that names the
// content, else for as long as people can wait to see a new version.
const (
	forever = "public, max-age=31536000, immutable"
	shortly = "public, max-age=300"
)

// headers go with every page: nothing runs, nothing comes from elsewhere, nobody frames it.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"Vary":                         "Accept-Encoding",
}

// asset is something to send that never changes while the process lives.
type asset struct {
	kind   string // Content-Type
	body   []byte
	packed []byte // the body in gzip
	tag    string // names the content
	open   bool   // pages of other origins may read it
}

func newAsset(kind string, body []byte) asset {
	sum := sha256.Sum256(body)
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a known one
	_, _ = z.Write(body)                                       // a buffer takes everything
	_ = z.Close()
	return asset{kind: kind, body: body, packed: packed.Bytes(), tag: hex.EncodeToString(sum[:8])}
}

// shared is the asset for pages of other origins too.
func (a asset) shared() asset {
	a.open = true
	return a
}

// address is a path that names the content, so that caches may keep it for ever.
func (a asset) address(path string) string { return path + "?v=" + url.QueryEscape(a.tag) }

// ServeHTTP implements http.Handler.
func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.write(w, r, http.StatusOK) }

func (a asset) write(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	for name, value := range headers {
		h.Set(name, value)
	}
	if a.open {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	h.Set("Cache-Control", shortly)
	if r.URL.Query().Get("v") == a.tag {
		h.Set("Cache-Control", forever)
	}
	body, tag := a.body, `"`+a.tag+`"`
	if takesGzip(r) {
		body, tag = a.packed, `"`+a.tag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	if status == http.StatusOK {
		h.Set("ETag", tag)
		if serve.Matches(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", a.kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that hung up needs no answer
}

// takesGzip reports whether the client reads gzip; a weight of 0 says that it doesn't.
func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, weighted := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
		if name == "gzip" {
			return !weighted || strings.Trim(weight, "q=0.") != ""
		}
	}
	return false
}
