package bench

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/gcp/firestore"
)

// ScaleOptions says what sizes are compared, and how thoroughly.
type ScaleOptions struct {
	Small, Large int               // tickets; 0 means DefaultSmall and DefaultLarge
	Rounds       int               // 0 means DefaultRounds
	Requests     int               // of each operation, round and size; 0 means DefaultRequests
	Progress     func(line string) // nil is silent
}

// What is compared unless asked otherwise.
const (
	DefaultSmall    = 1_000
	DefaultLarge    = 100_000
	DefaultRequests = 20
)

// demoTickets is how many tickets the demo organisation has before any are copied.
const demoTickets = 200

func (o ScaleOptions) complete() ScaleOptions {
	o.Small, o.Large = cmp.Or(o.Small, DefaultSmall), cmp.Or(o.Large, DefaultLarge)
	o.Rounds, o.Requests = cmp.Or(o.Rounds, DefaultRounds), cmp.Or(o.Requests, DefaultRequests)
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}

// heapPerTicket is what the emulator needs for a ticket, with its history and search
// entry and room for the collector, in kilobytes. With 200 it does nothing but collect.
const heapPerTicket = 280

// Scale loads a few and many tickets into two databases of one emulator and does each
// operation in both in turns. The use cases run in this process: there is no HTTP, and
// nothing follows from a change, so that only what grows with the data can differ.
func Scale(ctx context.Context, o ScaleOptions) (_ *ScaleReport, err error) {
	o = o.complete()
	if o.Small < demoTickets || o.Large < o.Small {
		return nil, fmt.Errorf("bench: sizes are %d or more, the smaller one first", demoTickets)
	}
	r := newScaleReport(o)
	began := time.Now()
	dir, err := os.MkdirTemp("", "ticketsystem-scale-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	suite, err := emulator.Start(ctx, emulator.Options{
		Only: []emulator.Kind{emulator.Firestore, emulator.Auth}, Progress: o.Progress,
		Heap: fmt.Sprintf("%dm", 512+(o.Small+o.Large)*heapPerTicket/1024),
	})
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, suite.Stop(grace))
	}()
	var places []*place
	for _, size := range []*ScaleSize{&r.Small, &r.Large} {
		p, err := populate(ctx, suite, dir, size, o.Progress)
		if err != nil {
			return nil, fmt.Errorf("bench: %d tickets: %w", size.Tickets, err)
		}
		places = append(places, p)
	}
	o.Progress("measuring")
	if err := r.measure(ctx, places[0], places[1], o); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	r.Seconds = time.Since(began).Seconds()
	r.judge()
	return r, nil
}

// populate makes a database with as many tickets by the operations command, and opens it.
func populate(ctx context.Context, suite *emulator.Suite, dir string, size *ScaleSize, progress func(string)) (*place, error) {
	root, err := stack.Root()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(dir, "desk")
	if _, err := os.Stat(program); err != nil {
		if err := command(ctx, root, nil, "go", "build", "-o", program, "./cmd/desk"); err != nil {
			return nil, err
		}
	}
	env := append(suite.Env(), fmt.Sprintf("FIRESTORE_DATABASE=of-%d-%d", size.Tickets, time.Now().UnixMilli()))
	began := time.Now()
	if err := command(ctx, root, env, program, "seed", "-write", "-from", stack.SeedFolder, "-tickets", fmt.Sprint(size.Tickets-demoTickets)); err != nil {
		return nil, err
	}
	size.LoadSeconds = time.Since(began).Seconds()
	progress(fmt.Sprintf("%d tickets: loaded in %.0f s", size.Tickets, size.LoadSeconds))
	cfg, err := config.From(func(name string) string {
		for _, line := range env {
			if value, ok := strings.CutPrefix(line, name+"="); ok {
				return value
			}
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	store, err := firestore.Open(cfg)
	if err != nil {
		return nil, err
	}
	return newPlace(ctx, store)
}

// command runs a program and says what it said when it fails.
func command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, strings.TrimSpace(said.String()))
	}
	return nil
}
