package emulator

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const closedRules = `rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /{document=**} { allow read, write: if false; }
  }
}
`

// file writes a file into the test's folder and returns its path.
func file(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTwoSuitesRunSideBySideAndEachStopsItsOwn(t *testing.T) {
	shared := Use(t)
	own := start(t, Options{Project: "demo-other", Rules: file(t, "closed.rules", closedRules, 0o600)})
	pids := map[Kind]int{}
	for _, kind := range All() {
		pids[kind] = own.PID(kind)
		if pids[kind] == 0 || !answers(own, kind) || !answers(shared, kind) {
			t.Errorf("%s: process %d, answers %t, the other one answers %t", kind, pids[kind], answers(own, kind), answers(shared, kind))
		}
		if *own.address(kind) == *shared.address(kind) {
			t.Errorf("%s: both at %s", kind, *own.address(kind))
		}
	}
	document := "http://" + own.Firestore + documents(own, "(default)") + "things/x"
	if got := statusAsStranger(t, http.MethodGet, document); got != http.StatusForbidden {
		t.Errorf("closed by rules: %d", got)
	}
	stop(t, own)
	for _, kind := range All() {
		if isOpen(*own.address(kind)) || !isGone(t, pids[kind]) || own.PID(kind) != 0 {
			t.Errorf("%s is still there", kind)
		}
		if !answers(shared, kind) {
			t.Errorf("the other suite's %s is gone", kind)
		}
	}
}

func TestAnEmulatorCanBePausedKilledAndRestarted(t *testing.T) {
	suite := start(t, Options{Only: []Kind{Storage}})
	ask(t, suite, http.MethodPost, suite.Storage, "/storage/v1/b", map[string]string{"name": "files"}, nil)
	if err := suite.Pause(Storage); err != nil {
		t.Fatal(err)
	}
	if answersWithin(suite, Storage, 300*time.Millisecond) || !isOpen(suite.Storage) {
		t.Error("paused, it should be connected to and not answer")
	}
	if err := suite.Resume(Storage); err != nil {
		t.Fatal(err)
	}
	ask(t, suite, http.MethodGet, suite.Storage, "/storage/v1/b/files", nil, nil)
	if err := suite.Kill(Storage); err != nil {
		t.Fatal(err)
	}
	if isOpen(suite.Storage) || suite.PID(Storage) != 0 {
		t.Error("killed, it is still there")
	}
	if err := suite.Restart(t.Context(), Storage); err != nil {
		t.Fatal(err)
	}
	first := suite.PID(Storage)
	if err := suite.Restart(t.Context(), Storage); err != nil {
		t.Fatal(err)
	}
	if !answers(suite, Storage) || suite.PID(Storage) == first || !isGone(t, first) {
		t.Error("restarted while it ran, there should be one other process")
	}
	if refusal := askFails(t, suite, http.MethodGet, suite.Storage, "/storage/v1/b/files", nil); !strings.Contains(refusal, "404") {
		t.Errorf("its memory survived: %s", refusal)
	}
}

func TestAPausedEmulatorIsStoppedToo(t *testing.T) {
	suite := start(t, Options{Only: []Kind{Storage}})
	if err := suite.Pause(Storage); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	stop(t, suite)
	if isOpen(suite.Storage) || time.Since(began) >= politeFor {
		t.Errorf("after %s, open: %t", time.Since(began), isOpen(suite.Storage))
	}
}

func TestControlOfAnEmulatorThatIsNotOursIsAnError(t *testing.T) {
	suite := Use(t, Storage)
	for name, control := range map[string]func(Kind) error{"pause": suite.Pause, "resume": suite.Resume, "kill": suite.Kill} {
		if err := control(Storage); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if !answers(suite, Storage) {
		t.Error("it is gone")
	}
}

func TestAnUnexpectedEndIsSaid(t *testing.T) {
	var mu sync.Mutex
	var said []string
	suite := start(t, Options{Only: []Kind{Storage}, Progress: func(line string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, line)
	}})
	if err := syscall.Kill(suite.PID(Storage), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end is said", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(strings.Join(said, "\n"), "storage: ended by itself (signal: killed)")
	})
	if suite.PID(Storage) != 0 {
		t.Error("it still counts as running")
	}
}

