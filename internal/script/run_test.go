package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
)

// api is a small system to tell stories to.
type api struct {
	*httptest.Server
	signIns  atomic.Int64
	mu       sync.Mutex
	polls    int // GETs of /grows so far
	gathered []string
}

func newAPI(t *testing.T) *api {
	a := &api{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/token/", a.token)
	mux.HandleFunc("/echo", a.echo)
	mux.HandleFunc("GET /grows", a.grows)
	mux.HandleFunc("GET /api/tickets/{id}/history/", a.history)
	mux.HandleFunc("GET /moved", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/echo")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "a <b>page</b>, not JSON") })
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *api) runner() *Runner {
	r := NewRunner(a.URL+"/", Demo)
	r.Patience = 150 * time.Millisecond
	return r
}

func (a *api) token(w http.ResponseWriter, r *http.Request) {
	var in map[string]string
	_ = json.NewDecoder(r.Body).Decode(&in)
	a.signIns.Add(1)
	if in["password"] != DemoPassword || in["email"] == "otto@demo.example" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code": "sign_in_failed", "detail": "No."}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access": "token-of-" + in["email"], "expires_in": 3600})
}

// echo answers with what it was asked.
func (a *api) echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	a.gathered = append(a.gathered, string(body))
	a.mu.Unlock()
	w.Header().Set("ETag", `"v1"`)
	if len(body) == 0 {
		body = []byte("null")
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "query": r.URL.RawQuery, "token": r.Header.Get("Authorization"),
		"type": r.Header.Get("Content-Type"), "match": r.Header.Get("If-Match"), "length": len(body),
		"body": json.RawMessage(quoted(body)), "none": nil, "list": []any{"a", "b", 3}, "items": []any{map[string]any{"id": "x", "n": 1}, map[string]any{"id": "y", "n": 2}},
	})
}

// quoted is the body itself if it is JSON, and a JSON string of it otherwise.
func quoted(body []byte) []byte {
	if json.Valid(body) {
		return body
	}
	out, _ := json.Marshal(string(body))
	return out
}

// grows has an item more each time.
func (a *api) grows(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.polls++
	fmt.Fprintf(w, `{"count": %d}`, a.polls)
}

// history has the act from the third time on.
func (a *api) history(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.polls++
	acts := `{"type": "ticket.created"}`
	if a.polls > 2 && r.PathValue("id") == "t-1" {
		acts += `, {"type": "ticket.routed"}`
	}
	fmt.Fprintf(w, `{"items": [%s]}`, acts)
}

func tell(t *testing.T, a *api, story string) error {
	t.Helper()
	s, err := Parse("story.txt", story)
	if err != nil {
		return err
	}
	return a.runner().Run(t.Context(), s)
}

