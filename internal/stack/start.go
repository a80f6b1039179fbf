package stack

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/clamd"
	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/mailbox"
)

// start does the work of Start; Stop undoes as much as was done.
func (s *Stack) start(ctx context.Context) error {
	root, err := Root()
	if err != nil {
		return err
	}
	if err := s.reserve(); err != nil {
		return err
	}
	s.say("building functions and starting emulators")
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return s.startSuite(both, root) })
	group.Go(func() error {
		began := time.Now()
		if err := build(both, root, filepath.Join(s.dir, "bin")); err != nil {
			return err
		}
		s.say(fmt.Sprintf("functions: built after %.1f s", time.Since(began).Seconds()))
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	began := time.Now()
	if err := s.launch(ctx); err != nil {
		return err
	}
	s.say(fmt.Sprintf("functions: %d answer after %.1f s; logs are in %s", len(s.functions), time.Since(began).Seconds(), s.dir))
	return s.openDoors()
}

// reserve takes what can be taken: the front door first, so that a taken port is
// found out at once, then the run folder and a port for each function.
func (s *Stack) reserve() (err error) {
	if s.frontDoor, err = listen(s.options.Port); err != nil {
		return err
	}
	s.URL = "http://" + s.frontDoor.Addr().String()
	if s.innerDoor, err = listen(0); err != nil {
		return err
	}
	if err := s.makeFolder(); err != nil {
		return err
	}
	ports, err := freePorts(len(functions.Catalogue))
	if err != nil {
		return err
	}
	for i, row := range functions.Catalogue {
		s.functions = append(s.functions, &running{
			row:  row,
			port: ports[i],
			url:  fmt.Sprintf("http://127.0.0.1:%d", ports[i]),
			log:  filepath.Join(s.dir, row.Name+".log"),
		})
	}
	return nil
}

// makeFolder makes the run folder, and the clock in it or with the data.
func (s *Stack) makeFolder() (err error) {
	if s.options.Dir == "" {
		s.dir, err = os.MkdirTemp("", "ticketsystem-")
	} else if s.dir, err = filepath.Abs(s.options.Dir); err == nil {
		err = os.RemoveAll(s.dir)
	}
	if err == nil {
		err = os.MkdirAll(filepath.Join(s.dir, "bin"), 0o755)
	}
	if err != nil {
		return fmt.Errorf("stack: run folder: %w", err)
	}
	file := filepath.Join(s.dir, "clock")
	if s.options.Data != "" {
		if err := os.MkdirAll(s.options.Data, 0o755); err != nil {
			return fmt.Errorf("stack: data folder: %w", err)
		}
		if file, err = filepath.Abs(filepath.Join(s.options.Data, "clock")); err != nil {
			return fmt.Errorf("stack: data folder: %w", err)
		}
	}
	s.clock, err = newClock(file)
	return err
}

// startSuite starts the emulators, or takes those there are, and makes in them what
// the catalogue asks for.
func (s *Stack) startSuite(ctx context.Context, root string) (err error) {
	s.Suite = s.options.Suite
	if s.Suite == nil && s.options.Shared {
		if s.Suite, _, err = emulator.FromEnv(); err != nil {
			return err
		}
	}
	if s.Suite == nil {
		if err := s.startOwnSuite(ctx, root); err != nil {
			return err
		}
	} else {
		s.prefix = "stack-" + strings.ToLower(rand.Text()[:8]) + "-"
	}
	if err := s.findScanner(); err != nil {
		return err
	}
	if s.mailbox, err = mailbox.Start("127.0.0.1:0"); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.closers = append(s.closers, s.mailbox.Close)
	if s.settings, err = s.config(); err != nil {
		return err
	}
	if err := s.openData(); err != nil {
		return err
	}
	return s.provision(ctx)
}

func (s *Stack) startOwnSuite(ctx context.Context, root string) error {
	log, err := os.Create(filepath.Join(s.dir, "emulators.log"))
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.closers = append(s.closers, log.Close)
	s.Suite, err = emulator.Start(ctx, emulator.Options{
		Rules:    filepath.Join(root, "infra", "firestore.rules"),
		Data:     s.options.Data,
		Log:      log,
		Progress: s.say,
	})
	s.own = err == nil
	return err
}

// findScanner takes the clamd that the environment names, or starts what stands in for it.
func (s *Stack) findScanner() error {
	if s.scanner = os.Getenv("CLAMD_ADDRESS"); s.scanner != "" {
		return nil
	}
	local, err := clamd.Start("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.scanner = local.Address
	s.closers = append(s.closers, local.Close)
	return nil
}

// openDoors begins to answer people and Pub/Sub, and to fire what is scheduled.
func (s *Stack) openDoors() error {
	var console http.Handler
	if s.options.Console != nil {
		console = s.options.Console(s)
	}
	front, err := newFront(s.urls(), console)
	if err != nil {
		return err
	}
	if s.schedule, err = newSchedule(func(f functions.Function) string { return s.urls()[f.Name] }, s.say); err != nil {
		return err
	}
	s.front = answer(s.frontDoor, front)
	inner := s.pushes.handler()
	if s.options.Pushes != nil {
		inner = s.options.Pushes(inner)
	}
	s.inner = answer(s.innerDoor, inner)
	s.schedule.start()
	return nil
}

// urls is where each function listens, by name.
func (s *Stack) urls() map[string]string {
	out := map[string]string{}
	for _, f := range s.functions {
		out[f.row.Name] = f.url
	}
	return out
}

// say reports progress.
func (s *Stack) say(line string) {
	if s.options.Progress == nil {
		return
	}
	s.saying.Lock()
	defer s.saying.Unlock()
	s.options.Progress(line)
}
