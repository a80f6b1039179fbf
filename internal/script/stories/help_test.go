package stories

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"ticketsystem.example/internal/script"
	"ticketsystem.example/internal/stack"
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   gjson.Result
}

func (a answer) text(path string) string { return a.body.Get(path).String() }

// ask makes a request as a person; body nil sends none. Headers come in pairs.
func (w *whole) ask(t *testing.T, person, method, path string, body any, headers ...string) answer {
	t.Helper()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.runner.Token(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return send(t, req)
}

func send(t *testing.T, req *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, gjson.ParseBytes(said)}
}

// must is ask for what has to go well.
func (w *whole) must(t *testing.T, person, method, path string, body any, headers ...string) answer {
	t.Helper()
	a := w.ask(t, person, method, path, body, headers...)
	if a.status >= 300 {
		t.Fatalf("%s %s as %s: %d %s", method, path, person, a.status, a.body.Raw)
	}
	return a
}

// tell tells a story that is written in the test.
func (w *whole) tell(t *testing.T, story string) {
	t.Helper()
	s, err := script.Parse(t.Name(), story)
	if err == nil {
		err = w.runner.Run(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type object = map[string]any

// open opens a ticket and returns its id.
func (w *whole) open(t *testing.T, person string, fields object) string {
	t.Helper()
	ticket := object{"title": "A ticket of " + t.Name(), "description": "x"}
	for k, v := range fields {
		ticket[k] = v
	}
	return w.must(t, person, "POST", "/api/tickets/", ticket).text("id")
}

// acts are the types of all that happened to a ticket.
func (w *whole) acts(t *testing.T, ticket string) []string {
	t.Helper()
	var out []string
	for _, v := range w.must(t, "ada", "GET", "/api/tickets/"+ticket+"/history/?limit=100", nil).body.Get("items.#.type").Array() {
		out = append(out, v.String())
	}
	return out
}

// count is how often a word is in a list.
func count(list []string, word string) int {
	n := 0
	for _, x := range list {
		if x == word {
			n++
		}
	}
	return n
}

// told are the types of a person's notifications of a ticket.
func (w *whole) told(t *testing.T, person, ticket string) []string {
	t.Helper()
	var out []string
	for cursor := ""; ; {
		page := w.must(t, person, "GET", "/api/notifications/?limit=100&cursor="+cursor, nil)
		for _, n := range page.body.Get("items").Array() {
			if n.Get("ticket").String() == ticket {
				out = append(out, n.Get("type").String())
			}
		}
		if cursor = page.text("next"); cursor == "" {
			return out
		}
	}
}

// eventually polls until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	const patience = 60 * time.Second
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// function is how one of the system's functions does.
func (w *whole) function(t *testing.T, name string) stack.Function {
	t.Helper()
	for _, f := range w.Functions() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no function %s", name)
	return stack.Function{}
}

// answers reports whether a function answers.
func (w *whole) answers(t *testing.T, name string) bool {
	t.Helper()
	res, err := http.Get(w.function(t, name).URL + "/healthz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// word is one that nobody has used before.
func word() string { return strings.ToLower(rand.Text()[:10]) }
