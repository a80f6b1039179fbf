package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ticketsystem.example/internal/emulator"
)

// description is the document as it is served.
const description = "../../functions/web/openapi.json"

// linters are the programs, below node_modules, and what they are called with.
var linters = map[string][]string{
	"spectral": {"@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", "--quiet"},
	"redocly":  {"@redocly/cli/bin/cli.js", "lint", "--config", "redocly.yaml"},
}

// modules is the folder with everything for Node.
func modules(t *testing.T) string {
	t.Helper()
	say := func(line string) { fmt.Fprintln(os.Stderr, "clients:", line) }
	folder, err := emulator.Packages(t.Context(), "clients", ".", say)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "node_modules")
}

// node runs a program for Node in folder and returns what it said.
func node(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node (20 or later) is not on the PATH: apt-get install nodejs npm")
	}
	return run(t, folder, program, args...)
}

// run runs a program in folder, with the tools' own news and telemetry off.
func run(t *testing.T, folder, program string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "GOFLAGS=-trimpath", "GOWORK=off")
	said, err := cmd.CombinedOutput()
	return string(said), err
}

func TestLintersFindNothingInTheDescription(t *testing.T) {
	installed := modules(t)
	for name, call := range linters {
		t.Run(name, func(t *testing.T) {
			args := append([]string{filepath.Join(installed, call[0])}, call[1:]...)
			if said, err := node(t, ".", append(args, description)...); err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

func TestLintersNoticeADescriptionThatIsWorse(t *testing.T) {
	installed := modules(t)
	bad := filepath.Join(t.TempDir(), "openapi.json")
	text := `{"openapi": "3.1.0", "info": {"title": "Bad", "version": "1"}, "paths": {"/things": {"get": {"responses": {"200": {"description": "OK"}}}}}}`
	if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, call := range linters {
		args := append([]string{filepath.Join(installed, call[0])}, call[1:]...)
		if _, err := node(t, ".", append(args, bad)...); err == nil {
			t.Errorf("%s has nothing against an operation without a name, a summary or a problem", name)
		}
	}
}
