package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// seen is how long a move of the clock takes to reach every function: they read the
// file anew every 50 ms (see shared/config).
const seen = 60 * time.Millisecond

// clock is the file through which the functions' clock is moved.
type clock struct {
	file string
	mu   sync.Mutex
}

// newClock makes sure that the file is there; one that is keeps its shift.
func newClock(file string) (*clock, error) {
	c := &clock{file: file}
	if _, err := os.Stat(file); err == nil {
		return c, nil
	}
	return c, c.write(0)
}

// shift is by how much the functions' clock is ahead of the real one.
func (c *clock) shift() (time.Duration, error) {
	data, err := os.ReadFile(c.file)
	if err != nil {
		return 0, fmt.Errorf("stack: read the clock: %w", err)
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, fmt.Errorf("stack: read the clock: %w", err)
	}
	return d, nil
}

// write replaces the file in one step, so that nobody reads half of it.
func (c *clock) write(shift time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := filepath.Join(filepath.Dir(c.file), "."+filepath.Base(c.file)+".next")
	if err := os.WriteFile(next, []byte(shift.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("stack: move the clock: %w", err)
	}
	if err := os.Rename(next, c.file); err != nil {
		return fmt.Errorf("stack: move the clock: %w", err)
	}
	return nil
}

// Clock returns by how much the functions' clock is ahead of the real one.
func (s *Stack) Clock() (time.Duration, error) { return s.clock.shift() }

// MoveClock sets by how much the functions' clock is ahead of the real one; 0 sets
// it right. When it returns, every function sees the new time, and what runs on a
// schedule has been fired.
func (s *Stack) MoveClock(shift time.Duration) error {
	if err := s.clock.write(shift); err != nil {
		return err
	}
	time.Sleep(seen)
	s.schedule.fireAll()
	return nil
}
