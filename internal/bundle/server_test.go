package bundle_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a process may take to answer or to end.
const patience = 20 * time.Second

// server is a running function.
type server struct {
	url   string
	pid   int
	took  time.Duration // from the process's start to its first answer
	ended <-chan error
	log   *bytes.Buffer // to be read once it has ended
}

// start starts a function's binary in an environment of nothing but settings and a free
// port. It is stopped with the test.
func start(t *testing.T, binary string, settings ...string) server {
	t.Helper()
	port := freePort(t)
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append([]string{"PORT=" + port, "LOCAL_ONLY=true"}, settings...)
	cmd.Dir = t.TempDir()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		ended <- cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return server{url: "http://127.0.0.1:" + port, pid: cmd.Process.Pid, ended: ended, log: &log}
}

// answers starts a function and waits until its /healthz answers 200.
func answers(t *testing.T, binary string, settings ...string) server {
	t.Helper()
	began := time.Now()
	s := start(t, binary, settings...)
	deadline := time.After(patience)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for last := "no answer"; ; {
		resp, err := http.Get(s.url + "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.took = time.Since(began)
				return s
			}
			last = resp.Status
		}
		select {
		case err := <-s.ended:
			t.Fatalf("it ended (%v):\n%s", err, s.log)
		case <-deadline:
			t.Fatalf("GET /healthz: %s for %v", last, patience)
		case <-poll.C:
		}
	}
}

// ends starts a function that must end by itself and returns what it logs and its code.
func ends(t *testing.T, binary string, settings ...string) (log string, code int) {
	t.Helper()
	s := start(t, binary, settings...)
	select {
	case err := <-s.ended:
		if exit, ok := err.(*exec.ExitError); ok {
			return s.log.String(), exit.ExitCode()
		}
		return s.log.String(), 0
	case <-time.After(patience):
		t.Fatalf("it still runs after %v", patience)
		return "", 0
	}
}

// freePort finds a port on this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

var residentLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// resident returns the memory that a process holds, in MiB, or "-" where the system
// does not say it in /proc.
func resident(t *testing.T, pid int) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "-"
	}
	kib, err := strconv.ParseFloat(strings.Join(residentLine.FindStringSubmatch(string(status))[1:], ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%.1f", kib/1024)
}
