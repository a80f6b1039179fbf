package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Usage is what a running program has taken from the machine.
type Usage struct {
	Resident int64         // bytes of memory it holds right now
	CPU      time.Duration // that it has used since it began
}

// tick is the unit of CPU times in /proc: USER_HZ, which is 100 on every Linux.
const tick = 10 * time.Millisecond

// UsageOf reads a program's usage from /proc. Where there is none (anything but
// Linux) and for a program that is gone it is an error.
func UsageOf(pid int) (Usage, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, fmt.Errorf("process: %w", err)
	}
	// The name, in brackets, may hold anything; what follows it are numbers, of
	// which the 12th and 13th are user and system time and the 22nd is pages.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 22 {
		return Usage{}, fmt.Errorf("process: /proc/%d/stat has %d fields", pid, len(fields))
	}
	var n [3]int64
	for i, at := range []int{11, 12, 21} {
		if n[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return Usage{}, fmt.Errorf("process: /proc/%d/stat: %w", pid, err)
		}
	}
	return Usage{CPU: time.Duration(n[0]+n[1]) * tick, Resident: n[2] * int64(os.Getpagesize())}, nil
}
