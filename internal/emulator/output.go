package emulator

import (
	"bytes"
	"io"
	"sync"
)

// lastWords is how much of an emulator's output is kept for error messages.
const lastWords = 4 << 10

// logWriter is the one log of all emulators; whole lines are written at a time.
type logWriter struct {
	mu sync.Mutex
	to io.Writer
}

func newLogWriter(to io.Writer) *logWriter {
	if to == nil {
		to = io.Discard
	}
	return &logWriter{to: to}
}

// output is what one emulator prints: it goes to the log line by line, behind
// the emulator's name, and its end is remembered.
type output struct {
	log    *logWriter
	prefix string

	mu   sync.Mutex
	line []byte // begun, not yet ended
	last []byte
}

// Write implements [io.Writer]. An emulator is not to stumble over a full disk,
// so it never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = append(o.last, p...)
	if extra := len(o.last) - lastWords; extra > 0 {
		o.last = append(o.last[:0], o.last[extra:]...)
	}
	o.line = append(o.line, p...)
	end := bytes.LastIndexByte(o.line, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	for line := range bytes.Lines(o.line[:end]) {
		_, _ = o.log.to.Write(append([]byte(o.prefix), line...))
	}
	o.line = append(o.line[:0], o.line[end:]...)
	return len(p), nil
}

// tail is the last of what was printed.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.TrimSpace(o.last))
}
