package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// patience is how long a request may take before it is given up.
const patience = 20 * time.Second

// longPatience is how long an answer may be streamed.
const longPatience = 25 * time.Minute

// Authenticator turns an Authorization header's bearer token into who acts.
type Authenticator interface {
	// Actor fails with fault.Unauthenticated for any token that isn't good now, and
	// with fault.Forbidden for somebody who has no place in this organisation.
	Actor(ctx context.Context, token string) (desk.Actor, error)
}

// Nudger wakes the relay, so that facts go out at once rather than by the schedule.
type Nudger interface {
	Nudge(ctx context.Context)
}

// Guard is the chain in front of an API.
type Guard struct {
	API  *API
	Auth Authenticator // nil for a function of open operations only
	Wake Nudger        // nil for a function that makes no facts
	Hops int           // proxies of ours in X-Forwarded-For

	Limits  *Limits  // nil for none
	Origins []string // of pages that may use the API from a browser, exactly as browsers name them
}

// ServeHTTP implements http.Handler.
func (g Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged(w, r, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			healthy(w)
			return
		}
		if g.origin(w, r) {
			return
		}
		r.URL.Path = trimSlash(r.URL.Path)
		r.URL.RawPath = ""
		ctx, cancel := context.WithTimeout(r.Context(), g.API.patience(r))
		defer cancel()
		r = r.WithContext(ctx)
		if r, err := g.admit(w, r); err != nil {
			WriteProblem(w, r, err)
		} else {
			g.API.ServeHTTP(w, r)
			g.nudge(w, r)
		}
	})
}

// admit checks everything that needs no knowledge of the operation.
func (g Guard) admit(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	caller := &caller{address: clientAddress(r, g.Hops)}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller))
	if err := g.Limits.address(w.Header(), caller.address); err != nil {
		return r, err
	}
	if g.API.Needs(r) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || token == "" || g.Auth == nil {
			return r, fault.New(fault.Unauthenticated, "token_missing", "Please sign in: send “Authorization: Bearer <access token>”.")
		}
		actor, err := g.Auth.Actor(r.Context(), token)
		if err != nil {
			return r, err
		}
		caller.actor = actor
		entryOf(r.Context()).actor = actor.ID
		if err := g.Limits.person(w.Header(), string(actor.ID)); err != nil {
			return r, err
		}
	}
	return r, caller.readBody(r)
}

// nudge wakes the relay after anything but a read that went well.
func (g Guard) nudge(w http.ResponseWriter, r *http.Request) {
	if rec, ok := w.(*recorder); ok && g.Wake != nil && rec.status < 400 && r.Method != http.MethodGet && r.Method != http.MethodHead {
		g.Wake.Nudge(context.WithoutCancel(r.Context()))
	}
}

// caller is what is known of a request beside its content.
type caller struct {
	actor   desk.Actor
	address string
	digest  string // of method, path and body, when the request carries a key
	key     string
}

type callerKey struct{}

func callerOf(ctx context.Context) *caller {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c
	}
	return &caller{}
}

// Actor is who makes the request.
func Actor(ctx context.Context) desk.Actor { return callerOf(ctx).actor }

// Address is the client's network address.
func Address(ctx context.Context) string { return callerOf(ctx).address }

// readBody reads the whole body within the limit, checks its type, and takes the
// fingerprint of a request that carries an Idempotency-Key.
func (c *caller) readBody(r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than 1 MB. Files go through attachments.")
	}
	if err != nil {
		return newProblem(http.StatusBadRequest, "malformed", "The body ended before it was complete.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) > 0 {
		kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		utf8 := params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8")
		if err != nil || !utf8 || (kind != "application/json" && kind != "application/merge-patch+json") {
			return newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send the body as application/json in UTF-8.")
		}
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key = r.Header.Get("Idempotency-Key"); c.key == "" || r.Method != http.MethodPost {
		c.key = ""
		return nil
	}
	if len(c.key) > 255 {
		return fault.Bad("Idempotency-Key", "A key has at most 255 characters.")
	}
	c.digest = digest(r.Method, r.URL.Path, string(body))
	return nil
}

// Repeatable identifies the request by its Idempotency-Key, nil without one. The same
// key of another person, or for another address, is another request.
func Repeatable(ctx context.Context, operation string) *desk.Request {
	c := callerOf(ctx)
	if c.key == "" {
		return nil
	}
	return &desk.Request{ID: digest(string(c.actor.ID), operation, c.key), Fingerprint: c.digest}
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// clientAddress is the address that our own outermost proxy saw; what a client writes
// into X-Forwarded-For stands further left and is not believed.
func clientAddress(r *http.Request, hops int) string {
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if i := len(list) - hops; hops > 0 && i >= 0 {
		if a := strings.TrimSpace(list[i]); a != "" {
			return a
		}
	}
	host, _, _ := strings.Cut(r.RemoteAddr, ":")
	return host
}

func trimSlash(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

func healthy(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) // a prober that hung up needs no answer
}
