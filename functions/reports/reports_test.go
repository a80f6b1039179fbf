package reports

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
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

// bench is the function over the in-memory twin.
type bench struct {
	*desk.Desk
	t       *testing.T
	store   *docdb.Memory
	api     *serve.API
	handler http.Handler
}

func newService(t *testing.T) *bench {
	store := docdb.NewMemory()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(store, desk.Indexes()), func() time.Time { now = now.Add(time.Millisecond); return now })
	must(t, d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true}, {ID: "network", Name: "Network", Parent: "it", Active: true}, {ID: "billing", Name: "Billing", Active: true},
	}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser} {
		must(t, d.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC"}))
	}
	a := serve.NewAPI("Test")
	Routes(a, d)
	return &bench{d, t, store, a, serve.Guard{API: a, Auth: people{d}, Hops: 1}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *bench) get(who, path string) (int, string) {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (s *bench) open(who desk.PersonID, title string, department desk.DepartmentID) desk.Ticket {
	s.t.Helper()
	p, err := s.Person(s.t.Context(), who)
	must(s.t, err)
	t, err := s.Create(s.t.Context(), p.Actor(), desk.NewTicket{Title: title, Description: "x", Department: department}, desk.Options{})
	must(s.t, err)
	return t
}

// measure counts all facts.
func (s *bench) measure() {
	s.t.Helper()
	for _, r := range s.store.Dump(event.OutboxCollection) {
		var e event.Event
		must(s.t, docdb.Decode(r, &e))
		must(s.t, analytics.Handle(s.t.Context(), s.Desk, e))
	}
}

func TestEveryReportAnswersStaffAndAdmins(t *testing.T) {
	s := newService(t)
	s.open("uma", "Printer", "network")
	s.open("uma", "Invoice", "billing")
	s.measure()
	for _, c := range []struct{ who, path, want string }{
		{"ada", "summary", `"work":{"open":2,`},
		{"nora", "summary/", `"work":{"open":1,`},
		{"nora", "summary", `"top_departments":[{"department":"network","open":1,"breached":0}]`},
		{"ada", "trend?from=2026-11-22&to=2026-11-23", `{"day":"2026-11-23","created":2,"resolved":0,"closed":0,"reopened":0,"replies":0,"backlog":2}`},
		{"nora", "trend?department=network", `"created":1`},
		{"ada", "backlog", `"by_age":[{"least_days":0,"most_days":0,"open":2}`},
		{"ada", "performance", `"rated":0,"satisfaction_percent":null`},
		{"ada", "performance", `"first_response":{"count":0,"p50":null,"p90":null,"p95":null}`},
		{"ada", "agents", `"agent":"","open":2`},
		{"ada", "departments", `{"department":"it","open":0,`},
		{"nora", "categories?from=2026-11-01&to=2026-11-30", `{"department":"network","category":"","created":1`},
	} {
		status, body := s.get(c.who, "/api/analytics/"+c.path)
		if status != 200 || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s, want %s", c.who, c.path, status, body, c.want)
		}
	}
}

func TestAUserSeesOnlyTheirOwnNumbers(t *testing.T) {
	s := newService(t)
	s.open("uma", "Mine", "network")
	s.open("nora", "Another's", "network")
	s.measure()
	status, body := s.get("uma", "/api/analytics/summary")
	if status != 200 || !strings.Contains(body, `"mine":{"open":1,"closed":0,"assigned":0},"work":null`) || strings.Contains(body, "Another's") {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{"trend", "backlog", "performance", "agents", "departments", "categories", "trend?department=it"} {
		if status, body := s.get("uma", "/api/analytics/"+path); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, body = s.get("uma", "/api/analytics/tickets.csv")
	if status != 200 || !strings.Contains(body, "Mine") || strings.Contains(body, "Another's") {
		t.Errorf("%d %s", status, body)
	}
}

func TestBadQuestionsAreClearProblems(t *testing.T) {
	s := newService(t)
	for path, want := range map[string]int{
		"trend?from=yesterday":                422,
		"trend?from=2026-02-30":               422,
		"trend?from=2020-01-01&to=2026-01-01": 422,
		"trend?colour=red":                    422,
		"trend?department=moon":               422,
		"trend?department=billing":            403,
		"tickets.csv?status=asleep":           422,
		"tickets.csv?department=moon":         422,
		"tickets.csv?to=soon":                 422,
		"nothing":                             404,
	} {
		if status, body := s.get("nora", "/api/analytics/"+path); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	if status, _ := s.get("", "/api/analytics/summary"); status != 401 {
		t.Errorf("without a token: %d", status)
	}
}

func TestTheExportHasNoCapAndNoFormulas(t *testing.T) {
	s := newService(t)
	titles := []string{"=1+1+cmd", "+1+1", "-2+3", "@SUM(A1)", "plain, \"quoted\"\u2028line", "'=already"}
	for _, title := range titles {
		s.open("uma", title, "network")
	}
	for i := range 650 {
		s.open("uma", fmt.Sprintf("Ticket %d", i), "it")
	}
	s.open("uma", "Elsewhere", "billing")
	_, body := s.get("nora", "/api/analytics/tickets.csv")
	all, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	must(t, err)
	if len(all) != 1+650+len(titles) {
		t.Fatalf("%d lines", len(all))
	}
	seen := map[string]bool{}
	for _, row := range all[1:] {
		seen[row[0]] = true
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a cell that can be a formula: %q", cell)
			}
		}
	}
	if len(seen) != len(all)-1 {
		t.Errorf("%d numbers in %d lines", len(seen), len(all)-1)
	}
	_, body = s.get("nora", "/api/analytics/tickets.csv?department=network&from=2026-11-23&to=2026-11-23")
	if n := strings.Count(body, "\n"); n != 1+len(titles) || !strings.Contains(body, "'=1+1+cmd") {
		t.Errorf("%d lines of network: %s", n, body)
	}
}

// TestABrokenExportDoesNotLookComplete lets the database fail after the first page.
func TestABrokenExportDoesNotLookComplete(t *testing.T) {
	s := newService(t)
	for i := range 301 {
		s.open("uma", fmt.Sprintf("Ticket %d", i), "it")
	}
	queries := 0
	s.store.Before = func(op string) error {
		if op == "query" {
			queries++
		}
		if queries == 2 {
			return errors.New("the line is dead")
		}
		return nil
	}
	server := httptest.NewServer(s.handler)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/analytics/tickets.csv", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer nora")
	answer, err := server.Client().Do(r)
	must(t, err)
	body, err := io.ReadAll(answer.Body)
	if err == nil || answer.StatusCode != 200 || strings.Contains(string(body), "dead") {
		t.Errorf("%d, %d bytes, %v", answer.StatusCode, len(body), err)
	}
}

func TestTheDescriptionSaysThatTheExportIsCSV(t *testing.T) {
	s := newService(t)
	data, err := json.Marshal(s.api.OpenAPI().Paths["/api/analytics/tickets.csv"].Get.Responses["200"])
	must(t, err)
	if !strings.Contains(string(data), `"text/csv":{"schema":{"type":"string"}}`) || strings.Contains(string(data), "application/json") {
		t.Errorf("%s", data)
	}
}
