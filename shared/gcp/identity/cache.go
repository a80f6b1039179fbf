package identity

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"ticketsystem.example/shared/fault"
)

const (
	// MaxAge is the longest that a verified token is believed without asking again, and
	// so the longest that a revocation, a switched-off account or a demotion can take
	// to bite in an instance.
	MaxAge = 30 * time.Second

	// maxCached bounds the memory of an instance: about 5 MB when full.
	maxCached = 10_000
)

// Cache remembers tokens that were verified. Refusals are never remembered. It keeps
// hashes, so a dump of the memory doesn't give away tokens.
type Cache struct {
	verifier Verifier
	now      func() time.Time
	ttl      time.Duration
	known    *lru.Cache[[sha256.Size]byte, known]
	flights  singleflight.Group
}

type known struct {
	token Token
	until time.Time
}

// Cached returns v with a memory of at most ttl, which is cut to MaxAge. now must be
// real time, as tokens have it.
func Cached(v Verifier, now func() time.Time, ttl time.Duration) *Cache {
	c := &Cache{verifier: v, now: now, ttl: min(ttl, MaxAge)}
	c.known, _ = lru.New[[sha256.Size]byte, known](maxCached) // fails for a size below 1 only
	return c
}

// Verify answers like the verifier behind it. Callers with the same token at the same
// time share one verification, and each of them waits only as long as its own context.
func (c *Cache) Verify(ctx context.Context, idToken string) (Token, error) {
	key := sha256.Sum256([]byte(idToken))
	if k, ok := c.known.Get(key); ok {
		if c.now().Before(k.until) {
			return k.token.clone(), nil
		}
		c.known.Remove(key)
	}
	// One caller who gives up must not fail those who joined it.
	shared := context.WithoutCancel(ctx)
	flight := c.flights.DoChan(string(key[:]), func() (any, error) {
		return c.ask(shared, key, idToken)
	})
	select {
	case r := <-flight:
		if r.Err != nil {
			return Token{}, r.Err
		}
		return r.Val.(Token).clone(), nil
	case <-ctx.Done():
		return Token{}, fault.Down(ctx.Err())
	}
}

// ask verifies and remembers. The age counts from before the question, since the
// account may change while the answer is under way.
func (c *Cache) ask(ctx context.Context, key [sha256.Size]byte, idToken string) (Token, error) {
	until := c.now().Add(c.ttl)
	token, err := c.verifier.Verify(ctx, idToken)
	if err != nil {
		return Token{}, err
	}
	if token.Expires.Before(until) {
		until = token.Expires
	}
	c.known.Add(key, known{token, until})
	return token, nil
}

// clone keeps a caller's changes out of what others are given.
func (t Token) clone() Token {
	t.Departments = slices.Clone(t.Departments)
	return t
}
