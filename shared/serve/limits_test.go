package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
)

// names signs in whoever's id is the token.
type names struct{}

func (names) Actor(_ context.Context, token string) (desk.Actor, error) {
	return desk.Actor{ID: desk.PersonID(token), Role: desk.RoleUser}, nil
}

// gate is a function of one operation, at a time that the test moves.
type gate struct {
	Guard
	now time.Time
}

func newGate(perPerson, perAddress int, origins ...string) *gate {
	g := &gate{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	a := NewAPI("Test")
	Add(a, Operation{Method: http.MethodGet, Path: "/api/things", ID: "listThings", Tag: "Things"}, func(context.Context, *struct{}) (*struct{ Body []string }, error) {
		return &struct{ Body []string }{[]string{}}, nil
	})
	g.Guard = Guard{API: a, Auth: names{}, Hops: 1, Origins: origins, Limits: NewLimits(perPerson, perAddress, func() time.Time { return g.now })}
	return g
}

// get makes a request; headers come in pairs.
func (g *gate) get(method, person, address string, head ...string) *http.Response {
	r := httptest.NewRequest(method, "/api/things/", nil)
	r.Header.Set("X-Forwarded-For", "198.51.100.7, "+address) // what a client claims stands further left
	if person != "" {
		r.Header.Set("Authorization", "Bearer "+person)
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Result()
}

func TestAPersonIsTakenAsOftenAsTheLimitSays(t *testing.T) {
	g := newGate(3, 0)
	for i, left := range []string{"2", "1", "0"} {
		r := g.get("GET", "uma", "192.0.2.1")
		if r.StatusCode != 200 || r.Header.Get("RateLimit-Policy") != `"person";q=3;w=60` || !strings.HasPrefix(r.Header.Get("RateLimit"), `"person";r=`+left+";t=") {
			t.Errorf("request %d: %d %v", i+1, r.StatusCode, r.Header)
		}
	}
	r := g.get("GET", "uma", "192.0.2.2")
	if r.StatusCode != 429 || r.Header.Get("Retry-After") != "20" || r.Header.Get("Content-Type") != "application/problem+json" || r.Header.Get("RateLimit") != `"person";r=0;t=60` {
		t.Errorf("got %d %v", r.StatusCode, r.Header)
	}
	if r := g.get("GET", "otto", "192.0.2.1"); r.StatusCode != 200 {
		t.Errorf("somebody else got %d", r.StatusCode)
	}
	wait, _ := strconv.Atoi(r.Header.Get("Retry-After"))
	g.now = g.now.Add(time.Duration(wait) * time.Second)
	if r := g.get("GET", "uma", "192.0.2.1"); r.StatusCode != 200 {
		t.Errorf("after waiting as told: %d", r.StatusCode)
	}
	if r := g.get("GET", "uma", "192.0.2.1"); r.StatusCode != 429 {
		t.Errorf("and at once again: %d", r.StatusCode)
	}
}

func TestAnAddressIsLimitedBeforeItsTokenIsLookedAt(t *testing.T) {
	g := newGate(0, 2)
	statuses := func(address string) (out []int) {
		for range 3 {
			out = append(out, g.get("GET", "", address).StatusCode)
		}
		return out
	}
	if got := statuses("192.0.2.1"); !slices.Equal(got, []int{401, 401, 429}) {
		t.Errorf("got %v", got)
	}
	if got := statuses("192.0.2.2"); !slices.Equal(got, []int{401, 401, 429}) {
		t.Errorf("another address got %v", got)
	}
}

func TestWithoutLimitsNothingIsCountedOrSaid(t *testing.T) {
	g := newGate(0, 0)
	for range 50 {
		if r := g.get("GET", "uma", "192.0.2.1"); r.StatusCode != 200 || r.Header.Get("RateLimit") != "" {
			t.Fatalf("got %d %v", r.StatusCode, r.Header)
		}
	}
	g.Limits = nil
	if r := g.get("GET", "uma", "192.0.2.1"); r.StatusCode != 200 {
		t.Errorf("got %d", r.StatusCode)
	}
}

func TestManyAddressesTakeNoMoreMemory(t *testing.T) {
	b := newBuckets("address", 5)
	for i := range 3 * remembered {
		if err := b.take(http.Header{}, strconv.Itoa(i), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.all.Len(); n != remembered {
		t.Errorf("%d are remembered", n)
	}
}

const ours = "https://desk.example.org"

func TestAPageOfAnAllowedOriginMayAskAndRead(t *testing.T) {
	g := newGate(0, 0, ours)
	asked := g.get("OPTIONS", "", "192.0.2.1", "Origin", ours, "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization")
	h := asked.Header
	if asked.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != ours || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "If-Match") {
		t.Errorf("asked first: %d %v", asked.StatusCode, h)
	}
	for _, person := range []string{"uma", ""} { // an answer that refuses can be read too
		r := g.get("GET", person, "192.0.2.1", "Origin", ours)
		if r.Header.Get("Access-Control-Allow-Origin") != ours || !slices.Contains(r.Header.Values("Vary"), "Origin") || !strings.Contains(r.Header.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("as %q: %d %v", person, r.StatusCode, r.Header)
		}
		if r.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("cookies are none of the API")
		}
	}
}

func TestPagesOfOtherOriginsAreNotLetIn(t *testing.T) {
	for _, g := range []*gate{newGate(0, 0), newGate(0, 0, ours)} {
		for _, origin := range []string{"", "null", "https://desk.example.org.evil.example", "http://desk.example.org", "https://desk.example.org:8443", "HTTPS://desk.example.org"} {
			r := g.get("OPTIONS", "", "192.0.2.1", "Origin", origin, "Access-Control-Request-Method", "GET")
			if r.StatusCode < 400 || r.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%q got %d %v", origin, r.StatusCode, r.Header)
			}
		}
	}
}