func TestStoriesThatTheSystemAgreesWithPass(t *testing.T) {
	for name, story := range map[string]string{
		"a body over several lines": `
			POST /echo {
				"title": "brackets } in ] strings \" too",

				"n": 3}
			status == 201
			.body.n == 3
			.body.title contains } in ]
			.type == application/json`,
		"who asks": `
			GET /echo
			.token == ""
			as uma
			GET /echo
			.token == Bearer token-of-uma@demo.example
			as nobody
			GET /echo
			.token == ""
			POST /echo {"who": "nora"}
			save who .body.who
			as $who
			GET /echo
			.token == Bearer token-of-nora@demo.example`,
		"headers": `
			as uma
			GET /echo
			header ETag exists
			header etag == "v1"
			header X-None !exists
			save etag header ETag
			PATCH /echo {}
			  with If-Match $etag
			  with Content-Type
			  with Authorization Bearer other
			.match == $etag
			.match == "\"v1\""
			.type == ""
			.token == Bearer other`,
		"bodies as they stand": `
			POST /echo
			with body "a\x00b"
			.body == "a\u0000b"
			POST /echo
			with body {"a":
			.body == "{\"a\":"
			POST /echo
			with body "${1100000 x}"
			.length == 1100000`,
		"values": `
			POST /echo {"a": "$run", "b": "cost $$5", "c": "${3 ab}"}
			.body.a matches ^[a-z0-9]{12}$
			.body.b == cost $$5
			.body.c == ababab
			save word .body.a
			save number .length
			GET /echo?q=$word&$run
			.query contains $word
			.length < $number`,
		"types": `
			GET /echo
			.none == null
			.none exists
			.nothing !exists
			.none != "null"
			.length == 4
			.length != "4"
			.length >= 4
			.length <= 4
			.length > 3.5
			.list contains 3
			.list !contains "3"
			.list contains a
			.list == ["a", "b", 3]
			.items.# == 2
			.items.#.id == ["x","y"]
			.items.#(id=="y").n == 2
			.method == GET
			. contains "method":"GET"`,
		"paths with values": `
			POST /echo {"who": "x", "two words": {"a": 1}, "list": [{"id": "two words", "n": 7}]}
			save who .body.who
			.items.#(id=="$who").n == 1
			.body.list.#(id=="two words").n == 7
			.items.#.id == ["$who", "y"]
			save all .
			. == $all`,
		"times are compared as text": `
			POST /echo {"at": "2026-11-23T10:00:00.000Z"}
			.body.at > 2026-11-23T09:59:59.000Z
			.body.at < 2026-12`,
		"what is not JSON": `
			GET /page
			body contains <b>page</b>
			body !contains 881
			.title !exists`,
		"redirects are answers": `
			GET /moved
			status == 303
			header Location == /echo
			body !exists`,
		"repeats": `
			repeat 3
				POST /echo {"n": $i}
				.body.n == $i
				repeat 2
					GET /echo
				end
			end
			.body == null`,
		"waiting for a value": `
			GET /grows
			wait .count == 4`,
		"waiting for an act": `
			POST /echo {"id": "t-1"}
			save ticket .body.id
			wait ticket.routed
			.items.# == 2`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tell(t, newAPI(t), story); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStoriesThatTheSystemDisagreesWithFail(t *testing.T) {
	for _, c := range []struct{ story, want string }{
		{"GET /echo\nstatus == 201", "story.txt:2: status == 201: it is 200"},
		{"GET /echo\n.length == \"4\"", `story.txt:2: .length == "4": it is 4`},
		{"GET /echo\n.none == \"null\"", "it is null"},
		{"GET /echo\n.nothing == null", "it is not there"},
		{"GET /echo\n.nothing != x", "not there"},
		{"GET /echo\n.nothing.#.id !contains x", "not there"},
		{"GET /echo\n.nothing exists", "not there"},
		{"GET /echo\n.none !exists", "it is null"},
		{"GET /echo\n.nothing contains x", "not there"},
		{"GET /echo\n.nothing matches .*", "not there"},
		{"GET /echo\n.nothing < 5", "not there"},
		{"GET /echo\n.length < 4", "it is 4"},
		{"GET /echo\n.length < many", "not a number"},
		{"GET /echo\n.list contains c", `it is ["a","b",3]`},
		{"GET /echo\n.list !contains a", `it is ["a","b",3]`},
		{"GET /echo\n.list contains \"3\"", `it is ["a","b",3]`},
		{"GET /echo\nheader ETag !exists", `it is "\"v1\""`},
		{"GET /echo\nheader ETag matches [", "missing closing ]"},
		{"GET /page\nbody !contains page", "story.txt:2: body !contains page"},
		{"GET /moved\nbody !contains x", "not there"},
		{"GET /page\n.title exists", "not there"},
		{"GET /page\nsave title .title", "story.txt:2: save title: the answer has no such value"},
		{"status == 200", "story.txt:1: there is no answer yet to check"},
		{"save ticket .id", "story.txt:1: there is no answer yet to save from"},
		{"GET /echo?q=$word", "story.txt:1: nothing was saved as $word"},
		{"GET /echo\n.method == $word", "nothing was saved as $word"},
		{"POST /echo {\"who\": \"y\"}\nsave who .body.who\n.items.#.id == [\"$who\", \"y\"]", `it is ["x","y"]`},
		{"as $who", "story.txt:1: nothing was saved as $who"},
		{"as otto\nGET /echo", "story.txt:2: otto can't sign in: 401 Unauthorized, sign_in_failed: No."},
		{"# told\n\nrepeat 3\n  POST /echo {\"n\": $i}\n  .body.n < 3\nend", "story.txt:5: .body.n < 3: it is 3"},
		{"GET /grows\nwait .count > 1000", "story.txt:2: after 0."},
		{"POST /echo {}\nwait status == 200", "wait must follow one"},
		{"wait ticket.routed", "nothing was saved as $ticket"},
		{"POST /echo {\"id\": \"t-2\"}\nsave ticket .body.id\nwait ticket.routed", `it is ["ticket.created"]`},
	} {
		t.Run(strings.ReplaceAll(c.story, "\n", " | "), func(t *testing.T) {
			t.Parallel()
			err := tell(t, newAPI(t), c.story)
			var f *Failure
			if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want a failure with %q, got %v", c.want, err)
			}
		})
	}
}

func TestAFailureShowsTheExchangeWithoutTheToken(t *testing.T) {
	err := tell(t, newAPI(t), "as uma\nPOST /echo {\"n\": 1}\nsave x .body.none")
	if err == nil {
		t.Fatal("want a failure")
	}
	for _, part := range []string{`POST /echo {"n": 1}`, "-> 201 Created", `"body":{"n":1}`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in:\n%v", part, err)
		}
	}
	err = tell(t, newAPI(t), "as uma\nGET /page\nstatus == 404")
	if err == nil || strings.Contains(err.Error(), "token-of") {
		t.Errorf("it shows the token, or no failure: %v", err)
	}
}

