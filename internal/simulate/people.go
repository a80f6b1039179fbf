package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// Action is something that a person does at a time. What exactly is drawn from its number,
// so that it is the same whatever else is done.
type Action struct {
	N   int // its number; what it opens is known by it
	At  time.Duration
	Who desk.PersonID
	Do  string
	On  int // the action that opened the ticket it is about
}

// String is the action in a word or two.
func (a Action) String() string {
	return fmt.Sprintf("%d: %s %s on %d at %v", a.N, a.Who, a.Do, a.On, a.At.Truncate(time.Second))
}

// The population.
var (
	requesters = []desk.PersonID{"uma", "otto", "rita"}
	staff      = []desk.PersonID{"nora", "noah", "mia", "mia", "liam", "priya"} // mia sees most
	everybody  = append(append([]desk.PersonID{"ada"}, staff...), requesters...)
	places     = []string{"it", "network", "helpdesk", "finance"}
)

// by says who does what: more often what stands there more often.
var by = map[string]struct {
	who   []desk.PersonID
	often int
}{
	"open": {append(requesters, requesters[0], "nora"), 10}, "reply": {everybody, 12}, "note": {staff, 6}, "status": {staff, 10}, "assign": {staff, 8},
	"hold": {staff, 4}, "resume": {staff, 4}, "resolve": {staff, 8}, "close": {everybody, 3}, "reopen": {everybody, 4}, "claim": {staff, 5},
	"priority": {staff, 5}, "place": {staff, 4}, "title": {everybody, 3}, "tag": {staff, 3}, "watch": {everybody, 4}, "escalate": {staff, 4}, "deescalate": {staff, 2},
	"merge": {staff, 3}, "unmerge": {staff, 3}, "link": {staff, 2}, "split": {staff, 2}, "delete": {[]desk.PersonID{"ada"}, 1}, "rate": {requesters, 3},
	"view": {everybody, 3}, "read": {everybody, 2}, "read all": {everybody, 2}, "read ticket": {everybody, 3}, "mute": {everybody, 1}, "look": {everybody, 3},
	"branch": {[]desk.PersonID{"ada"}, 2}, "bulk": {append(staff, "ada"), 2}, "present": {staff, 2}, "rights": {[]desk.PersonID{"ada"}, 1},
}

var doings = func() (out []string) {
	for _, do := range []string{
		"open", "reply", "note", "status", "assign", "hold", "resume", "resolve", "close", "reopen", "claim", "priority", "place", "title", "tag", "watch", "escalate",
		"deescalate", "merge", "unmerge", "link", "split", "delete", "rate", "view", "read", "read all", "read ticket", "mute", "look", "branch", "bulk", "present", "rights",
	} {
		for range by[do].often {
			out = append(out, do)
		}
	}
	return out
}()

// Plan draws a scenario: some days on which people come together in short bursts, since
// what they do at the same time is what goes wrong.
func Plan(seed uint64) Scenario {
	luck := (&world{Scenario: Scenario{Seed: seed}}).chance("plan")
	s := Scenario{Seed: seed, Calm: luck.IntN(8) == 0}
	days := 1 + luck.IntN(9)
	var opened []Action
	at := time.Duration(0)
	for range 3 + luck.IntN(4) {
		for range 4 + luck.IntN(8) {
			a := Action{N: len(s.Actions), At: at + soon(luck), Do: pick(luck, doings)}
			if len(opened) < 2 || a.Do == "open" {
				a.Do, a.On, a.Who = "open", a.N, pick(luck, by["open"].who)
				opened = append(opened, a)
			} else {
				on := opened[max(0, len(opened)-1-luck.IntN(3))]
				a.On, a.Who = on.N, pick(luck, by[a.Do].who)
				if contains(requesters, a.Who) && luck.IntN(4) > 0 {
					a.Who = on.Who // others see little of it
				}
				a.At += 2 * time.Second // when it is there
			}
			s.Actions = append(s.Actions, a)
		}
		at += time.Duration(luck.Int64N(int64(24 * time.Hour * time.Duration(days) / 3)))
	}
	return s
}

// soon is when in a burst something is done: for half of it at the same moment.
func soon(luck *rand.Rand) time.Duration {
	if luck.IntN(2) == 0 {
		return time.Duration(luck.Int64N(int64(200 * time.Millisecond)))
	}
	return time.Duration(luck.Int64N(int64(40 * time.Second)))
}

func pick[T any](luck *rand.Rand, from []T) T { return from[luck.IntN(len(from))] }

