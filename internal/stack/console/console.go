// Package console is the developer console: what goes on in a local stack, as pages
// for people and as JSON for programs. It is mounted at /_dev/ of the local front
// door and exists nowhere else.
//
// Ideas:
//
//   - Each page has a JSON twin below /_dev/api/, made of the same data.
//   - Pages are plain HTML with one style sheet and no script; a page that is to
//     keep up with events reloads itself (?refresh=2).
//   - It looks and does not decide: facts, effects and dead letters are read from
//     the documents, deliveries from what the stack remembers.
//
// It has no sign-in. Instead it answers only requests that name this machine, and
// takes changes (killing a function, moving the clock) only from its own pages and
// from programs, never from another site in a browser.
package console

import (
	"encoding/json"
	"net"
	"net/http"

	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/serve"
)

type console struct{ stack *stack.Stack }

// New returns the console of a stack, for paths below /_dev/.
func New(s *stack.Stack) http.Handler {
	c := console{s}
	mux := http.NewServeMux()
	mux.Handle("GET /_dev", http.RedirectHandler("/_dev/", http.StatusMovedPermanently))
	mux.HandleFunc("GET /_dev/style.css", style)
	for path, p := range pages {
		mux.HandleFunc("GET "+path, c.page(p))
	}
	mux.HandleFunc("GET /_dev/api/functions", list(c.functions))
	mux.HandleFunc("GET /_dev/api/topics", list(c.topics))
	mux.HandleFunc("GET /_dev/api/subscriptions", list(c.subscriptions))
	mux.HandleFunc("GET /_dev/api/deliveries", list(c.deliveries))
	mux.HandleFunc("GET /_dev/api/dead-letters", list(c.deadLetters))
	mux.HandleFunc("GET /_dev/api/facts", list(c.facts))
	mux.HandleFunc("GET /_dev/api/outbox", list(c.outbox))
	mux.HandleFunc("GET /_dev/api/effects", list(c.effects))
	mux.HandleFunc("GET /_dev/api/mail", list(c.mail))
	mux.HandleFunc("GET /_dev/api/clock", c.showClock)
	mux.HandleFunc("POST /_dev/api/clock", c.moveClock)
	mux.HandleFunc("POST /_dev/api/functions/{name}/kill", c.kill)
	return guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard refuses names that are not this machine's, by which another site could
// point a browser here, and sets the headers that every answer has.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "The console answers at 127.0.0.1 and localhost only.", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Referrer-Policy", "same-origin") // without any, a form would have no origin to be judged by
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// list answers with what get finds, as {"items": [...]}.
func list[T any](get func(*http.Request) ([]T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		items, err := get(r)
		if err != nil {
			serve.WriteProblem(w, r, err)
			return
		}
		if items == nil {
			items = []T{}
		}
		answer(w, map[string]any{"items": items})
	}
}

// answer writes v as JSON that people can read too.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(v) // an error here means that nobody listens any more
}