func TestStoriesThatCannotBeReadAreRefused(t *testing.T) {
	for _, c := range []struct{ story, want string }{
		{"GET echo", "story.txt:1: this is no statement"},
		{"\n# hello\nFETCH /echo", "story.txt:3: this is no statement: FETCH /echo"},
		{"GET /echo {\"a\": 1", "story.txt:1: the brackets of this body do not close"},
		{"POST /echo {}\nwith body x", "story.txt:2: this request has a body already"},
		{"POST /echo\nwith body \"x", "story.txt:2: this is not a quoted text"},
		{"with If-Match x", "no statement"},
		{"repeat 2\nGET /echo", "story.txt:1: this repeat has no end"},
		{"repeat many", "repeat takes a number"},
		{"repeat 0\nend", "repeat takes a number"},
		{"end", "no statement"},
		{"save ticket", "save takes a name"},
		{"save Ticket .id", "save takes a name"},
		{"wait a while", "wait takes a check"},
		{"as", "no statement"},
		{"status is 200", "no statement"},
		{"status == ", "no statement"},
		{"status exists 200", "no statement"},
	} {
		_, err := Parse("story.txt", c.story)
		var f *Failure
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: want %q, got %v", c.story, c.want, err)
		}
	}
}

func TestPeopleSignInOnceForAllStories(t *testing.T) {
	a := newAPI(t)
	r := a.runner()
	story, err := Parse("s.txt", "as uma\nGET /echo\nas nora\nGET /echo\n.token == Bearer token-of-nora@demo.example")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := r.Run(t.Context(), story); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := a.signIns.Load(); n != 2 {
		t.Errorf("%d sign-ins, want 2", n)
	}
}

func TestEveryRunHasAWordOfItsOwn(t *testing.T) {
	a := newAPI(t)
	for range 2 {
		if err := tell(t, a, "POST /echo\nwith body $run"); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.gathered) != 2 || a.gathered[0] == a.gathered[1] {
		t.Errorf("got %q", a.gathered)
	}
}

func TestAFolderOfStoriesIsLoadedInOrder(t *testing.T) {
	files := fstest.MapFS{
		"live/b.txt":     {Data: []byte("# The second\n#more\nGET /echo")},
		"live/a.txt":     {Data: []byte("GET /echo\n  # The first\n")},
		"live/notes.md":  {Data: []byte("not a story")},
		"live/sub/c.txt": {Data: []byte("GET /echo")},
		"bad/x.txt":      {Data: []byte("nonsense")},
	}
	all, err := Load(files, "live")
	if err != nil || len(all) != 2 || all[0].Title != "The first" || all[1].Title != "The second" || all[0].Name != "live/a.txt" {
		t.Errorf("got %+v, %v", all, err)
	}
	if _, err := Load(files, "empty"); err == nil {
		t.Error("an empty folder has no stories")
	}
	if _, err := Load(files, "bad"); err == nil || !strings.Contains(err.Error(), "bad/x.txt:1") {
		t.Errorf("got %v", err)
	}
}
