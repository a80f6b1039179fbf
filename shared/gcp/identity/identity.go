// Package identity knows people's accounts: who is behind a token, who may sign in,
// and which role and departments a token claims. It is the only place that knows
// Firebase Auth (Identity Platform).
//
// Ideas:
//   - Verify believes nobody: signature, issuer, audience, times, and then the account
//     itself, which may have been switched off or signed out since the token was made.
//     Cached spares most of that work for at most MaxAge, so a demotion bites within it.
//   - Every answer is a fault: what the caller may know about a refusal is a stable code
//     and a sentence that says what to do; everything else is a cause for the log.
//   - Nothing hangs: each call has a deadline, and what can't be reached is
//     fault.Unavailable, never a refusal.
//   - Claims are a copy for quick decisions ({"role": "staff", "departments":
//     ["network"]}); the person document is the truth, and whoever changes it calls
//     SetClaims.
//
// It stores nothing itself. It keeps real time, since Google's tokens do, and not the
// clock that can be moved on a laptop.
//
// A typical use:
//
//	people := identity.Open(cfg)
//	tokens := identity.Cached(people, time.Now, identity.MaxAge)
//	token, err := tokens.Verify(ctx, bearer)
//
// It does not decide who may do what, limit attempts to sign in, read a request or
// know what a role means.
package identity

import (
	"context"
	"net/http"
	"sync"
	"time"

	"firebase.google.com/go/v4/auth"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

// patience is how long somebody who waits for an answer is kept waiting. The SDK alone
// would repeat for seven seconds and more.
const patience = 3 * time.Second

// Client speaks with Identity Platform, with the Auth emulator (cfg.AuthHost) or with a
// stand-in for Google's hosts (cfg.GoogleHost). It is safe for concurrent use.
type Client struct {
	cfg      config.Config
	patience time.Duration
	rest     *http.Client

	mu  sync.Mutex
	sdk *auth.Client
}

// Open returns a client without opening anything: the SDK is set up at the first use,
// and a set-up that failed is tried again at the next.
func Open(cfg config.Config) *Client {
	return &Client{cfg: cfg, patience: patience, rest: newREST(cfg)}
}

// admin returns the SDK's client, building it if need be.
func (c *Client) admin() (*auth.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sdk != nil {
		return c.sdk, nil
	}
	sdk, err := build(c.cfg)
	if err != nil {
		return nil, fault.Down(err)
	}
	c.sdk = sdk
	return sdk, nil
}

// within runs call and waits for it no longer than limit. It doesn't rely on call to
// honour its context, since the SDK fetches credentials and waits for its lock on the
// keys without one; a call that is given up ends by itself.
func within[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		value, err := call(ctx)
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, fault.Down(ctx.Err())
	}
}
