package stack

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"ticketsystem.example/functions"
)

// inner starts an internal door whose functions answer with the given status; got
// receives what they were sent.
func inner(t *testing.T, status int) (p *pushes, url string, got func() []string) {
	t.Helper()
	var mu sync.Mutex
	var calls []string
	f := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, r.URL.Path+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(status)
	}))
	t.Cleanup(f.Close)
	urls := map[string]string{}
	for _, row := range functions.Catalogue {
		urls[row.Name] = f.URL
	}
	_, subs := topology(functions.Catalogue, "x-")
	p = newPushes(subs, urls, "demo-p")
	s := httptest.NewServer(p.handler())
	t.Cleanup(s.Close)
	return p, s.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(calls)
	}
}

// pushed is an envelope as Pub/Sub sends it.
func pushed(kind string) string {
	return fmt.Sprintf(`{"message":{"data":"e30=","messageId":"7","attributes":{"type":%q,"ticket":"t1"}},"subscription":"s","deliveryAttempt":3}`, kind)
}

func TestAPushThatMatchesTheFilterGoesToTheFunctionUnchanged(t *testing.T) {
	p, url, got := inner(t, http.StatusNoContent)
	res, _ := ask(t, "POST", url+"/push/x-facts-route", pushed("ticket.created"), "Content-Type", "application/json")
	if res.StatusCode != http.StatusNoContent {
		t.Errorf("it answered %s", res.Status)
	}
	want := "/projects/demo-p/topics/x-facts application/json " + pushed("ticket.created")
	if calls := got(); len(calls) != 1 || calls[0] != want {
		t.Errorf("the function got %q, want %q", calls, want)
	}
	d := p.seen.latest()
	if len(d) != 1 || d[0].Function != "route" || d[0].Type != "ticket.created" || d[0].Subject != "t1" ||
		d[0].Message != "7" || d[0].Attempt != 3 || d[0].Status != 204 || d[0].Took <= 0 {
		t.Errorf("remembered: %+v", d)
	}
}

func TestAPushThatTheFilterHoldsBackIsTakenWithoutACall(t *testing.T) {
	p, url, got := inner(t, http.StatusNoContent)
	for _, kind := range []string{"ticket.replied", "", "ticket.created "} {
		if res, _ := ask(t, "POST", url+"/push/x-facts-route", pushed(kind)); res.StatusCode != http.StatusNoContent {
			t.Errorf("%q answered %s", kind, res.Status)
		}
	}
	if calls := got(); len(calls) != 0 {
		t.Errorf("the function got %q", calls)
	}
	if n := p.seen.skipped("x-facts-route"); n != 3 || len(p.seen.latest()) != 0 {
		t.Errorf("%d were counted as held back, %d as delivered", n, len(p.seen.latest()))
	}
}

func TestDeadLettersAreNotFiltered(t *testing.T) {
	_, url, got := inner(t, http.StatusNoContent)
	ask(t, "POST", url+"/push/x-facts-route-dead", pushed("anything"))
	if calls := got(); len(calls) != 1 || !strings.HasPrefix(calls[0], "/projects/demo-p/topics/x-facts-route-dead ") {
		t.Errorf("the function got %q", calls)
	}
}

func TestTheFunctionsStatusGoesBackToPubSub(t *testing.T) {
	for _, status := range []int{200, 400, 429, 500} {
		_, url, _ := inner(t, status)
		if res, _ := ask(t, "POST", url+"/push/x-facts-route", pushed("ticket.created")); res.StatusCode != status {
			t.Errorf("the function answered %d, Pub/Sub got %d", status, res.StatusCode)
		}
	}
}

func TestAFunctionThatIsDownMakesPubSubTryAgain(t *testing.T) {
	_, subs := topology(functions.Catalogue, "")
	port, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	p := newPushes(subs, map[string]string{"route": fmt.Sprintf("http://127.0.0.1:%d", port[0])}, "demo-p")
	w := httptest.NewRecorder()
	p.handler().ServeHTTP(w, httptest.NewRequest("POST", "/push/facts-route", strings.NewReader(pushed("ticket.created"))))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("it answered %d", w.Code)
	}
}

func TestAttemptsAreCountedWherePubSubDoesNotSay(t *testing.T) {
	p, url, _ := inner(t, http.StatusInternalServerError)
	for _, message := range []string{"7", "8", "7", "7"} {
		body := fmt.Sprintf(`{"message":{"messageId":%q,"attributes":{"type":"ticket.created"}}}`, message)
		ask(t, "POST", url+"/push/x-facts-route", body)
	}
	var got []int
	for _, d := range p.seen.latest() {
		got = append(got, d.Attempt)
	}
	if want := []int{3, 2, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("attempts, newest first, are %v, want %v", got, want)
	}
}

func TestOnlyPushesOfKnownSubscriptionsAreTaken(t *testing.T) {
	_, url, got := inner(t, http.StatusNoContent)
	for request, want := range map[string]int{
		"POST /push/facts-nobody":  404,
		"GET /push/x-facts-route":  405,
		"POST /push/x-facts-route": 422,
		"POST /":                   404,
	} {
		method, path, _ := strings.Cut(request, " ")
		if res, _ := ask(t, method, url+path, "no envelope"); res.StatusCode != want {
			t.Errorf("%s answered %s, want %d", request, res.Status, want)
		}
	}
	if calls := got(); len(calls) != 0 {
		t.Errorf("functions got %q", calls)
	}
}

func TestOnlyTheLatestDeliveriesAreRemembered(t *testing.T) {
	var r ring
	for i := range remembered + 3 {
		r.add(Delivery{Attempt: i})
	}
	got := r.latest()
	if len(got) != remembered || got[0].Attempt != remembered+2 || got[remembered-1].Attempt != 3 {
		t.Errorf("%d remembered, from %d to %d", len(got), got[0].Attempt, got[len(got)-1].Attempt)
	}
}
