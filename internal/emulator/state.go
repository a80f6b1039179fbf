package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// The states of a process that matter here, as proc(5) writes them.
const (
	stateNone    = 0
	stateStopped = 'T'
	stateZombie  = 'Z' // dead, not yet collected by its parent
)

// processState is the one-letter state of a process, stateNone if there is none.
// It needs Linux's /proc.
func processState(pid int) (byte, error) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return stateNone, fmt.Errorf("the state of processes is known on Linux only: %w", err)
	}
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return stateNone, nil
	}
	if err != nil {
		return stateNone, err
	}
	// "PID (NAME) STATE …", where the name may hold anything.
	end := strings.LastIndex(string(content), ") ")
	if end < 0 || end+2 >= len(content) {
		return stateNone, fmt.Errorf("process %d has no state: %q", pid, content)
	}
	return content[end+2], nil
}
