package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/internal/script"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/console"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// startWithin is long because the first start on a machine installs what is missing.
const startWithin = 8 * time.Minute

// site is a system with something to see on every page, and what looks at it.
type site struct {
	*stack.Stack
	*Runner
}

// started is the site if there is one, for the end.
var started *site

// system starts everything, once. The emulators are its own, since it makes the demo
// organisation's accounts and moves the clock.
var system = sync.OnceValues(func() (*site, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	progress := func(line string) { fmt.Fprintln(os.Stderr, "browser:", line) }
	runner, err := NewRunner(ctx, ".", progress)
	if err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, stack.Options{Console: console.New, Progress: progress})
	if err != nil {
		return nil, err
	}
	started = &site{s, runner}
	return started, fill(ctx, s)
})

// fill makes something to see on every page.
func fill(ctx context.Context, s *stack.Stack) error {
	if err := s.Seed(ctx); err != nil {
		return err
	}
	story, err := script.Parse("fill", `
		as uma
		POST /api/tickets/ {"title": "The printer smokes", "description": "It smells, too."}
		status == 201
		save ticket .id
		wait ticket.routed`)
	if err != nil {
		return err
	}
	runner := script.NewRunner(s.URL, script.Demo)
	runner.Patience = time.Minute
	if err := runner.Run(ctx, story); err != nil {
		return err
	}
	letter := event.DeadLetter{
		ID: "notify~1", Consumer: "notify", Event: "0199f3a2-5c1e-7d43-9b1a-6f0e2c4d8a10", Type: "ticket.created", Subject: "TKT-202611-0042",
		Reason: "decode: unexpected end of JSON input", Payload: strings.Repeat("a payload that is wider than any page, ", 20), At: time.Now().UTC(),
	}
	key := docdb.Key{Collection: event.DeadLetterCollection, ID: letter.ID}
	return s.DB.Run(ctx, func(tx *docdb.Tx) error { return tx.Set(key, letter) })
}

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := started.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		cancel()
	}
	os.Exit(code)
}

func TestPagesInABrowser(t *testing.T) {
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no tests to run: %v", err)
	}
	s, err := system()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".test.mjs"), func(t *testing.T) {
			t.Parallel()
			said, err := s.Run(t.Context(), file, s.URL)
			t.Log(said)
			if err != nil {
				t.Error(err)
			}
		})
	}
}
