package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/console"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// system is the stack that the tests of this package share.
var system = sync.OnceValues(func() (*stack.Stack, error) {
	return stack.Start(context.Background(), stack.Options{Shared: true, Console: console.New})
})

func TestMain(m *testing.M) {
	code := m.Run()
	if s, err := system(); err == nil {
		if err := s.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func shared(t *testing.T) *stack.Stack {
	t.Helper()
	s, err := system()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer is what the console said.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a request of the console; header holds names and values in turn. While
// the emulators are too busy to answer in time, it asks again.
func ask(t *testing.T, method, path, body string, header ...string) (a answer) {
	t.Helper()
	until(t, method+" "+path, func() bool {
		a = askOnce(t, method, path, body, header...)
		return a.status != http.StatusServiceUnavailable
	})
	return a
}

func askOnce(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, shared(t).URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

// items reads a JSON list of the console.
func items[T any](t *testing.T, path string) []T {
	t.Helper()
	a := ask(t, "GET", path, "")
	var list struct {
		Items []T `json:"items"`
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != http.StatusOK {
		t.Fatalf("%s answered %d %s: %v", path, a.status, a.body, err)
	}
	return list.Items
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func form(values ...string) (string, string, string) {
	v := url.Values{}
	for i := 0; i < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return v.Encode(), "Content-Type", "application/x-www-form-urlencoded"
}

func TestEveryPageShowsItselfWithoutScript(t *testing.T) {
	for path, want := range map[string]string{
		"/_dev/":             functions.Catalogue[0].Purpose,
		"/_dev/events":       "facts-notify-dead",
		"/_dev/facts":        "outbox",
		"/_dev/dead-letters": "facts-route-dead",
	} {
		a := ask(t, "GET", path, "")
		if a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s answered %d without %q: %s", path, a.status, want, a.body)
		}
		if strings.Contains(a.body, "<script") || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has script, or might: %v", path, a.header)
		}
		if strings.Contains(a.body, "http-equiv") {
			t.Errorf("%s reloads itself unasked", path)
		}
		if a := ask(t, "GET", path+"?refresh=2", ""); !strings.Contains(a.body, `<meta http-equiv="refresh" content="2">`) {
			t.Errorf("%s does not reload itself when asked", path)
		}
	}
	if a := ask(t, "GET", "/_dev/style.css", ""); a.status != http.StatusOK || !strings.Contains(a.body, "color-scheme: light dark") {
		t.Errorf("the style sheet: %d %s", a.status, a.body)
	}
	if a := ask(t, "GET", "/_dev/nothing", ""); a.status != http.StatusNotFound {
		t.Errorf("an unknown page answered %d", a.status)
	}
}

func TestListsHaveJSONTwins(t *testing.T) {
	if got := items[stack.Function](t, "/_dev/api/functions"); len(got) != len(functions.Catalogue) || got[0].PID == 0 || got[0].Memory == 0 {
		t.Errorf("functions: %+v", got)
	}
	if got := items[string](t, "/_dev/api/topics"); !slices.Equal(got, shared(t).Topics()) {
		t.Errorf("topics: %v", got)
	}
	subs := items[stack.Subscription](t, "/_dev/api/subscriptions")
	route, _ := functions.Named("route")
	if !slices.ContainsFunc(subs, func(s stack.Subscription) bool { return s.Function == "route" && s.Filter == route.Filter() }) {
		t.Errorf("subscriptions: %+v", subs)
	}
}

func TestAFactShowsWhetherItWaitsAndWhatCameOfIt(t *testing.T) {
	s := shared(t)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	write := func(collection, id string, v any) {
		t.Helper()
		key := docdb.Key{Collection: collection, ID: id}
		until(t, "the document", func() bool {
			return s.DB.Run(t.Context(), func(tx *docdb.Tx) error { return tx.Set(key, v) }) == nil
		})
	}
	act := func(id string, at time.Time) map[string]any {
		return map[string]any{"id": id, "type": "ticket.created", "ticket": "t9", "sequence": 1, "at": at, "actor": "uma"}
	}
	write("acts", "t9-000001", act("t9-000001", at))
	write("acts", "t9-000002", act("t9-000002", at.Add(time.Second)))
	write(event.EffectCollection, "route~t9-000001", event.Marker{Consumer: "route", Event: "t9-000001", Type: "ticket.created", Subject: "t9", At: at})
	write(event.EffectCollection, "notify~t9-000001", event.Marker{Consumer: "notify", Event: "t9-000001", Type: "ticket.created", Subject: "t9", At: at.Add(time.Second)})
	got := items[console.Fact](t, "/_dev/api/facts")
	if len(got) != 2 || got[0].ID != "t9-000002" || got[1].Actor != "uma" || !got[1].At.Equal(at) {
		t.Fatalf("facts: %+v", got)
	}
	if e := got[1].Effects; len(e) != 2 || e[0].Consumer != "route" || e[1].Consumer != "notify" || len(got[0].Effects) != 0 {
		t.Errorf("effects: %+v", got)
	}
	if got := items[event.Marker](t, "/_dev/api/effects"); len(got) != 2 || got[0].Consumer != "notify" {
		t.Errorf("effects, newest first: %+v", got)
	}
	if a := ask(t, "GET", "/_dev/facts", ""); !strings.Contains(a.body, "t9") || !strings.Contains(a.body, "route") {
		t.Errorf("the page: %s", a.body)
	}
}

func TestTheClockMovesByJSONAndByForm(t *testing.T) {
	defer ask(t, "POST", "/_dev/api/clock", `{"shift":"0"}`)
	a := ask(t, "POST", "/_dev/api/clock", `{"shift":"26h"}`)
	var now console.Clock
	if err := json.Unmarshal([]byte(a.body), &now); err != nil || now.Shift != "26h0m0s" || now.Now.Sub(now.Real) != 26*time.Hour {
		t.Errorf("JSON: %d %s, %v", a.status, a.body, err)
	}
	body, name, value := form("shift", "-90m")
	if a := ask(t, "POST", "/_dev/api/clock", body, name, value); a.status != http.StatusSeeOther || a.header.Get("Location") != "/_dev/" {
		t.Errorf("form: %d %v", a.status, a.header)
	}
	if a := ask(t, "GET", "/_dev/api/clock", ""); !strings.Contains(a.body, `"-1h30m0s"`) {
		t.Errorf("the clock shows %s", a.body)
	}
	for _, body := range []string{"", "{}", `{"shift":"soon"}`, `{"shift":5}`, strings.Repeat(" ", 5000) + `{"shift":"1h"}`} {
		if a := ask(t, "POST", "/_dev/api/clock", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%.30q was answered with %d %s", body, a.status, a.body)
		}
	}
}

func TestAKilledFunctionComesBack(t *testing.T) {
	find := func() stack.Function {
		all := items[stack.Function](t, "/_dev/api/functions")
		return all[slices.IndexFunc(all, func(f stack.Function) bool { return f.Name == "people" })]
	}
	before := find()
	if a := ask(t, "POST", "/_dev/api/functions/people/kill", ""); a.status != http.StatusNoContent {
		t.Errorf("killing answered %d %s", a.status, a.body)
	}
	until(t, "the new process", func() bool {
		now := find()
		return now.State == "running" && now.PID != before.PID && now.Restarts == before.Restarts+1
	})
	if a := ask(t, "POST", "/_dev/api/functions/nobody/kill", ""); a.status != http.StatusNotFound {
		t.Errorf("killing nobody answered %d", a.status)
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	for _, header := range [][]string{
		{"Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Host", "evil.example"},
		{"Host", "evil.example:8080", "Origin", "http://evil.example:8080"},
	} {
		if a := ask(t, "POST", "/_dev/api/clock", `{"shift":"1h"}`, header...); a.status != http.StatusForbidden {
			t.Errorf("%v was answered with %d", header, a.status)
		}
	}
	if a := ask(t, "GET", "/_dev/api/facts", "", "Host", "evil.example"); a.status != http.StatusForbidden {
		t.Errorf("another name for this machine may read: %d", a.status)
	}
	if shift, err := shared(t).Clock(); shift != 0 || err != nil {
		t.Errorf("the clock was moved by %v, %v", shift, err)
	}
	if a := ask(t, "GET", "/_dev/api/clock", "", "Host", "localhost:1234"); a.status != http.StatusOK {
		t.Errorf("localhost is refused: %d", a.status)
	}
}

func TestAMissingDatabaseIsSaid(t *testing.T) {
	s := shared(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	handler := console.New(s)
	for path, kind := range map[string]string{"/_dev/facts": "text/html; charset=utf-8", "/_dev/api/facts": "application/problem+json"} {
		w := httptest.NewRecorder()
		req, err := http.NewRequestWithContext(ctx, "GET", "http://localhost"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		handler.ServeHTTP(w, req)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s answered %d %v", path, w.Code, w.Header())
		}
	}
}
