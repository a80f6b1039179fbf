package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack/process"
	"ticketsystem.example/shared/fault"
)

const (
	readyWithin = 30 * time.Second // a function's start to its first answer, on a busy machine
	pollEvery   = 10 * time.Millisecond
	triesAtMost = 3 // restarts before its first answer after which a function is given up
)

// running is one function of the catalogue with its process.
type running struct {
	row     functions.Function
	url     string // where its process listens
	port    int
	log     string
	process *process.Process // nil until it is started
}

// launch starts every function and returns when each answers.
func (s *Stack) launch(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range s.functions {
		p, err := process.Start(process.Spec{
			Name: f.row.Name,
			Path: filepath.Join(s.dir, "bin", f.row.Name),
			Dir:  s.dir,
			Env:  s.FunctionEnv(f.row, f.port),
			Log:  f.log,
		}, s.say)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		s.mu.Lock()
		f.process = p
		s.mu.Unlock()
		group.Go(func() error { return f.waitReady(ctx) })
	}
	return group.Wait()
}

// waitReady polls /healthz until it answers 200.
func (f *running) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		if healthy(ctx, f.url) {
			return nil
		}
		if f.process.Status().Restarts >= triesAtMost {
			return fmt.Errorf("stack: %s keeps ending before it answers; its last words:\n%s", f.row.Name, tail(f.log))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stack: %s does not answer: %w; its last words:\n%s", f.row.Name, ctx.Err(), tail(f.log))
		case <-time.After(pollEvery):
		}
	}
}

func healthy(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusOK
}

// tail is the end of a log, for an error.
func tail(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	const enough = 2000
	return string(data[max(0, len(data)-enough):])
}

// Function is how one function does.
type Function struct {
	Name     string        `json:"name"`
	Purpose  string        `json:"purpose"`
	URL      string        `json:"url"` // of its process; the front door is elsewhere
	Port     int           `json:"port"`
	PID      int           `json:"pid"`
	State    string        `json:"state"` // "running" or "down"
	Restarts int           `json:"restarts"`
	Memory   int64         `json:"memory_bytes"` // resident; 0 where it can't be known
	CPU      time.Duration `json:"cpu_ns"`       // used since it was started last; likewise
	Log      string        `json:"log"`          // file with what it prints
}

// Functions tells how each function does, in the catalogue's order.
func (s *Stack) Functions() []Function {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Function, 0, len(s.functions))
	for _, f := range s.functions {
		now := Function{Name: f.row.Name, Purpose: f.row.Purpose, URL: f.url, Port: f.port, State: "down", Log: f.log}
		if f.process != nil {
			status := f.process.Status()
			now.PID, now.Restarts = status.PID, status.Restarts
			if status.Running {
				now.State = "running"
			}
			if use, err := process.UsageOf(status.PID); err == nil && status.Running {
				now.Memory, now.CPU = use.Resident, use.CPU
			}
		}
		out = append(out, now)
	}
	return out
}

// Kill ends a function's process as a crash would; it is started again. A name that
// the catalogue does not have is fault.NotFound.
func (s *Stack) Kill(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.functions {
		if f.row.Name == name && f.process != nil {
			f.process.Kill()
			return nil
		}
	}
	return fault.Missing("function")
}