// request is what a person sends.
type request struct {
	method, path string
	body         map[string]any
	match        string // If-Match
}

// perform lets a person do something, and again as long as nobody answers.
func (w *world) perform(a Action) {
	id, known := w.tickets[a.On]
	if a.Do != "open" && !known {
		w.note("person", a.String()+": knows of no ticket")
		return
	}
	r := w.wish(a, string(id), w.chance(fmt.Sprint("action ", a.N)))
	w.note("person", fmt.Sprintf("%s: %s %s %v", a, r.method, r.path, r.body))
	w.send(a, r, 1)
}

// tries is how often a person repeats what was not answered.
const tries = 4

func (w *world) send(a Action, r request, try int) {
	name := fmt.Sprintf("action %d try %d", a.N, try)
	answered := false
	settle := func(code int, body []byte) {
		if answered {
			return
		}
		answered = true
		w.note("person", fmt.Sprintf("%d is answered %d", a.N, code))
		w.answers[a.N] = code
		if code == http.StatusCreated && a.Do == "open" {
			var t struct{ ID desk.TicketID }
			_ = json.Unmarshal(body, &t) // what is no ticket has no id
			w.tickets[a.N] = t.ID
		}
		if (code == 0 || code >= 500) && try < tries {
			w.after(time.Duration(w.chance(name+" again").Int64N(int64(20*time.Second))), func() { w.send(a, r, try+1) })
		}
	}
	f, _ := functions.Owner(strings.SplitN(r.path, "?", 2)[0])
	in := w.function(f.Name).instance(name)
	answer := httptest.NewRecorder()
	w.start(name, in, func(ctx context.Context) {
		in.handler.ServeHTTP(answer, r.http(ctx, a))
	}, func() {
		if in.dead {
			settle(0, nil)
			return
		}
		settle(answer.Code, answer.Body.Bytes())
	})
	w.after(30*time.Second, func() { settle(0, nil) })
}

func (r request) http(ctx context.Context, a Action) *http.Request {
	body := ""
	if r.body != nil {
		data, _ := json.Marshal(r.body) // never fails
		body = string(data)
	}
	h := httptest.NewRequestWithContext(ctx, r.method, "http://desk"+r.path, strings.NewReader(body))
	h.Header.Set("Authorization", "Bearer "+string(a.Who))
	h.Header.Set("Traceparent", trace)
	if body != "" {
		h.Header.Set("Content-Type", "application/json")
	}
	if r.method == http.MethodPost {
		h.Header.Set("Idempotency-Key", fmt.Sprint("key ", a.N))
	}
	if r.match != "" {
		h.Header.Set("If-Match", r.match)
	}
	return h
}

// words are what an action says, and no other does.
func (a Action) words() string { return fmt.Sprintf("Words of action %d", a.N) }

// wish is the request that an action makes.
func (w *world) wish(a Action, id string, luck *rand.Rand) request {
	post := func(do string, body map[string]any) request {
		return request{method: http.MethodPost, path: "/api/tickets/" + id + "/" + do + "/", body: body}
	}
	patch := func(body map[string]any) request {
		return request{method: http.MethodPatch, path: "/api/tickets/" + id + "/", body: body}
	}
	switch a.Do {
	case "open":
		body := map[string]any{"title": a.words(), "description": pick(luck, []string{"The VPN is slow.", "An invoice is missing.", "It smells."})}
		if luck.IntN(2) == 0 {
			body["department"] = pick(luck, places)
		}
		if luck.IntN(2) == 0 {
			body["priority"] = pick(luck, []string{"critical", "high", "low"})
		}
		return request{method: http.MethodPost, path: "/api/tickets/", body: body}
	case "reply", "note":
		return post("comments", map[string]any{"body": a.words() + pick(luck, []string{"", " @noah", " @rita"}), "internal": a.Do == "note"})
	case "status":
		return patch(map[string]any{"status": pick(luck, []string{"in_progress", "in_progress", "resolved", "closed", "assigned", "new", "reopened"})})
	case "resume":
		return patch(map[string]any{"status": "in_progress"})
	case "assign":
		return post("assign", map[string]any{"assignee": pick(luck, []any{"nora", "noah", "liam", "mia", nil})})
	case "hold":
		body := map[string]any{"reason": "A spare part."}
		if luck.IntN(2) == 0 {
			body["until"] = w.now.Add(time.Duration(1+luck.IntN(2000)) * time.Minute).Format(time.RFC3339)
		}
		return post("hold", body)
	case "priority":
		return patch(map[string]any{"priority": pick(luck, []string{"critical", "high", "medium", "low"})})
	case "place":
		return patch(map[string]any{"department": pick(luck, places)})
	case "title":
		return patch(map[string]any{"title": a.words()})
	case "resolve":
		return post("resolve", map[string]any{"resolution": "Done."})
	case "close", "reopen", "claim", "unmerge":
		return post(a.Do, nil)
	case "tag":
		return post("tags", map[string]any{"add": []string{pick(luck, []string{"red", "green"})}})
	case "watch":
		return post("watchers", map[string]any{"add": []string{string(pick(luck, everybody))}, "remove": []string{string(pick(luck, everybody))}})
	case "escalate":
		return post("escalate", map[string]any{"reason": "It burns."})
	case "deescalate":
		return request{method: http.MethodDelete, path: "/api/tickets/" + id + "/escalate/"}
	case "rate":
		return post("rate", map[string]any{"rating": 1 + luck.IntN(5)})
	case "delete":
		return request{method: http.MethodDelete, path: "/api/tickets/" + id + "/"}
	}
	return w.wishMore(a, id, luck, post)
}

