package stack_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// system is the stack that the tests of this package share.
var system = sync.OnceValues(func() (*stack.Stack, error) {
	return stack.Start(context.Background(), stack.Options{Shared: true, Progress: said.add})
})

// said is what the shared stack has told.
var said lines

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) contain(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.all, func(s string) bool { return strings.Contains(s, part) })
}

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

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// call makes a request and returns status and body; 0 when nobody answers.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(got)
}

// named returns how a function of the stack does.
func named(s *stack.Stack, name string) stack.Function {
	all := s.Functions()
	return all[slices.IndexFunc(all, func(f stack.Function) bool { return f.Name == name })]
}

// publish puts a message that nobody can read on a topic of the stack.
func publish(t *testing.T, s *stack.Stack, topic, kind string) {
	t.Helper()
	message, err := json.Marshal(map[string]any{"messages": []any{map[string]any{
		"data":       base64.StdEncoding.EncodeToString([]byte("no event")),
		"attributes": map[string]string{"type": kind, "ticket": "t1"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + s.Suite.PubSub + "/v1/projects/" + s.Suite.Project + "/topics/" + topic + ":publish"
	res, err := http.Post(url, "application/json", bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("publishing gave %s", res.Status)
	}
}

func TestEveryFunctionOfTheCatalogueRuns(t *testing.T) {
	s := shared(t)
	for _, f := range functions.Catalogue {
		now := named(s, f.Name)
		if now.State != "running" || now.Memory == 0 {
			t.Errorf("%s: %+v", f.Name, now)
		}
		if status, body := call(t, "GET", now.URL+"/healthz", ""); status != http.StatusOK {
			t.Errorf("%s is not healthy: %d %s", f.Name, status, body)
		}
	}
}

func TestEventFunctionsAreNotReachableThroughTheFront(t *testing.T) {
	s := shared(t)
	for _, f := range functions.Catalogue {
		if f.Public() {
			continue
		}
		for _, path := range []string{"/" + f.Name, "/" + f.Name + "/healthz", "/push/" + s.Subscriptions()[0].Name} {
			if status, body := call(t, "POST", s.URL+path, pushed); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s answered %d %s", path, status, body)
			}
		}
	}
	if d := s.Deliveries(); slices.ContainsFunc(d, func(d stack.Delivery) bool { return d.Message == "forged" }) {
		t.Error("a push through the front door was delivered")
	}
}

const pushed = `{"message":{"messageId":"forged","data":"e30=","attributes":{"type":"ticket.created"}}}`

// delivered reports whether a fact of the type reached the function.
func delivered(s *stack.Stack, kind, function string) bool {
	return slices.ContainsFunc(s.Deliveries(), func(d stack.Delivery) bool {
		return d.Function == function && d.Type == kind && d.Subject == "t1" && d.Status < 300
	})
}

// heldBack counts what the filters of a function's subscriptions left out.
func heldBack(s *stack.Stack, function string) int {
	n := 0
	for _, sub := range s.Subscriptions() {
		if sub.Function == function {
			n += sub.Filtered
		}
	}
	return n
}

func TestAFactIsDeliveredToThoseWhoTakeItsType(t *testing.T) {
	s := shared(t)
	const kind = "ticket.routed"
	before := map[string]int{}
	for _, f := range functions.Catalogue {
		before[f.Name] = heldBack(s, f.Name)
	}
	publish(t, s, s.Topics()[0], kind)
	for _, f := range functions.Catalogue {
		switch {
		case len(f.Events) == 0:
		case f.Takes(kind):
			until(t, "the delivery to "+f.Name, func() bool { return delivered(s, kind, f.Name) })
		default:
			until(t, "the filter of "+f.Name, func() bool { return heldBack(s, f.Name) > before[f.Name] })
			if delivered(s, kind, f.Name) {
				t.Errorf("%s was handed a fact that its filter leaves out", f.Name)
			}
		}
	}
}

func TestWhatDeadLetterTopicsHoldIsBuried(t *testing.T) {
	s := shared(t)
	buried := func() int {
		letters, err := docdb.Find[event.DeadLetter](t.Context(), s.DB, docdb.Query{Collection: event.DeadLetterCollection, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		return len(letters)
	}
	before := buried()
	topics := slices.DeleteFunc(s.Topics(), func(topic string) bool { return !strings.HasSuffix(topic, "-dead") })
	for _, topic := range topics {
		publish(t, s, topic, "any.type")
	}
	until(t, "all to be buried", func() bool { return buried() == before+len(topics) })
}

func TestACrashedFunctionIsStartedAgainAtItsPlace(t *testing.T) {
	s := shared(t)
	before := named(s, "inbox")
	if err := s.Kill("inbox"); err != nil {
		t.Fatal(err)
	}
	until(t, "the new process", func() bool {
		status, _ := call(t, "GET", before.URL+"/healthz", "")
		return status == http.StatusOK && named(s, "inbox").PID != before.PID
	})
	if now := named(s, "inbox"); now.Restarts != before.Restarts+1 || now.URL != before.URL {
		t.Errorf("before %+v, now %+v", before, now)
	}
	if !said.contain("inbox ended (signal: killed); starting it again") {
		t.Error("nothing was said about it")
	}
	if err := s.Kill("nobody"); err == nil {
		t.Error("a function that does not exist was killed")
	}
}

func TestTwoStacksRunSideBySideAndAStoppedOneLeavesNothing(t *testing.T) {
	first := shared(t)
	second, err := stack.Start(t.Context(), stack.Options{Shared: true, Suite: first.Suite})
	if err != nil {
		t.Fatal(err)
	}
	gone := traces(t, second)
	const kind = "ticket.noted"
	publish(t, second, second.Topics()[0], kind)
	until(t, "the delivery", func() bool { return delivered(second, kind, "notify") })
	if delivered(first, kind, "notify") {
		t.Error("a fact of one stack was delivered to the other")
	}
	if err := second.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	gone()
	if status, body := call(t, "GET", first.URL+"/api/openapi.json", ""); status != http.StatusOK {
		t.Errorf("the other stack answers %d %s", status, body)
	}
}

// traces notes what a stack has on the machine, and returns what checks that all of
// it is gone.
func traces(t *testing.T, s *stack.Stack) (gone func()) {
	t.Helper()
	functions, subs := s.Functions(), s.Subscriptions()
	return func() {
		t.Helper()
		for _, f := range functions {
			if err := syscall.Kill(f.PID, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("%s still runs: %v", f.Name, err)
			}
			if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.Port)); err == nil {
				_ = c.Close()
				t.Errorf("port %d of %s is still open", f.Port, f.Name)
			}
			if _, err := os.Stat(f.Log); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there: %v", f.Log, err)
			}
		}
		if status, _ := call(t, "GET", s.URL, ""); status != 0 {
			t.Errorf("the front door still answers %d", status)
		}
		for _, sub := range subs {
			url := "http://" + s.Suite.PubSub + "/v1/projects/" + s.Suite.Project + "/subscriptions/" + sub.Name
			if status, body := call(t, "GET", url, ""); status != http.StatusNotFound {
				t.Errorf("subscription %s: %d %s", sub.Name, status, body)
			}
		}
	}
}

func TestAMovedClockFiresWhatRunsOnASchedule(t *testing.T) {
	s := shared(t)
	const kind = "ticket.updated"
	e := event.Event{ID: "t1-000001", Type: kind, Subject: "t1", Sequence: 1, At: time.Now()}
	if err := s.DB.Run(t.Context(), func(tx *docdb.Tx) error { return event.Append(tx, e) }); err != nil {
		t.Fatal(err)
	}
	if err := s.MoveClock(26 * time.Hour); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.MoveClock(0); err != nil {
			t.Error(err)
		}
	}()
	if shift, err := s.Clock(); shift != 26*time.Hour || err != nil {
		t.Errorf("the clock is moved by %v, %v", shift, err)
	}
	waiting, err := docdb.Find[event.Event](t.Context(), s.DB, docdb.Query{Collection: event.OutboxCollection, Limit: 10})
	if err != nil || len(waiting) != 0 {
		t.Errorf("%d facts still wait in the outbox (%v)", len(waiting), err)
	}
	until(t, "the delivery", func() bool { return delivered(s, kind, "measure") })
}
