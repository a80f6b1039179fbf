package bench

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where a run took place.
type Machine struct {
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGB  float64 `json:"memory_gb"`
	System    string  `json:"system"`
	Go        string  `json:"go"`
	Load      float64 `json:"load"` // that other programs put on it before the run: processes that wanted to run, on average of a minute
}

// thisMachine reads what /proc says; what it doesn't stays empty.
func thisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	m.Processor = entry("/proc/cpuinfo", "model name")
	if kb, err := strconv.ParseFloat(strings.TrimSuffix(entry("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		m.MemoryGB = kb * 1024 / 1e9
	}
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(data), &m.Load) // left at 0 if it can't be read
	}
	return m
}

// entry is the value of the first line "name: value" of a file.
func entry(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// String is the machine in a line.
func (m Machine) String() string {
	return fmt.Sprintf("%d cores of %s, %.0f GB, %s, %s, load %.1f before the run", m.Cores, m.Processor, m.MemoryGB, m.System, m.Go, m.Load)
}