func TestAFailedStartQuotesTheEmulatorAndLeavesNothingBehind(t *testing.T) {
	// It fails when the other one is ready, and not before.
	cue := filepath.Join(t.TempDir(), "cue")
	script := "#!/bin/sh\nuntil [ -e '" + cue + "' ]; do sleep 0.02; done\necho out of coffee >&2\nexit 3\n"
	t.Setenv(pubsubBinary.variable, file(t, "broken", script, 0o700))
	var address string
	_, err := Start(t.Context(), Options{Only: []Kind{PubSub, Storage}, Progress: func(line string) {
		if _, after, found := strings.Cut(line, "storage: ready on "); found {
			address, _, _ = strings.Cut(after, " ")
			if err := os.WriteFile(cue, nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "pubsub emulator: ended while it started (exit status 3)") ||
		!strings.Contains(err.Error(), "out of coffee") {
		t.Errorf("got %v", err)
	}
	if address == "" || isOpen(address) {
		t.Errorf("the other emulator, at %q, is still there", address)
	}
}

func TestAnUnknownKindOrMissingRulesAreErrors(t *testing.T) {
	if _, err := Start(t.Context(), Options{Only: []Kind{"mail"}}); err == nil || !strings.Contains(err.Error(), `"mail"`) {
		t.Errorf("unknown kind: %v", err)
	}
	_, err := Start(t.Context(), Options{Only: []Kind{Firestore}, Rules: filepath.Join(t.TempDir(), "none.rules")})
	if err == nil || !strings.Contains(err.Error(), "none.rules") {
		t.Errorf("missing rules: %v", err)
	}
}

func TestAWrapperScriptsChildrenAreStopped(t *testing.T) {
	t.Setenv(pubsubBinary.variable, "")
	jar, err := findBinary(t.Context(), pubsubBinary, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	// Not exec: the shell stays, and Java is its child.
	script := "#!/bin/sh\njava -Xmx256m -jar '" + jar + "' \"$@\"\necho the end\n"
	t.Setenv(pubsubBinary.variable, file(t, "wrapper", script, 0o700))
	suite := start(t, Options{Only: []Kind{PubSub}})
	stop(t, suite)
	if isOpen(suite.PubSub) {
		t.Error("Java outlived its wrapper")
	}
}

func TestNothingOutlivesAKilledParent(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), program)
	parent.Env = append(os.Environ(), helperVariable+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	left := map[int]string{}
	for scanner := bufio.NewScanner(out); scanner.Scan() && scanner.Text() != "started"; {
		var pid int
		var address string
		if _, err := fmt.Sscan(scanner.Text(), &pid, &address); err != nil {
			t.Fatalf("the parent said %q", scanner.Text())
		}
		left[pid] = address
	}
	if len(left) != len(All()) {
		t.Fatalf("the parent started %v", left)
	}
	for pid, address := range left {
		if isGone(t, pid) || !isOpen(address) {
			t.Errorf("process %d at %s does not run", pid, address)
		}
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for pid, address := range left {
		eventually(t, fmt.Sprintf("process %d is gone", pid), func() bool { return isGone(t, pid) && !isOpen(address) })
	}
}

func TestAProcessStateIsTold(t *testing.T) {
	child := exec.CommandContext(t.Context(), "sh", "-c", "kill -STOP $$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process stands still", func() bool {
		state, err := processState(child.Process.Pid)
		return err == nil && state == stateStopped
	})
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if state, err := processState(child.Process.Pid); err != nil || state != stateNone {
		t.Errorf("a process that is gone has state %q, %v", state, err)
	}
}
