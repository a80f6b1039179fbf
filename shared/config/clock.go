package config

import (
	"os"
	"strings"
	"sync"
	"time"
)

// shifted is the local clock that a developer can move: the front door writes a
// duration into a file, and every process adds it to the real time.
type shifted struct {
	file  string
	mu    sync.Mutex
	read  time.Time
	shift time.Duration
}

func newShifted(file string) *shifted { return &shifted{file: file} }

func (s *shifted) now() time.Time {
	real := time.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	if real.Sub(s.read) > 50*time.Millisecond {
		s.read = real
		if data, err := os.ReadFile(s.file); err == nil {
			if d, err := time.ParseDuration(strings.TrimSpace(string(data))); err == nil {
				s.shift = d
			}
		}
	}
	return real.Add(s.shift)
}
