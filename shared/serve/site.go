package serve

import (
	"bytes"
	"net/http"
	"strings"
)

// Site is the chain in front of plain pages that anyone may read: log line and
// recovery, /healthz, addresses with or without their last slash.
type Site struct {
	Pages *http.ServeMux // patterns have no last slash
	Lost  http.Handler   // answers browsers where there is no page; a program gets a problem document
}

// ServeHTTP implements http.Handler.
func (s Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged(w, r, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			healthy(w)
			return
		}
		r.URL.Path, r.URL.RawPath = trimSlash(r.URL.Path), ""
		if _, pattern := s.Pages.Handler(r); pattern != "" {
			s.Pages.ServeHTTP(w, r)
			return
		}
		p := unrouted(s.Pages, r)
		if p.Status == http.StatusNotFound && s.Lost != nil && strings.Contains(r.Header.Get("Accept"), "text/html") {
			s.Lost.ServeHTTP(w, r)
			return
		}
		WriteProblem(w, r, p)
	})
}

// unrouted is the problem of a request that no pattern takes: wrong method, or
// nothing there.
func unrouted(mux *http.ServeMux, r *http.Request) *Problem {
	probe := &discard{header: http.Header{}}
	mux.ServeHTTP(probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		return newProblem(http.StatusNotFound, "not_found", "There is nothing at this address. GET /api/openapi.json lists what there is.")
	}
	p := newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "This address doesn't take "+r.Method+"; see the Allow header.")
	p.header.Set("Allow", probe.header.Get("Allow"))
	return p
}

// discard learns what the router would answer.
type discard struct {
	header http.Header
	status int
	bytes.Buffer
}

func (d *discard) Header() http.Header    { return d.header }
func (d *discard) WriteHeader(status int) { d.status = status }
