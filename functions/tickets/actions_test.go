package tickets

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// ticket opens one and returns its path and number.
func (s *service) ticket() (path, number string) {
	s.t.Helper()
	made := s.open()
	return "/api/tickets/" + made.body["id"].(string), made.body["number"].(string)
}

// want calls and expects a status.
func (s *service) want(status int, who, method, path, body string, head ...string) result {
	s.t.Helper()
	got := s.call(who, method, path, body, head...)
	if got.status != status {
		s.t.Fatalf("%s %s by %s: got %d %s, want %d", method, path, who, got.status, got.raw, status)
	}
	return got
}

func TestEachActionAnswersWithTheTicket(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	_, other := s.ticket()
	for _, c := range []struct{ path, body, field, want string }{
		{"/claim/", "", "assignee", "nora"},
		{"/escalate/", `{"reason": "Beyond me."}`, "escalation_reason", "Beyond me."},
		{"/watchers/", `{"add": ["me", "otto"]}`, "watchers", "[nora otto]"},
		{"/watchers/", `{"remove": ["me"]}`, "watchers", "[otto]"},
		{"/tags/", `{"add": ["Smoke"]}`, "tags", "[smoke]"},
		{"/links/", `{"kind": "blocks", "ticket": "` + other + `"}`, "links.number", other},
		{"/resolve/", `{"resolution": "A new fuser."}`, "resolution", "A new fuser."},
		{"/merge/", `{"into": "` + other + `"}`, "status", "merged"},
		{"/unmerge/", "", "status", "resolved"},
	} {
		got := s.want(200, "nora", "POST", a+c.path, c.body, "Idempotency-Key", "one"+c.path+c.body)
		if again := s.call("nora", "POST", a+c.path, c.body, "Idempotency-Key", "one"+c.path+c.body); again.raw != got.raw || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s again: %s", c.path, again.raw)
		}
		var value any = got.body
		for _, name := range strings.Split(c.field, ".") {
			value = value.(map[string]any)[name]
			if list, ok := value.([]any); ok && name == "links" {
				value = list[0]
			}
		}
		if fmt.Sprint(value) != c.want || got.header.Get("ETag") == "" {
			t.Errorf("%s: %s is %v, want %s", c.path, c.field, value, c.want)
		}
	}
	s.want(204, "nora", "DELETE", a+"/links/"+other+"/", "")
	s.want(204, "nora", "DELETE", a+"/escalate/", "")
	s.want(412, "nora", "DELETE", a+"/escalate/", "", "If-Match", `"v1"`)
}

func TestARequesterSeesNoneOfWhatStaffKeepAmongThemselves(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	_, other := s.ticket()
	s.want(200, "nora", "POST", a+"/escalate/", `{"reason": "Secret-1"}`)
	s.want(200, "nora", "POST", a+"/links/", `{"kind": "relates", "ticket": "`+other+`"}`)
	for _, path := range []string{a, a + "/history/", "/api/tickets/"} {
		got := s.want(200, "uma", "GET", path, "")
		if strings.Contains(got.raw, "Secret-1") || strings.Contains(got.raw, "relates") {
			t.Errorf("%s shows it: %s", path, got.raw)
		}
	}
}

func TestBadActionsAreRefusedByName(t *testing.T) {
	s := newService(t)
	a, number := s.ticket()
	s.want(201, "nora", "POST", a+"/comments/", `{"body": "Known fault.", "internal": true}`)
	for _, c := range []struct {
		who, path, body string
		status          int
		field           string
	}{
		{"nora", "/resolve/", `{"resolution": "x", "values": {"no": 1}}`, 422, "values.no"},
		{"nora", "/escalate/", `{}`, 422, ""},
		{"nora", "/escalate/", `{"reason": " "}`, 422, "reason"},
		{"nora", "/escalate/", `{"reason": "x", "person": "nobody"}`, 422, "assignee"},
		{"nora", "/watchers/", `{"add": ["nobody"]}`, 422, "add"},
		{"nora", "/tags/", `{"add": ["` + strings.Repeat("x", 41) + `"]}`, 422, "tags"},
		{"nora", "/links/", `{"kind": "likes", "ticket": "x"}`, 422, "kind"},
		{"nora", "/links/", `{"kind": "relates", "ticket": "` + number + `"}`, 422, "ticket"},
		{"nora", "/merge/", `{"into": "TKT-209901-0001"}`, 422, "into"},
		{"nora", "/merge/", `{"into": "../x"}`, 422, "into"},
		{"nora", "/unmerge/", "", 409, ""},
		{"nora", "/split/", `{"title": "Another", "comments": []}`, 422, "comments"},
		{"nora", "/split/", `{"title": "Another", "comments": ["nothing"]}`, 422, "comments"},
		{"uma", "/claim/", "", 403, ""},
		{"uma", "/escalate/", `{"reason": "x"}`, 403, ""},
		{"uma", "/merge/", `{"into": "` + number + `"}`, 403, ""},
		{"otto", "/watchers/", `{"add": ["me"]}`, 404, ""},
		{"otto", "/claim/", "", 404, ""},
	} {
		got := s.call(c.who, "POST", a+c.path, c.body)
		if got.status != c.status || c.field != "" && !strings.Contains(got.raw, `"field":"`+c.field+`"`) {
			t.Errorf("%s %s by %s: %d %s", c.path, c.body, c.who, got.status, got.raw)
		}
	}
}

