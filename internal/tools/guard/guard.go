// Package guard puts Cloud Storage's access rules in front of a storage
// emulator that has none.
//
// The emulator behind it stores and serves objects well, but lets anyone do
// anything: it checks neither the signature nor the expiry nor the method of a
// signed URL, nor the size limit signed into it, and it ignores a generation
// match on updates and deletions. Code whose safety rests on those rules would
// pass its tests whether it is right or wrong. With the guard in front:
//
//   - a V4 signed URL is worth exactly what was signed: key, method, path,
//     query, headers and time must all agree;
//   - x-goog-content-length-range refuses a body that is too small or too large;
//   - a generation match (ifGenerationMatch, x-goog-if-generation-match) is
//     checked in one step with the write that it protects;
//   - a caller with neither signature nor credentials is refused, as by a
//     private bucket. "Credentials" are an Authorization header of any content
//     or the x-goog-api-client header that Google's clients send; a resumable
//     session's own address counts as well.
//
// What it does not do: V2 and HMAC signatures, POST policies and resumable
// uploads through a signed URL (all refused), bucket or object permissions of
// service callers, metageneration.
package guard

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Guard is an http.Handler that lets through to Next what Cloud Storage would.
type Guard struct {
	// Next is the storage emulator.
	Next http.Handler
	// Host is the host:port that Next serves objects at; requests that came in
	// under another name of this machine are passed on under this one.
	Host string
	// Signer is the one account whose signatures are good.
	Signer Signer
	// Now is the time that signatures are compared with; nil means time.Now.
	Now func() time.Time

	writes sync.Mutex // one write at a time, so that a generation can't change between check and write
}

// ServeHTTP refuses the request in Cloud Storage's words, or passes it on.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions || strings.HasPrefix(r.URL.Path, "/_internal/") {
		g.Next.ServeHTTP(w, r)
		return
	}
	if refused := g.admit(r); refused != nil {
		refused.write(w, r)
		return
	}
	r.Host = g.Host
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		g.Next.ServeHTTP(w, r)
		return
	}
	if refused := g.write(w, r); refused != nil {
		refused.write(w, r)
	}
}

// admit says whether the caller may make the request at all.
func (g *Guard) admit(r *http.Request) *refusal {
	query := r.URL.Query()
	switch {
	case query.Has("X-Goog-Signature") || query.Has("X-Goog-Algorithm"):
		if refused := g.Signer.verify(r, g.now()); refused != nil {
			return refused
		}
		if r.Method == http.MethodPost {
			return refuse(http.StatusNotImplemented, "NotImplemented", "This emulator takes signed uploads by PUT only.")
		}
		return nil
	case query.Has("Signature"):
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "This emulator takes V4 signatures only.")
	case r.Header.Get("Authorization") != "", r.Header.Get("X-Goog-Api-Client") != "", query.Has("upload_id"):
		return nil
	}
	return refuse(http.StatusForbidden, "AccessDenied",
		"Anonymous caller does not have access: use a signed URL, Google's client, or send \"Authorization: Bearer owner\".")
}

// write passes a change on. The body is read first, so that a slow caller does
// not keep the others waiting.
func (g *Guard) write(w http.ResponseWriter, r *http.Request) *refusal {
	limits, refused := lengthRange(r)
	if refused != nil {
		return refused
	}
	body, refused := limits.read(r.Body)
	if refused != nil {
		return refused
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	r.ContentLength = int64(len(body))

	g.writes.Lock()
	defer g.writes.Unlock()
	if refused := g.checkGeneration(r); refused != nil {
		return refused
	}
	g.Next.ServeHTTP(w, r)
	return nil
}

func (g *Guard) now() time.Time {
	if g.Now == nil {
		return time.Now()
	}
	return g.Now()
}
