package presets

import (
	"context"
	"encoding/json"
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
	if err != nil {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return person.Actor(), nil
}

// service is the function over the in-memory twin.
type service struct {
	*desk.Desk
	t       *testing.T
	handler serve.Guard
}

func newService(t *testing.T) *service {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()), func() time.Time { return now })
	s := &service{Desk: d, t: t}
	s.must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		s.must(d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	s.handler = serve.Guard{API: a, Auth: people{d}, Hops: 1}
	return s
}

func (s *service) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// want calls and expects a status; head holds header names and values in turn.
func (s *service) want(status int, who, method, path, body string, head ...string) (map[string]any, http.Header) {
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
		s.must(json.Unmarshal(w.Body.Bytes(), &out))
	}
	if w.Code != status {
		s.t.Fatalf("%s %s by %s: got %d %v, want %d", method, path, who, w.Code, out, status)
	}
	return out, w.Header()
}

func TestEachKindIsSavedShownReplacedAndDeleted(t *testing.T) {
	s := newService(t)
	for path, body := range map[string]string{
		"/api/canned-replies/": `{"name": "Known", "language": "en", "texts": {"en": "Dear {{requester.name}}"}}`,
		"/api/macros/":         `{"name": "Known", "changes": {"status": "resolved", "assignee": "me", "add_tags": ["x"]}, "note": {"language": "en", "texts": {"en": "x"}}}`,
		"/api/templates/":      `{"name": "Known", "everyone": true, "ticket": {"title": "VPN", "values": {"serial": 1}}}`,
	} {
		made, head := s.want(201, "ada", "POST", path, body, "Idempotency-Key", "k"+path)
		again, _ := s.want(201, "ada", "POST", path, body, "Idempotency-Key", "k"+path)
		at := path + made["id"].(string) + "/"
		if again["id"] != made["id"] || head.Get("ETag") != `"v1"` || head.Get("Location") != at {
			t.Errorf("%s: %v, %v", path, again, head)
		}
		if shown, _ := s.want(200, "nora", "GET", at, ""); shown["name"] != "Known" || shown["by"] != "ada" || shown["department"] != nil {
			t.Errorf("%s: %v", path, shown)
		}
		renamed := strings.Replace(body, `"Known"`, `"Other"`, 1)
		s.want(428, "ada", "PUT", at, renamed)
		s.want(403, "nora", "PUT", at, renamed, "If-Match", `"v1"`)
		if shown, _ := s.want(200, "ada", "PUT", at, renamed, "If-Match", `"v1"`); shown["version"] != 2.0 {
			t.Errorf("%s: %v", path, shown)
		}
		s.want(412, "ada", "PUT", at, renamed, "If-Match", `"v1"`)
		if list, _ := s.want(200, "nora", "GET", path, ""); list["items"].([]any)[0].(map[string]any)["name"] != "Other" {
			t.Errorf("%s lists %v", path, list)
		}
		s.want(422, "ada", "POST", path, strings.Replace(body, `"name"`, `"colour": 1, "name"`, 1))
		s.want(403, "uma", "POST", path, body)
		s.want(412, "ada", "DELETE", at, "", "If-Match", `"v1"`)
		s.want(204, "ada", "DELETE", at, "")
		s.want(404, "ada", "GET", at, "")
	}
	s.want(403, "uma", "GET", "/api/macros/", "")
	s.want(200, "uma", "GET", "/api/templates/", "")
}

func TestAPreviewIsForStaffAndShowsNothingInternal(t *testing.T) {
	s := newService(t)
	uma, err := s.Person(t.Context(), "uma")
	s.must(err)
	tk, err := s.Create(t.Context(), uma.Actor(), desk.NewTicket{Title: "Printer *on* fire", Description: "x", Department: "it"}, desk.Options{})
	s.must(err)
	made, _ := s.want(201, "ada", "POST", "/api/canned-replies/", `{"name": "Known", "language": "en", "texts": {"en": "Dear {{requester.name}}, {{ticket.title}}"}}`)
	path := "/api/canned-replies/" + made["id"].(string) + "/preview/"
	got, _ := s.want(200, "nora", "POST", path, `{"ticket": "`+tk.Number+`", "language": "fr"}`)
	if got["html"] != "<p>Dear uma, Printer *on* fire</p>" || got["language"] != "en" {
		t.Errorf("got %v", got)
	}
	s.want(403, "uma", "POST", path, `{"ticket": "`+tk.Number+`"}`)
	s.want(404, "nora", "POST", path, `{"ticket": "TKT-209901-0001"}`)
	s.want(404, "nora", "POST", "/api/canned-replies/nothing/preview/", `{"ticket": "`+tk.Number+`"}`)
	refused, _ := s.want(422, "ada", "POST", "/api/canned-replies/", `{"name": "x", "language": "en", "texts": {"en": "{{ticket.notes}}"}}`)
	if field := refused["errors"].([]any)[0].(map[string]any)["field"]; field != "texts.en" {
		t.Errorf("refused %v", field)
	}
}
