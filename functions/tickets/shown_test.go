package tickets

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

func TestFieldsAnswerExactlyWhatWasNamed(t *testing.T) {
	s := newService(t)
	path := s.open().header.Get("Location")
	whole := s.call("uma", "GET", path, "")
	part := s.call("uma", "GET", path+"?fields=title,id,assignee,created_at", "")
	if got := slices.Sorted(maps.Keys(part.body)); !slices.Equal(got, []string{"assignee", "created_at", "id", "title"}) {
		t.Fatalf("answered %v", got)
	}
	for name, v := range part.body {
		if v != whole.body[name] {
			t.Errorf("%s is %v, in the whole ticket %v", name, v, whole.body[name])
		}
	}
	if part.header.Get("ETag") != whole.header.Get("ETag") {
		t.Error("a part has another ETag")
	}
	if same := s.call("uma", "GET", path+"?fields=id", "", "If-None-Match", whole.header.Get("ETag")); same.status != 304 {
		t.Errorf("an unchanged part is answered with %d", same.status)
	}
	list := s.call("uma", "GET", "/api/tickets/?fields=number", "")
	if got := list.body["items"].([]any)[0].(map[string]any); len(got) != 1 || got["number"] != whole.body["number"] {
		t.Errorf("the list has %v", got)
	}
}

func TestFieldsShowNothingThatTheWholeTicketWouldNot(t *testing.T) {
	s := newService(t)
	path := s.open().header.Get("Location")
	s.call("nora", "POST", path+"comments/", `{"body": "Secret.", "internal": true}`)
	for _, at := range []string{path, "/api/tickets/"} {
		if r := s.call("uma", "GET", at+"?fields=id,note_count,routing,links,sla_breached,escalation_reason", ""); strings.Contains(r.raw, "note_count") || strings.Contains(r.raw, "sla_breached") {
			t.Errorf("%s shows the requester %s", at, r.raw)
		}
	}
	if r := s.call("nora", "GET", path+"?fields=note_count", ""); r.raw != `{"note_count":1}` {
		t.Errorf("staff see %s", r.raw)
	}
	if r := s.call("otto", "GET", path+"?fields=id&expand=comments", ""); r.status != 404 {
		t.Errorf("a stranger is answered %d", r.status)
	}
}

func TestWhatCanNotBeNamedIsRefused(t *testing.T) {
	s := newService(t)
	path := s.open().header.Get("Location")
	many := make([]string, 0, mostFields+1)
	for _, f := range fieldNames[:mostFields+1] {
		many = append(many, string(f))
	}
	for _, query := range []string{
		"?fields=secret", "?fields=id&fields=title", "?fields=id,", "?fields=id,id", "?fields=expanded", "?fields=audience", "?fields=" + strings.Join(many, ","),
		"?expand=watchers", "?expand=requester,requester", "?expand=requester.departments",
	} {
		for _, at := range []string{path, "/api/tickets/"} {
			if r := s.call("uma", "GET", at+query, ""); r.status != 422 {
				t.Errorf("%s%s is answered with %d: %s", at, query, r.status, r.raw)
			}
		}
	}
	if r := s.call("uma", "GET", "/api/tickets/?expand=comments", ""); r.status != 422 {
		t.Errorf("comments of a whole list are answered with %d", r.status)
	}
	if r := s.call("uma", "GET", path+"?fields="+strings.Join(many[:mostFields], ","), ""); len(r.body) != mostFields {
		t.Errorf("the most fields are answered with %s", r.raw)
	}
}

func TestExpandAnswersWhatOneWouldAskForNext(t *testing.T) {
	s := newService(t)
	path := s.open().header.Get("Location")
	s.call("nora", "POST", path+"assign/", `{"assignee": "nora"}`)
	s.call("nora", "POST", path+"comments/", `{"body": "On my way."}`)
	s.call("nora", "POST", path+"comments/", `{"body": "Secret.", "internal": true}`)
	const all = "?fields=id&expand=requester,assignee,department,comments"
	staff := s.call("nora", "GET", path+all, "")
	beside := staff.body["expanded"].(map[string]any)
	if got := beside["requester"].(map[string]any); got["name"] != "uma" || got["email"] != "uma@demo.example" {
		t.Errorf("the requester is %v", got)
	}
	if got := beside["department"].(map[string]any); got["name"] != "IT" || got["parent"] != nil {
		t.Errorf("the department is %v", got)
	}
	if beside["assignee"].(map[string]any)["id"] != "nora" || !strings.Contains(staff.raw, "Secret.") {
		t.Errorf("staff see %s", staff.raw)
	}
	own := s.call("uma", "GET", path+all, "")
	if own.body["expanded"].(map[string]any)["assignee"] != nil || strings.Contains(own.raw, "nora@") || strings.Contains(own.raw, "Secret.") || !strings.Contains(own.raw, "On my way.") {
		t.Errorf("the requester sees %s", own.raw)
	}
	if r := s.call("uma", "GET", path+"?expand=requester", "", "If-None-Match", own.header.Get("ETag")); r.status != 200 {
		t.Errorf("what is beside a ticket is taken for unchanged with it: %d", r.status)
	}
}

// counting counts the documents that are read one by one.
type counting struct {
	docdb.Store
	reads int
}

func (c *counting) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	c.reads += len(keys)
	return c.Store.Get(ctx, keys)
}

func TestAnExpandedListReadsEachPersonOnce(t *testing.T) {
	s := newService(t)
	for range 30 {
		s.open()
	}
	c := &counting{Store: s.store}
	h := handlers{desk.New(docdb.Open(c, desk.Indexes()), s.desk.Now)}
	nora := desk.Actor{ID: "nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}}
	found, _, err := h.desk.List(t.Context(), nora, desk.Filter{}, desk.Page{Limit: 30})
	must(t, err)
	c.reads = 0
	seen, err := h.look(t.Context(), nora, []string{withRequester, withAssignee, withDepartment}, found...)
	must(t, err)
	if len(found) != 30 || seen.of(&found[29]).Requester == nil || c.reads != 2 {
		t.Errorf("%d tickets of one requester cost %d reads", len(found), c.reads)
	}
}
