// Package stories tells the stories of testdata/scripts to a whole system: every
// function in a process of its own, the real emulators, the demo organisation. What a
// story can't do (kill, pause, race, move the clock) is done by the Go tests beside it.
//
// There is one system for all tests. Stories run side by side: each works on tickets
// of its own, and those that count notifications or lock an account use people who are
// in no other story. The Go tests run one after another, and leave the system as
// healthy as they found it.
package stories

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/internal/script"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/console"
)

// scripts is where the stories are.
const scripts = "../../../testdata/scripts"

// startWithin is long because the first start on a machine installs the emulators.
const startWithin = 8 * time.Minute

// whole is the system, with people who are signed in to it.
type whole struct {
	*stack.Stack
	runner *script.Runner
}

// system starts everything, once, with emulators of its own, since tests pause them.
var system = sync.OnceValues(func() (*whole, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	s, err := stack.Start(ctx, stack.Options{Console: console.New, Progress: func(line string) { fmt.Fprintln(os.Stderr, "stack:", line) }})
	if err != nil {
		return nil, err
	}
	w := &whole{s, script.NewRunner(s.URL, account)}
	w.runner.Patience = time.Minute
	if err := s.Seed(ctx); err != nil {
		return w, err
	}
	return w, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if w, _ := system(); w != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := w.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		cancel()
	}
	os.Exit(code)
}

func start(t *testing.T) *whole {
	t.Helper()
	w, err := system()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// account is the demo account behind a name. The live stories know people by what
// they are.
func account(name string) (script.Account, error) {
	switch name {
	case "requester":
		name = "uma"
	case "stranger":
		name = "otto"
	case "admin":
		name = "ada"
	}
	return script.Demo(name)
}

func TestEveryStoryHolds(t *testing.T) {
	w := start(t)
	for _, folder := range []string{".", "attacks", "live"} {
		all, err := script.Load(os.DirFS(scripts), folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				if s.Title == "" {
					t.Error("its first line should say what it tells")
				}
				if err := w.runner.Run(t.Context(), s); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestTheOperatorsCheckHolds(t *testing.T) {
	w := start(t)
	out, err := w.Desk(t.Context(), "check", "-url", w.URL, "-from", filepath.Join("testdata", "scripts", "live"))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log(out)
}
