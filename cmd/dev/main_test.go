package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is a built and running cmd/dev.
type program struct {
	cmd   *exec.Cmd
	lines chan string // what it says
	url   string
}

// built is the path of the program under test.
var built string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "dev-")
	if err != nil {
		panic(err)
	}
	built = filepath.Join(folder, "dev")
	if out, err := exec.Command("go", "build", "-o", built, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// begin runs the program with a port and a data folder.
func begin(t *testing.T, port int, data string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(built), lines: make(chan string, 1000), url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), "DATA="+data)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // when the test failed before its end
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p
}

// waitFor returns what was said up to a line.
func (p *program) waitFor(t *testing.T, line string) string {
	t.Helper()
	var said strings.Builder
	deadline := time.After(3 * time.Minute)
	for {
		select {
		case got, ok := <-p.lines:
			if !ok {
				t.Fatalf("it ended before it said %q; it said:\n%s", line, said.String())
			}
			fmt.Fprintln(&said, got)
			if got == line {
				return said.String()
			}
		case <-deadline:
			t.Fatalf("it did not say %q; it said:\n%s", line, said.String())
		}
	}
}

// end waits for the program to end and returns how long that took.
func (p *program) end(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	for range p.lines { // Wait must not come before all is read
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	return time.Since(began)
}

// get reads a JSON document of the front door.
func (p *program) get(t *testing.T, path string, into any) {
	t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}
}

// signIn reports whether a demo person can.
func (p *program) signIn(t *testing.T, email string) bool {
	t.Helper()
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	res, err := http.Post(p.url+"/api/token/", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusOK
}

func TestTheSystemStartsStopsOnASignalAndCarriesOnWithItsData(t *testing.T) {
	port, data := freePort(t), t.TempDir()
	first := begin(t, port, data)
	first.waitFor(t, "ready "+first.url)
	said := first.waitFor(t, "  console  "+first.url+"/_dev/")
	for _, want := range []string{"ada@demo.example   admin", password, first.url + "/api/docs"} {
		if !strings.Contains(said, want) {
			t.Errorf("after ready it said, without %q:\n%s", want, said)
		}
	}
	if !first.signIn(t, "uma@demo.example") {
		t.Error("uma can't sign in")
	}
	var before, after struct{ Items []any }
	first.get(t, "/_dev/api/facts", &before)
	if len(before.Items) == 0 {
		t.Error("the demo organisation has no history")
	}
	var functions struct{ Items []struct{ PID int } }
	first.get(t, "/_dev/api/functions", &functions)
	anotherSaysThatThePortIsTaken(t, port)
	stop(t, first, syscall.SIGINT)
	for _, f := range functions.Items {
		if err := syscall.Kill(f.PID, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d outlived the stop: %v", f.PID, err)
		}
	}
	second := begin(t, port, data)
	second.waitFor(t, "ready "+second.url)
	second.get(t, "/_dev/api/facts", &after)
	if !second.signIn(t, "uma@demo.example") || len(after.Items) != len(before.Items) {
		t.Errorf("after a new start there are %d facts, before there were %d", len(after.Items), len(before.Items))
	}
	stop(t, second, syscall.SIGTERM, syscall.SIGINT)
}

// stop sends signals, and checks that the program ends soon and frees its port.
func stop(t *testing.T, p *program, signals ...os.Signal) {
	t.Helper()
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	if took := p.end(t); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if _, err := http.Get(p.url); err == nil {
		t.Errorf("something still answers at %s", p.url)
	}
}

func anotherSaysThatThePortIsTaken(t *testing.T, port int) {
	t.Helper()
	cmd := exec.Command(built)
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port))
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	if err := cmd.Run(); err == nil {
		t.Error("a second system took the same port")
	}
	if want := fmt.Sprintf("dev: port %d is taken by another program; PORT=%d make run takes another\n", port, port+1); wrong.String() != want {
		t.Errorf("it said %q, want %q", wrong.String(), want)
	}
}

func TestASignalDuringTheStartEndsIt(t *testing.T) {
	p := begin(t, freePort(t), "")
	p.waitFor(t, "building functions and starting emulators")
	stop(t, p, syscall.SIGTERM)
}

func TestAnImpossiblePortIsRefused(t *testing.T) {
	for _, port := range []string{"http", "-1", "0", "65536"} {
		if _, err := optionsFor(port, ""); err == nil {
			t.Errorf("PORT=%s was taken", port)
		}
	}
}
