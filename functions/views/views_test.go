package views

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/view"
)

// people signs in whoever's id is the token.
type people struct{ *desk.Desk }

func (p people) Actor(ctx context.Context, token string) (desk.Actor, error) {
	person, err := p.Person(ctx, desk.PersonID(token))
	if err != nil {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return person.Actor(), nil
}

// service is the function over the in-memory twin.
type service struct {
	*desk.Desk
	t       *testing.T
	store   *docdb.Memory
	handler serve.Guard
}

func newService(t *testing.T) *service {
	store := docdb.NewMemory()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(store, desk.Indexes(), view.Indexes()), func() time.Time { now = now.Add(time.Millisecond); return now })
	must(t, d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		must(t, d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	return &service{d, t, store, serve.Guard{API: a, Auth: people{d}, Hops: 1}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call sends a request; head holds header names and values in turn.
func (s *service) call(who, method, path, body string, head ...string) (int, map[string]any, string) {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+who)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	out := map[string]any{}
	if w.Body.Len() > 0 {
		must(s.t, json.Unmarshal(w.Body.Bytes(), &out))
	}
	return w.Code, out, w.Body.String()
}

// count handles all facts.
func (s *service) count() {
	s.t.Helper()
	for _, r := range s.store.Dump(event.OutboxCollection) {
		var e event.Event
		must(s.t, docdb.Decode(r, &e))
		must(s.t, view.Handle(s.t.Context(), s.Desk, e))
	}
}

func TestAViewIsSavedCountedChangedAndDeleted(t *testing.T) {
	s := newService(t)
	for _, who := range []desk.PersonID{"uma", "nora"} {
		p, err := s.Person(t.Context(), who)
		must(t, err)
		_, err = s.Create(t.Context(), p.Actor(), desk.NewTicket{Title: "Printer", Description: "x", Department: "it"}, desk.Options{})
		must(t, err)
	}
	body := `{"name": "Nobody's", "everyone": true, "filter": {"assignee": "none", "created_from": "2026-11-01T00:00:00Z"}, "columns": ["number", "title"]}`
	status, made, raw := s.call("nora", "POST", "/api/views/", body, "Idempotency-Key", "k")
	if status != 201 || made["count"] != nil || made["mine"] != true || made["list"] != "/api/tickets/?assignee=none&created_from=2026-11-01T00%3A00%3A00Z" {
		t.Fatalf("%d %s", status, raw)
	}
	if _, again, _ := s.call("nora", "POST", "/api/views/", body, "Idempotency-Key", "k"); again["id"] != made["id"] {
		t.Errorf("the same request saved %v too", again["id"])
	}
	s.count()
	path := "/api/views/" + made["id"].(string) + "/"
	for who, want := range map[string]float64{"ada": 2, "nora": 2, "uma": 1} {
		if _, got, raw := s.call(who, "GET", path, ""); got["count"] != want || got["mine"] != (who == "nora") {
			t.Errorf("%s: %s", who, raw)
		}
		if status, _, raw := s.call(who, "GET", "/api/views", ""); status != 200 || !strings.Contains(raw, `"columns":["number","title"],"count":`) {
			t.Errorf("%s: %d %s", who, status, raw)
		}
	}
	status, got, raw := s.call("nora", "PATCH", path, `{"name": "Newest", "sort": "-created_at", "filter": {}}`, "If-Match", `"v1"`)
	if status != 200 || got["name"] != "Newest" || got["everyone"] != true || got["list"] != "/api/tickets/?sort=-created_at" {
		t.Errorf("%d %s", status, raw)
	}
	if status, _, _ := s.call("nora", "DELETE", path, "", "If-Match", `"v1"`); status != 412 {
		t.Errorf("an outdated delete: %d", status)
	}
	if status, _, _ := s.call("nora", "DELETE", path, ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
	if status, _, _ := s.call("nora", "GET", path, ""); status != 404 {
		t.Errorf("afterwards: %d", status)
	}
}

func TestBadRequestsAreClearProblems(t *testing.T) {
	s := newService(t)
	_, shared, _ := s.call("ada", "POST", "/api/views", `{"name": "All", "everyone": true, "filter": {}}`)
	_, private, _ := s.call("ada", "POST", "/api/views", `{"name": "Mine", "filter": {}}`)
	for name, c := range map[string]struct {
		who, method, path, body string
		status                  int
		code                    string
	}{
		"no token":           {"nobody", "GET", "/api/views", "", 401, "token_invalid"},
		"unknown field":      {"nora", "POST", "/api/views", `{"name": "x", "filter": {}, "owner": "ada"}`, 422, "invalid_input"},
		"unknown filter":     {"nora", "POST", "/api/views", `{"name": "x", "filter": {"colour": "red"}}`, 422, "invalid_input"},
		"no filter":          {"nora", "POST", "/api/views", `{"name": "x"}`, 422, "invalid_input"},
		"unknown status":     {"nora", "PATCH", "/api/views/" + shared["id"].(string), `{"filter": {"status": "asleep"}}`, 422, "invalid_input"},
		"a user shares":      {"uma", "POST", "/api/views", `{"name": "x", "everyone": true, "filter": {}}`, 403, "not_allowed"},
		"another's, shared":  {"nora", "PATCH", "/api/views/" + shared["id"].(string), `{"name": "x"}`, 403, "not_allowed"},
		"another's, private": {"nora", "DELETE", "/api/views/" + private["id"].(string), "", 404, "not_found"},
		"unknown id":         {"nora", "GET", "/api/views/nothing", "", 404, "not_found"},
		"odd id":             {"nora", "GET", "/api/views/..%2fpeople", "", 404, "not_found"},
		"odd If-Match":       {"ada", "PATCH", "/api/views/" + shared["id"].(string), `{"name": "x"}`, 412, "stale"},
	} {
		var head []string
		if c.status == 412 {
			head = []string{"If-Match", "x"}
		}
		if status, got, raw := s.call(c.who, c.method, c.path, c.body, head...); status != c.status || got["code"] != c.code {
			t.Errorf("%s: got %d %s, want %d %s", name, status, raw, c.status, c.code)
		}
	}
}
