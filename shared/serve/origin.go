package serve

import (
	"net/http"
	"slices"
)

// Pages of other origins may use the API from a browser if we name them. Tokens travel in
// a header and never in cookies, so no credentials are allowed.
const (
	allowedMethods = "GET, POST, PUT, PATCH, DELETE"
	allowedHeaders = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Traceparent"
	exposedHeaders = "ETag, Location, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

// preflightAge is how long a browser needn't ask again, in seconds: two hours, the most
// that any of them keeps.
const preflightAge = "7200"

// origin tells a browser whether the page that asks may read the answer, and reports
// whether the request was only the question whether it may be sent. Without origins of
// ours it does nothing.
func (g Guard) origin(w http.ResponseWriter, r *http.Request) (asked bool) {
	if len(g.Origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	from := r.Header.Get("Origin")
	if !slices.Contains(g.Origins, from) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", from)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		h.Set("Access-Control-Expose-Headers", exposedHeaders)
		return false
	}
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