func TestASplitIsANewTicketWithItsAddress(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	said := s.want(201, "uma", "POST", a+"/comments/", `{"body": "The scanner smokes too."}`)
	got := s.want(201, "nora", "POST", a+"/split/", `{"title": "Smoking scanner", "comments": ["`+said.body["id"].(string)+`"]}`)
	if at := got.header.Get("Location"); at != "/api/tickets/"+got.body["id"].(string)+"/" || got.body["description"] != "The scanner smokes too." {
		t.Errorf("at %s: %s", at, got.raw)
	}
}

func TestACommentIsCorrectedAndItsVersionsAreListed(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	said := s.want(201, "nora", "POST", a+"/comments/", `{"body": "Tunr it off, @otto @uma <b>now</b>."}`)
	if said.body["html"] != "<p>Tunr it off, @otto @uma &lt;b&gt;now&lt;/b&gt;.</p>" || fmt.Sprint(said.body["mentions"], said.body["not_reached"]) != "[uma] [otto]" {
		t.Errorf("got %s", said.raw)
	}
	comment := a + "/comments/" + said.body["id"].(string)
	s.want(403, "uma", "PATCH", comment+"/", `{"body": "No."}`)
	s.want(412, "nora", "PATCH", comment+"/", `{"body": "Turn it off."}`, "If-Match", `"v1"`)
	s.want(422, "nora", "PATCH", comment+"/", `{"body": ""}`)
	s.want(404, "nora", "PATCH", a+"/comments/nothing/", `{"body": "x"}`)
	if got := s.want(200, "nora", "PATCH", comment+"/", `{"body": "Turn it off."}`); got.body["edited_at"] == nil {
		t.Errorf("got %s", got.raw)
	}
	if got := s.want(200, "uma", "GET", comment+"/versions/", ""); !strings.Contains(got.raw, "Tunr it off") {
		t.Errorf("got %s", got.raw)
	}
	s.want(404, "otto", "GET", comment+"/versions/", "")
}

func TestAReplyToAnOldStateIsAskedAbout(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	s.want(200, "nora", "PATCH", a, `{"priority": "high"}`)
	for _, c := range []struct {
		body, match string
		status      int
	}{{`{"body": "x", "seen_version": 1}`, "", 409}, {`{"body": "x"}`, `"v1"`, 412}} {
		got := s.want(c.status, "uma", "POST", a+"/comments/", c.body, "If-Match", c.match)
		if !strings.Contains(got.raw, `"changed":["priority"]`) {
			t.Errorf("got %s", got.raw)
		}
	}
	s.want(412, "uma", "POST", a+"/comments/", `{"body": "x"}`, "If-Match", `"v99"`)
	s.want(422, "uma", "POST", a+"/comments/", `{"body": "x", "seen_version": 0.5}`)
	s.want(201, "uma", "POST", a+"/comments/", `{"body": "x", "seen_version": 1, "force": true}`)
	s.want(201, "uma", "POST", a+"/comments/", `{"body": "x", "seen_version": 3}`)
}

func TestADraftIsSavedShownAndForgotten(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	s.want(404, "uma", "GET", a+"/draft/", "")
	s.want(200, "uma", "PUT", a+"/draft/", `{"body": "Dear"}`)
	s.want(422, "uma", "PUT", a+"/draft/", `{"body": ""}`)
	s.want(403, "uma", "PUT", a+"/draft/", `{"body": "x", "internal": true}`)
	s.want(404, "otto", "PUT", a+"/draft/", `{"body": "x"}`)
	if got := s.want(200, "uma", "GET", a+"/draft/", ""); got.body["body"] != "Dear" {
		t.Errorf("got %s", got.raw)
	}
	s.want(404, "nora", "GET", a+"/draft/", "")
	s.want(http.StatusNoContent, "uma", "DELETE", a+"/draft/", "")
	s.want(404, "uma", "GET", a+"/draft/", "")
}
