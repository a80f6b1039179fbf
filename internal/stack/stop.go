package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Grace periods, within the context that Stop is given.
const (
	finishing = 500 * time.Millisecond // for requests under way
	politely  = 2 * time.Second        // for functions between SIGTERM and SIGKILL
)

// Stop ends what Start began and nothing else, and returns when it is gone: doors
// first, then functions, then topics or the emulators. When ctx ends before that,
// the rest is killed, and what Data should have kept may be lost.
func (s *Stack) Stop(ctx context.Context) error {
	if s.schedule != nil {
		s.schedule.stop()
	}
	shut(ctx, s.front, s.frontDoor)
	s.stopFunctions(ctx)
	shut(ctx, s.inner, s.innerDoor)
	var failures []error
	switch {
	case s.own:
		failures = append(failures, s.Suite.Stop(ctx))
	case s.admin != nil:
		failures = append(failures, s.deprovision(ctx))
	}
	for i := len(s.closers) - 1; i >= 0; i-- {
		failures = append(failures, s.closers[i]())
	}
	if s.options.Dir == "" && s.dir != "" {
		failures = append(failures, os.RemoveAll(s.dir))
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("stack: stop: %w", err)
	}
	return nil
}

// shut closes a door; requests under way may finish in a short time.
func shut(ctx context.Context, server *http.Server, door net.Listener) {
	if server != nil {
		ctx, cancel := context.WithTimeout(ctx, finishing)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
	if door != nil {
		_ = door.Close()
	}
}

func (s *Stack) stopFunctions(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, politely)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	var group sync.WaitGroup
	for _, f := range s.functions {
		if f.process != nil {
			group.Go(func() { f.process.Stop(ctx) })
		}
	}
	group.Wait()
}

// answer serves on a door until it is shut.
func answer(door net.Listener, handler http.Handler) *http.Server {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() { _ = server.Serve(door) }() // it ends with ErrServerClosed, when shut
	return server
}
