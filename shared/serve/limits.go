package serve

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"ticketsystem.example/shared/fault"
)

// Limits bound how many requests an instance takes of one person, and of one address.
//
// They cost no read: each instance counts for itself, so somebody whom several instances
// serve gets as much of each. They are there to stop a program that has gone astray; what
// comes from everywhere at once has to be stopped before it gets here.
type Limits struct {
	people, addresses *buckets
	now               func() time.Time
}

// NewLimits takes requests a minute; 0 is no limit.
func NewLimits(perPerson, perAddress int, now func() time.Time) *Limits {
	return &Limits{people: newBuckets("person", perPerson), addresses: newBuckets("address", perAddress), now: now}
}

// address counts a request of an address. It comes before the token is looked at, so
// that guessing tokens is bounded too.
func (l *Limits) address(h http.Header, of string) error {
	if l == nil {
		return nil
	}
	return l.addresses.take(h, of, l.now())
}

// person counts a request of somebody who is signed in.
func (l *Limits) person(h http.Header, of string) error {
	if l == nil {
		return nil
	}
	return l.people.take(h, of, l.now())
}

// remembered is how many people, or addresses, an instance counts at a time. Whoever
// has been away longest is forgotten, and begins anew.
const remembered = 10_000

// window is the time in which a limit is used up and filled again.
const window = time.Minute

// buckets have a token bucket for each of those who were here lately: full at first, one
// token less with each request, filled again evenly.
type buckets struct {
	policy string
	limit  int

	mu  sync.Mutex
	all *lru.Cache[string, *rate.Limiter]
}

func newBuckets(policy string, limit int) *buckets {
	all, err := lru.New[string, *rate.Limiter](remembered)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &buckets{policy: policy, limit: limit, all: all}
}

// of is somebody's bucket.
func (b *buckets) of(key string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, ok := b.all.Get(key)
	if !ok {
		one = rate.NewLimiter(rate.Limit(float64(b.limit)/window.Seconds()), b.limit)
		b.all.Add(key, one)
	}
	return one
}

// take uses a token up and writes into h what is left, as the IETF's draft on RateLimit
// header fields has it: r requests are left, and in t seconds there are all of them again.
func (b *buckets) take(h http.Header, key string, now time.Time) error {
	if b.limit <= 0 {
		return nil
	}
	one := b.of(key)
	ok := one.AllowN(now, 1)
	left := max(0, one.TokensAt(now))
	every := window.Seconds() / float64(b.limit)
	h.Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%d`, b.policy, b.limit, int(window.Seconds())))
	h.Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, b.policy, int(left), int(math.Ceil((float64(b.limit)-left)*every))))
	if ok {
		return nil
	}
	e := fault.New(fault.TooMany, "too_many_requests", "These are more requests than we take at once. Please wait as long as Retry-After says, and slow down.")
	e.Retry = time.Duration(math.Ceil((1-left)*every)) * time.Second
	return e
}
