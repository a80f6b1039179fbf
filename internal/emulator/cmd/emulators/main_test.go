package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ticketsystem.example/internal/emulator"
)

// small is the suite that starts fastest.
var small = emulator.Options{Only: []emulator.Kind{emulator.Storage}}

func TestTheCommandSeesTheEmulatorsAndItsCodeIsPassedOn(t *testing.T) {
	dir := t.TempDir()
	seen, log := filepath.Join(dir, "seen"), filepath.Join(dir, "log")
	code, err := run(small, log, []string{"sh", "-c", `echo "$STORAGE_EMULATOR_HOST $GOOGLE_CLOUD_PROJECT" > "$0"; exit 7`, seen})
	if err != nil || code != 7 {
		t.Errorf("code %d, %v", code, err)
	}
	content, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(content); !strings.HasPrefix(got, "127.0.0.1:") || !strings.Contains(got, emulator.DefaultProject) {
		t.Errorf("the command saw %q", got)
	}
	logged, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(logged), "storage: ") {
		t.Errorf("logged %q, %v", logged, err)
	}
}

func TestASignalIsPassedOnToTheCommand(t *testing.T) {
	// The command's parent is this process, which hands the signal back to it.
	code, err := run(small, "", []string{"sh", "-c", `trap "exit 9" TERM; kill -TERM $PPID; while :; do sleep 0.02; done`})
	if err != nil || code != 9 {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestACommandEndedByASignalSaysWhich(t *testing.T) {
	code, err := run(small, "", []string{"sh", "-c", "kill -KILL $$"})
	if err != nil || code != 128+9 {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestACommandThatIsNotThereIsAnError(t *testing.T) {
	if code, err := run(small, "", []string{"no-such-command"}); err == nil || code != 127 {
		t.Errorf("code %d, %v", code, err)
	}
}