// wishMore is what concerns more than one ticket, or none.
func (w *world) wishMore(a Action, id string, luck *rand.Rand, post func(string, map[string]any) request) request {
	other := id
	for n := a.N - 1; n >= 0; n-- {
		if t, ok := w.tickets[n]; ok && string(t) != id {
			other = string(t)
			break
		}
	}
	switch a.Do {
	case "merge":
		return post("merge", map[string]any{"into": other})
	case "link":
		return post("links", map[string]any{"kind": "relates", "ticket": other})
	case "split":
		return post("split", map[string]any{"title": a.words(), "description": "x", "comments": w.commentsOf(id)})
	case "view":
		filter := pick(luck, []map[string]any{{"status": "new"}, {"assignee": "me"}, {"priority": "high"}, {"department": "network"}, {"escalated": true}, {"assignee": "none"}})
		return request{method: http.MethodPost, path: "/api/views/", body: map[string]any{"name": a.words(), "filter": filter}}
	case "read":
		return request{method: http.MethodPost, path: "/api/notifications/" + w.aNotice(a, luck) + "/read/"}
	case "read all":
		return request{method: http.MethodPost, path: "/api/notifications/read/"}
	case "read ticket":
		return request{method: http.MethodPost, path: "/api/notifications/tickets/" + id + "/read/"}
	case "mute":
		return request{method: http.MethodPut, path: "/api/tickets/" + id + "/mute/"}
	case "branch":
		return request{method: http.MethodPatch, path: "/api/admin/departments/" + pick(luck, []string{"network", "helpdesk"}) + "/",
			body: map[string]any{"parent": pick(luck, []any{"it", "finance", nil})}, match: "*"}
	case "bulk":
		return request{method: http.MethodPost, path: "/api/tickets/bulk/", body: map[string]any{"ids": []string{id, other}, "changes": map[string]any{"priority": pick(luck, []string{"high", "low"}), "add_tags": []string{"bulk"}}}}
	case "present":
		return request{method: http.MethodPatch, path: "/api/users/me/", body: map[string]any{"present": luck.IntN(2) == 0}, match: "*"}
	case "rights":
		return request{method: http.MethodPatch, path: "/api/users/" + string(pick(luck, staff)) + "/", body: map[string]any{"departments": []string{pick(luck, places)}}, match: "*"}
	}
	return request{method: http.MethodGet, path: pick(luck, []string{"/api/tickets/" + id + "/", "/api/tickets/", "/api/notifications/", "/api/views/", "/api/tickets/" + id + "/comments/", "/api/tickets/" + id + "/history/"})}
}

// commentsOf are ids of a ticket's replies, at least one that may not be there.
func (w *world) commentsOf(ticket string) []string {
	for _, r := range w.store.Dump("replies") {
		if r.Fields["ticket"] == ticket {
			return []string{r.Key.ID}
		}
	}
	return []string{ticket + "-000002"}
}

// aNotice is one of the person's own, or one that is not there.
func (w *world) aNotice(a Action, luck *rand.Rand) string {
	var own []docdb.Record
	for _, r := range w.store.Dump("notices") {
		if r.Fields["person"] == string(a.Who) {
			own = append(own, r)
		}
	}
	if len(own) == 0 {
		return "none"
	}
	return pick(luck, own).Key.ID
}
