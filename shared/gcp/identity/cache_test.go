package identity

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketsystem.example/shared/fault"
)

// registry is a verifier that knows its tokens by heart and counts how often it is
// asked. With a gate, it answers only when the gate is closed or its caller gives up.
type registry struct {
	mu     sync.Mutex
	tokens map[string]Token
	asked  int
	gate   chan struct{}
}

func (r *registry) Verify(ctx context.Context, idToken string) (Token, error) {
	r.mu.Lock()
	r.asked++
	token, ok := r.tokens[idToken]
	gate := r.gate
	r.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return Token{}, fault.Down(ctx.Err())
		}
	}
	if !ok {
		return Token{}, refuse(tokenInvalid, errors.New("not in the registry"))
	}
	return token, nil
}

// remembering returns a cache over one token, "t", of uma's, valid for an hour, and a
// function that lets time pass.
func remembering(ttl time.Duration) (*Cache, *registry, func(time.Duration)) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := &registry{tokens: map[string]Token{
		"t":     {UID: "uma", Departments: []string{"network"}, Expires: now.Add(time.Hour)},
		"short": {UID: "uma", Expires: now.Add(5 * time.Second)},
	}}
	return Cached(r, func() time.Time { return now }, ttl), r, func(d time.Duration) { now = now.Add(d) }
}

func verified(t *testing.T, c *Cache, idToken string) Token {
	t.Helper()
	token, err := c.Verify(t.Context(), idToken)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (r *registry) wantAsked(t *testing.T, want int) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked != want {
		t.Fatalf("asked %d times, want %d", r.asked, want)
	}
}

func TestATokenIsVerifiedAgainAfterTheTimeToLive(t *testing.T) {
	c, r, pass := remembering(10 * time.Second)
	for range 5 {
		verified(t, c, "t")
	}
	pass(10*time.Second - 1)
	verified(t, c, "t")
	r.wantAsked(t, 1)
	pass(1)
	verified(t, c, "t")
	r.wantAsked(t, 2)
}

func TestNothingIsBelievedForLongerThanMaxAge(t *testing.T) {
	c, r, pass := remembering(time.Hour)
	verified(t, c, "t")
	delete(r.tokens, "t") // e.g. revoked
	pass(MaxAge - 1)
	verified(t, c, "t")
	pass(1)
	_, err := c.Verify(t.Context(), "t")
	wantFault(t, err, fault.Unauthenticated, "token_invalid")
}

func TestATokenIsForgottenWhenItExpires(t *testing.T) {
	c, r, pass := remembering(MaxAge)
	verified(t, c, "short")
	pass(5*time.Second - 1)
	verified(t, c, "short")
	r.wantAsked(t, 1)
	pass(1)
	verified(t, c, "short") // what becomes of it is for the verifier to say
	r.wantAsked(t, 2)
}

func TestRefusalsAreNotRemembered(t *testing.T) {
	c, r, _ := remembering(MaxAge)
	for range 3 {
		_, err := c.Verify(t.Context(), "unknown")
		wantFault(t, err, fault.Unauthenticated, "token_invalid")
	}
	r.wantAsked(t, 3)
}

func TestTheOldestTokenMakesRoom(t *testing.T) {
	c, r, _ := remembering(MaxAge)
	for i := range maxCached + 1 {
		name := fmt.Sprint(i)
		r.tokens[name] = r.tokens["t"]
		verified(t, c, name)
	}
	if c.known.Len() != maxCached {
		t.Errorf("keeps %d tokens, want %d", c.known.Len(), maxCached)
	}
	verified(t, c, "1")
	r.wantAsked(t, maxCached+1)
	verified(t, c, "0")
	r.wantAsked(t, maxCached+2)
}

func TestManyCallersWithOneTokenAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, r, _ := remembering(MaxAge)
		r.gate = make(chan struct{})
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if token, err := c.Verify(t.Context(), "t"); err != nil || token.UID != "uma" {
					t.Errorf("got %+v, %v", token, err)
				}
			})
		}
		synctest.Wait()
		r.wantAsked(t, 1)
		close(r.gate)
		callers.Wait()
		r.wantAsked(t, 1)
	})
}

func TestACallerWhoGivesUpDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, r, _ := remembering(MaxAge)
		r.gate = make(chan struct{})
		hasty, giveUp := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		callers.Go(func() {
			_, err := c.Verify(hasty, "t")
			wantKind(t, err, fault.Unavailable)
		})
		synctest.Wait()
		callers.Go(func() {
			_, err := c.Verify(t.Context(), "t")
			wantKind(t, err, "")
		})
		synctest.Wait()
		giveUp()
		synctest.Wait()
		close(r.gate)
		callers.Wait()
		r.wantAsked(t, 1)
	})
}

// wantKind may be called from any goroutine.
func wantKind(t *testing.T, err error, want fault.Kind) {
	if got := fault.KindOf(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestWhatACallerChangesStaysWithTheCaller(t *testing.T) {
	c, _, _ := remembering(MaxAge)
	verified(t, c, "t").Departments[0] = "finance"
	verified(t, c, "t").Departments[0] = "billing"
	if got := verified(t, c, "t").Departments; !reflect.DeepEqual(got, []string{"network"}) {
		t.Errorf("got %v", got)
	}
}

func TestTheCacheSparesTheLookUp(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	c := Cached(g.client(), time.Now, MaxAge)
	token := g.good()
	for range 3 {
		if got := verified(t, c, token); got.UID != "uma" {
			t.Fatalf("got %+v", got)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lookups != 1 {
		t.Errorf("%d look-ups, want 1", g.lookups)
	}
}
