package people

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

// tokens signs in whoever's id is the token.
type tokens struct{ *desk.Desk }

func (k tokens) Actor(ctx context.Context, token string) (desk.Actor, error) {
	p, err := k.Person(ctx, desk.PersonID(token))
	if err != nil || p.Disabled {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return p.Actor(), nil
}

// service is the function over the in-memory twin.
type service struct {
	t       *testing.T
	handler serve.Guard
}

func newService(t *testing.T) *service {
	t.Helper()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()), func() time.Time { return now })
	s := &service{t: t}
	s.must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		s.must(d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC", Locale: "en"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	s.handler = serve.Guard{API: a, Auth: tokens{d}, Hops: 1}
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

func TestAProfileIsChangedOnTheVersionThatWasRead(t *testing.T) {
	s := newService(t)
	_, head := s.want(200, "nora", "GET", "/api/users/me/", "")
	got, _ := s.want(200, "nora", "PATCH", "/api/users/me/", `{"zone": "Europe/Berlin", "skills": ["VPN"], "capacity": 9}`, "If-Match", head.Get("ETag"))
	if got["zone"] != "Europe/Berlin" || got["name"] != "nora" || got["capacity"] != 9.0 || got["skills"].([]any)[0] != "vpn" {
		t.Errorf("got %v", got)
	}
	s.want(412, "nora", "PATCH", "/api/users/me/", `{"zone": "UTC"}`, "If-Match", head.Get("ETag"))
}

func TestAProfileHoldsNoRights(t *testing.T) {
	s := newService(t)
	for _, who := range []string{"ada", "nora", "uma"} {
		for _, body := range []string{`{"role": "admin"}`, `{"departments": ["it"]}`, `{"disabled": false}`, `{"email": "x@demo.example"}`, `{"version": 9}`} {
			s.want(422, who, "PATCH", "/api/users/me/", body)
		}
	}
	for _, who := range []string{"nora", "uma"} {
		s.want(403, who, "PATCH", "/api/users/"+who+"/", `{"role": "admin"}`)
		s.want(403, who, "PATCH", "/api/users/ada/", `{"disabled": true}`)
		s.want(403, who, "POST", "/api/users/", `{"name": "Kim", "email": "kim@demo.example", "role": "admin"}`)
	}
	s.want(403, "ada", "PATCH", "/api/users/ada/", `{"role": "user"}`)
	s.want(404, "ada", "PATCH", "/api/users/nobody/", `{"role": "user"}`)
}

func TestAnAdministratorAddsChangesAndDisablesPeople(t *testing.T) {
	s := newService(t)
	body := `{"name": "Kim Park", "email": "kim@demo.example", "role": "staff", "departments": ["it"]}`
	made, head := s.want(201, "ada", "POST", "/api/users/", body, "Idempotency-Key", "k")
	again, _ := s.want(201, "ada", "POST", "/api/users/", body, "Idempotency-Key", "k")
	at := "/api/users/" + made["id"].(string) + "/"
	if again["id"] != made["id"] || head.Get("Location") != at || head.Get("ETag") != `"v1"` || made["zone"] != "UTC" || made["locale"] != "en" {
		t.Errorf("got %v, %v, %v", made, again, head)
	}
	s.want(409, "ada", "POST", "/api/users/", body)
	s.want(422, "ada", "POST", "/api/users/", `{"name": "Kim", "email": "kim2@demo.example", "role": "robot"}`)
	s.want(422, "ada", "PATCH", at, `{"role": null}`)
	s.want(422, "ada", "PATCH", at, `{"colour": "red"}`)
	kim := made["id"].(string)
	s.want(200, kim, "GET", "/api/users/ada/", "")
	got, _ := s.want(200, "ada", "PATCH", at, `{"role": "user", "departments": [], "name": "Kim P"}`, "If-Match", `"v1"`)
	if got["role"] != "user" || got["name"] != "Kim P" || len(got["departments"].([]any)) != 0 {
		t.Errorf("got %v", got)
	}
	s.want(404, kim, "GET", "/api/users/ada/", "")
	s.want(412, "ada", "PATCH", at, `{"disabled": true}`, "If-Match", `"v1"`)
	s.want(200, "ada", "PATCH", at, `{"disabled": true}`)
	s.want(401, kim, "GET", "/api/users/me/", "")
}

func TestAListIsNarrowed(t *testing.T) {
	s := newService(t)
	for query, want := range map[string]string{"role=admin": "ada", "q=NO": "nora", "department=it&role=user": "uma"} {
		got, _ := s.want(200, "nora", "GET", "/api/users/?"+query, "")
		if items := got["items"].([]any); len(items) != 1 || items[0].(map[string]any)["id"] != want {
			t.Errorf("%s: %v", query, items)
		}
	}
	s.want(422, "nora", "GET", "/api/users/?role=king", "")
}
