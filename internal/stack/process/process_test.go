package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// script writes a program of a few shell lines and starts it.
func script(t *testing.T, lines string) (*Process, *record, string) {
	t.Helper()
	dir := t.TempDir()
	path, log := filepath.Join(dir, "program"), filepath.Join(dir, "program.log")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	said := &record{}
	p, err := Start(Spec{Name: "program", Path: path, Dir: dir, Env: []string{"PATH=/usr/bin:/bin", "WORD=hello"}, Log: log}, said.add)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(soon(t, 5*time.Second)) })
	return p, said, log
}

type record struct {
	mu    sync.Mutex
	lines []string
}

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

func (r *record) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// soon is a context that ends after d; it does not hang on the test's own, which
// is over when clean-ups run.
func soon(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// until polls for something that must become true.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func content(path string) string {
	data, _ := os.ReadFile(path)
	return string(data)
}

func TestAProgramSeesItsOwnEnvironmentAndWritesItsLog(t *testing.T) {
	_, _, log := script(t, `echo "$WORD, HOME is '$HOME'"; echo oops >&2; exec sleep 60`)
	until(t, "both lines", func() bool { return content(log) == "hello, HOME is ''\noops\n" })
}

func TestAKilledProgramIsStartedAgainAndThatIsSaid(t *testing.T) {
	p, said, _ := script(t, `exec sleep 60`)
	first := p.Status()
	p.Kill()
	until(t, "a new process", func() bool {
		s := p.Status()
		return s.Running && s.Restarts == 1 && s.PID != first.PID
	})
	if got := said.all(); !strings.Contains(got, "program ended (signal: killed); starting it again") {
		t.Errorf("said %q", got)
	}
}

func TestAProgramThatKeepsEndingIsStartedLessAndLessOften(t *testing.T) {
	p, said, log := script(t, `echo born; exit 3`)
	until(t, "three restarts", func() bool { return p.Status().Restarts >= 3 })
	for _, want := range []string{"(exit status 3); starting it again", "in 100ms; see " + log, "in 200ms"} {
		if !strings.Contains(said.all(), want) {
			t.Errorf("said %q, without %q", said.all(), want)
		}
	}
}

func TestPausesDoubleUpToTenSecondsAndStartAnewAfterAHealthyLife(t *testing.T) {
	var b backoff
	var got []string
	for range 10 {
		got = append(got, b.next(time.Second).String())
	}
	got = append(got, b.next(time.Minute).String(), b.next(0).String())
	want := "0s 100ms 200ms 400ms 800ms 1.6s 3.2s 6.4s 10s 10s 0s 100ms"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("pauses were %s, want %s", s, want)
	}
}

func TestStopEndsTheWholeGroupEvenIfItIsStubborn(t *testing.T) {
	p, said, log := script(t, `trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.05; done`)
	until(t, "the child's pid", func() bool { return strings.HasSuffix(content(log), "\n") })
	child, err := strconv.Atoi(strings.TrimSpace(content(log)))
	if err != nil {
		t.Fatal(err)
	}
	parent := p.Status().PID
	p.Stop(soon(t, 100*time.Millisecond))
	for _, pid := range []int{parent, child} {
		until(t, fmt.Sprintf("the end of %d", pid), func() bool { return !running(pid) })
	}
	if said.all() != "" {
		t.Errorf("stopping was reported as a crash: %q", said.all())
	}
}

// running is false for a process that is gone or only waits to be collected.
func running(pid int) bool {
	stat := content(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := strings.Cut(stat, ") ")
	if !ok {
		return alive(pid)
	}
	return !strings.HasPrefix(rest, "Z")
}

func TestAStoppedProgramStaysStopped(t *testing.T) {
	p, _, _ := script(t, `exit 1`)
	p.Stop(soon(t, 5*time.Second))
	p.Stop(soon(t, 5*time.Second)) // again does nothing
	if s := p.Status(); s.Running {
		t.Errorf("status is %+v", s)
	}
	select {
	case <-p.Ended():
	default:
		t.Error("Ended is still open")
	}
}

func TestAMissingProgramIsAnError(t *testing.T) {
	dir := t.TempDir()
	_, err := Start(Spec{Name: "ghost", Path: filepath.Join(dir, "ghost"), Log: filepath.Join(dir, "log")}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "start ghost") {
		t.Errorf("the error is %v", err)
	}
}
