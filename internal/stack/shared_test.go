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

	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/docdb"
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
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
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

// count is how many documents of type T a collection has. It asks again while the
// emulator is too busy to answer in time.
func count[T any](t *testing.T, s *stack.Stack, collection string) (n int) {
	t.Helper()
	until(t, "the documents of "+collection, func() bool {
		all, err := docdb.Find[T](t.Context(), s.DB, docdb.Query{Collection: collection, Limit: 100})
		n = len(all)
		return err == nil
	})
	return n
}

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
