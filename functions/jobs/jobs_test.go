package jobs

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/bulk"
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

func TestAJobIsBegunShownCancelledAndIsNobodyElses(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes(), bulk.Indexes()), func() time.Time { return now })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"nora": desk.RoleStaff, "noah": desk.RoleStaff, "uma": desk.RoleUser} {
		must(d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	handler := serve.Guard{API: a, Auth: people{d}, Hops: 1}
	want := func(status int, who, method, path, body string) map[string]any {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+who)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "k")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		out := map[string]any{}
		must(json.Unmarshal(w.Body.Bytes(), &out))
		if w.Code != status {
			t.Fatalf("%s %s by %s: got %d %v, want %d", method, path, who, w.Code, out, status)
		}
		return out
	}
	order := `{"filter": {"department": "it"}, "changes": {"priority": "high"}}`
	made := want(202, "nora", "POST", "/api/tickets/bulk/", order)
	if again := want(202, "nora", "POST", "/api/tickets/bulk/", order); again["id"] != made["id"] || made["state"] != "collecting" {
		t.Errorf("got %v, then %v", made, again)
	}
	path := "/api/bulk/" + made["id"].(string)
	want(403, "uma", "POST", "/api/tickets/bulk/", order)
	want(403, "uma", "POST", "/api/bulk/preview/", order)
	if p := want(200, "nora", "POST", "/api/bulk/preview/", order); p["count"] != 0.0 {
		t.Errorf("preview %v", p)
	}
	for _, who := range []string{"noah", "uma"} {
		want(404, who, "GET", path+"/", "")
		want(404, who, "GET", path+"/items/", "")
		want(404, who, "POST", path+"/cancel/", "")
	}
	want(404, "noah", "POST", path+"/undo/", "")
	want(403, "uma", "POST", path+"/undo/", "")
	want(409, "nora", "POST", path+"/undo/", "")
	want(200, "nora", "GET", path+"/items/", "")
	want(422, "nora", "GET", path+"/items/?cursor=x", "")
	want(422, "nora", "POST", "/api/tickets/bulk/", `{"filter": {"colour": "red"}, "changes": {"priority": "high"}}`)
	if got := want(200, "nora", "POST", path+"/cancel/", ""); got["state"] != "cancelled" {
		t.Errorf("got %v", got)
	}
}
