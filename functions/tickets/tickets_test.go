package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// people signs in whoever's id is the token.
type people struct{ *desk.Desk }

func (p people) Actor(ctx context.Context, token string) (desk.Actor, error) {
	person, err := p.Person(ctx, desk.PersonID(token))
	if fault.Is(err, fault.Unavailable) {
		return desk.Actor{}, err
	}
	if err != nil {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return person.Actor(), nil
}

// service is the function over the in-memory twin.
type service struct {
	t       *testing.T
	desk    *desk.Desk
	store   *docdb.Memory
	handler http.Handler
}

func newService(t *testing.T) *service {
	store := docdb.NewMemory()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(store, desk.Indexes()), func() time.Time { now = now.Add(time.Millisecond); return now })
	must(t, d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser, "otto": desk.RoleUser} {
		must(t, d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	return &service{t, d, store, serve.Guard{API: a, Auth: people{d}, Hops: 1}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// result is an answer, with its body as JSON.
type result struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// call sends a request; head holds header names and values in turn.
func (s *service) call(who, method, path, body string, head ...string) result {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	data, err := io.ReadAll(w.Result().Body)
	must(s.t, err)
	out := result{status: w.Code, header: w.Result().Header, raw: string(data), body: map[string]any{}}
	if len(data) > 0 {
		must(s.t, json.Unmarshal(data, &out.body))
	}
	if w.Code >= 400 {
		s.isProblem(out)
	}
	return out
}

// isProblem checks that an error answer is an RFC 9457 document without our insides.
func (s *service) isProblem(r result) {
	s.t.Helper()
	if ct := r.header.Get("Content-Type"); ct != "application/problem+json" {
		s.t.Errorf("an error of type %q: %s", ct, r.raw)
	}
	if r.body["status"] != float64(r.status) || r.body["code"] == "" || r.body["detail"] == "" || r.body["request"] == "" {
		s.t.Errorf("an incomplete problem: %s", r.raw)
	}
	for _, inside := range []string{"docdb", "goroutine", ".go", "desk.", "fault"} {
		if strings.Contains(r.raw, inside) {
			s.t.Errorf("the problem shows our insides (%s): %s", inside, r.raw)
		}
	}
}

func (s *service) open() result {
	s.t.Helper()
	r := s.call("uma", "POST", "/api/tickets/", `{"title": "Printer on fire", "description": "It smells."}`)
	if r.status != http.StatusCreated {
		s.t.Fatal(r.raw)
	}
	return r
}

func TestATicketIsCreatedAndShownUnderIdAndNumber(t *testing.T) {
	s := newService(t)
	made := s.open()
	if made.header.Get("Location") != "/api/tickets/"+made.body["id"].(string)+"/" {
		t.Errorf("location %q", made.header.Get("Location"))
	}
	for _, path := range []string{made.header.Get("Location"), strings.TrimSuffix(made.header.Get("Location"), "/"), "/api/tickets/" + made.body["number"].(string) + "/"} {
		got := s.call("uma", "GET", path, "")
		if got.status != 200 || got.raw != made.raw || got.header.Get("ETag") != made.header.Get("ETag") {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
		same := s.call("uma", "GET", path, "", "If-None-Match", got.header.Get("ETag"))
		if same.status != http.StatusNotModified || same.raw != "" || same.header.Get("ETag") == "" {
			t.Errorf("%s: got %d %q", path, same.status, same.raw)
		}
	}
}

func TestBadRequestsAreClearProblems(t *testing.T) {
	s := newService(t)
	ticket := "/api/tickets/" + s.open().body["id"].(string)
	valid := `{"title": "Printer", "description": "x"}`
	for name, c := range map[string]struct {
		who, method, path, body string
		head                    []string
		status                  int
		code                    string
	}{
		"no token":          {"", "GET", "/api/tickets", "", nil, 401, "token_missing"},
		"bad token":         {"nobody", "GET", "/api/tickets", "", nil, 401, "token_invalid"},
		"not bearer":        {"", "GET", "/api/tickets", "", []string{"Authorization", "Basic dW1h"}, 401, "token_missing"},
		"malformed":         {"uma", "POST", "/api/tickets", `{"title": `, nil, 400, "malformed"},
		"two values":        {"uma", "POST", "/api/tickets", valid + valid, nil, 400, "malformed"},
		"repeated name":     {"uma", "POST", "/api/tickets", `{"title": "a", "title": "b", "description": "x"}`, nil, 400, "malformed"},
		"lone surrogate":    {"uma", "POST", "/api/tickets", `{"title": "abc\ud800", "description": "x"}`, nil, 400, "malformed"},
		"broken UTF-8":      {"uma", "POST", "/api/tickets", "{\"title\": \"abc\xff\", \"description\": \"x\"}", nil, 400, "malformed"},
		"no body":           {"uma", "POST", "/api/tickets", "", nil, 400, "malformed"},
		"NUL":               {"uma", "POST", "/api/tickets", `{"title": "abc\u0000", "description": "x"}`, nil, 422, "invalid_input"},
		"an array":          {"uma", "POST", "/api/tickets", `[]`, nil, 422, "invalid_input"},
		"wrong type":        {"uma", "POST", "/api/tickets", `{"title": 5, "description": "x"}`, nil, 422, "invalid_input"},
		"missing field":     {"uma", "POST", "/api/tickets", `{"title": "Printer"}`, nil, 422, "invalid_input"},
		"unknown field":     {"uma", "POST", "/api/tickets", `{"title": "Printer", "description": "x", "role": "admin"}`, nil, 422, "invalid_input"},
		"too long":          {"uma", "POST", "/api/tickets", `{"title": "` + strings.Repeat("x", 201) + `", "description": "x"}`, nil, 422, "invalid_input"},
		"too large":         {"uma", "POST", "/api/tickets", `{"title": "` + strings.Repeat("x", 1<<20) + `"}`, nil, 413, "too_large"},
		"content type":      {"uma", "POST", "/api/tickets", valid, []string{"Content-Type", "text/plain"}, 415, "unsupported_media_type"},
		"charset":           {"uma", "POST", "/api/tickets", valid, []string{"Content-Type", "application/json; charset=latin1"}, 415, "unsupported_media_type"},
		"long key":          {"uma", "POST", "/api/tickets", valid, []string{"Idempotency-Key", strings.Repeat("k", 256)}, 422, "invalid_input"},
		"method":            {"uma", "POST", ticket, valid, nil, 405, "method_not_allowed"},
		"unknown path":      {"uma", "GET", "/api/tickets/a/b/c", "", nil, 404, "not_found"},
		"unknown id":        {"uma", "GET", "/api/tickets/nothing", "", nil, 404, "not_found"},
		"unknown number":    {"uma", "GET", "/api/tickets/TKT-209901-0001", "", nil, 404, "not_found"},
		"odd id":            {"uma", "GET", "/api/tickets/..%2f..%2fpeople%2fada", "", nil, 404, "not_found"},
		"stranger":          {"otto", "GET", ticket, "", nil, 404, "not_found"},
		"stranger's patch":  {"otto", "PATCH", ticket, `{"title": "Mine now"}`, nil, 404, "not_found"},
		"wrong role":        {"uma", "PATCH", ticket, `{"priority": "critical"}`, nil, 403, "not_allowed"},
		"delete":            {"nora", "DELETE", ticket, "", nil, 403, "not_allowed"},
		"bad cursor":        {"uma", "GET", "/api/tickets?cursor=nonsense", "", nil, 422, "invalid_input"},
		"bad limit":         {"uma", "GET", "/api/tickets?limit=0", "", nil, 422, "invalid_input"},
		"bad filter":        {"uma", "GET", "/api/tickets?status=asleep", "", nil, 422, "invalid_input"},
		"unknown parameter": {"uma", "GET", "/api/tickets?colour=red", "", nil, 422, "invalid_input"},
		"bad time":          {"uma", "GET", "/api/tickets?created_from=yesterday", "", nil, 422, "invalid_input"},
		"no If-Match":       {"nora", "PUT", ticket, `{"title": "Printer", "description": "x", "department": "it", "priority": "low", "status": "new"}`, nil, 428, "if_match_missing"},
		"no If-Match, bad":  {"nora", "PUT", ticket, `{"title": "x"}`, nil, 428, "if_match_missing"},
		"stale If-Match":    {"nora", "PATCH", ticket, `{"title": "Newer"}`, []string{"If-Match", `"v99"`}, 412, "stale"},
		"odd If-Match":      {"nora", "DELETE", ticket, "", []string{"If-Match", `W/"x"`}, 412, "stale"},
		"illegal":           {"nora", "PATCH", ticket, `{"status": "reopened"}`, nil, 409, "illegal_transition"},
	} {
		got := s.call(c.who, c.method, c.path, c.body, c.head...)
		if got.status != c.status || got.body["code"] != c.code {
			t.Errorf("%s: got %d %s, want %d %s", name, got.status, got.raw, c.status, c.code)
		}
		if c.status == 405 && got.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow header", name)
		}
		if c.status == 401 && got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate header", name)
		}
	}
	if n := len(s.store.Dump("tickets")); n != 1 {
		t.Errorf("%d tickets after all that", n)
	}
}

func TestARepeatedKeyGetsTheSameAnswer(t *testing.T) {
	s := newService(t)
	post := func(who, body string) result {
		return s.call(who, "POST", "/api/tickets/", body, "Idempotency-Key", "abc")
	}
	body := `{"title": "Printer on fire", "description": "It smells."}`
	first, again := post("uma", body), post("uma", body)
	if first.raw != again.raw || again.status != first.status || first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got\n%d %s\n%d %s", first.status, first.raw, again.status, again.raw)
	}
	if other := post("uma", strings.Replace(body, "smells", "burns", 1)); other.status != 422 || other.body["code"] != "key_reuse" {
		t.Errorf("another body: %s", other.raw)
	}
	if otto := post("otto", body); otto.status != 201 || otto.body["id"] == first.body["id"] {
		t.Errorf("another person's key: %s", otto.raw)
	}
	comment := func() result {
		return s.call("uma", "POST", "/api/tickets/"+first.body["id"].(string)+"/comments/", `{"body": "Hello?"}`, "Idempotency-Key", "abc")
	}
	if a, b := comment(), comment(); a.raw != b.raw || a.status != 201 || b.status != 201 {
		t.Errorf("got\n%s\n%s", a.raw, b.raw)
	}
	if n := len(s.store.Dump("replies")); n != 1 {
		t.Errorf("%d replies", n)
	}
}

func TestPuttingReplacesEveryValue(t *testing.T) {
	s := newService(t)
	made := s.open()
	path := "/api/tickets/" + made.body["id"].(string) + "/"
	s.call("nora", "PATCH", path, `{"tags": ["red"], "assignee": "nora"}`)
	now := s.call("nora", "GET", path, "")
	body := `{"title": "Printer smokes", "description": "Less.", "department": "it", "priority": "low", "status": "in_progress", "assignee": "nora"}`
	got := s.call("nora", "PUT", path, body, "If-Match", now.header.Get("ETag"))
	if got.status != 200 || got.body["title"] != "Printer smokes" || fmt.Sprint(got.body["tags"]) != "[]" || got.body["status"] != "in_progress" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	if again := s.call("nora", "PUT", path, body, "If-Match", now.header.Get("ETag")); again.status != 412 {
		t.Errorf("got %d", again.status)
	}
}

func TestPagesGoThroughTheWholeListOnce(t *testing.T) {
	s := newService(t)
	for range 7 {
		s.open()
	}
	seen := map[any]bool{}
	path := "/api/tickets/?limit=3"
	for pages := 1; ; pages++ {
		got := s.call("uma", "GET", path, "")
		for _, x := range got.body["items"].([]any) {
			seen[x.(map[string]any)["id"]] = true
		}
		next, more := got.body["next"].(string)
		if !more {
			if pages != 3 || len(seen) != 7 {
				t.Errorf("%d tickets on %d pages", len(seen), pages)
			}
			return
		}
		path = "/api/tickets/?limit=3&cursor=" + next
	}
}

func TestADatabaseThatIsDownIsSaidAndRecoversByItself(t *testing.T) {
	s := newService(t)
	s.store.Before = func(string) error { return fault.Down(fmt.Errorf("connection refused")) }
	got := s.call("uma", "GET", "/api/tickets/", "")
	if got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("got %d %v", got.status, got.header)
	}
	s.store.Before = nil
	if got := s.call("uma", "GET", "/api/tickets/", ""); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
}

func TestAPanicIsAProblemToo(t *testing.T) {
	s := newService(t)
	s.store.Before = func(string) error { panic("boom") }
	if got := s.call("uma", "GET", "/api/tickets/", ""); got.status != 500 || strings.Contains(got.raw, "boom") {
		t.Errorf("got %d %s", got.status, got.raw)
	}
}
