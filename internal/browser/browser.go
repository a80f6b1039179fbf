// Package browser tests what people see: every page, in a real Chromium, on a whole
// system (see package stack). Nothing of it is deployed.
//
// Ideas:
//
//   - The tests are programs for Node (*.test.mjs), because that is what drives a
//     browser best: playwright-core, and axe-core for accessibility. A Go test starts
//     the system and runs each of them, so that "go test" is all there is to know.
//   - pages.mjs lists the pages. A new page gets a row there, and with it all that is
//     true of every page: it loads without an error, it is accessible in light and
//     dark, it fits a phone, a keyboard is enough, and its headers let nothing in.
//   - What people do on a page is told in paths.test.mjs, with scripts on and off.
//   - The browser is the one that the machine has. None is downloaded, and what it has
//     open or keeps is none of ours: each test file gets a new profile, in which only
//     127.0.0.1 can be reached.
//
// A typical use:
//
//	go test ./internal/browser -run Pages/keyboard
//	PICTURES=/tmp/pictures go test ./internal/browser -run Pages/looks
//
// The second one also leaves a picture of each page in each look, for people to judge:
// that a page is beautiful is nothing that a test can tell.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"ticketsystem.example/internal/emulator"
)

// names are the commands that Chromium goes by.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// find is the path of the browser: CHROMIUM, or what is on the PATH.
func find() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		path, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("browser: CHROMIUM names no program: %w", err)
		}
		return path, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("browser: Chromium is not on the PATH: apt-get install chromium, or set CHROMIUM to its path")
}

// endWithin is how long tests that are told to end may take to close their browser.
const endWithin = 10 * time.Second

// Runner runs tests in a browser.
type Runner struct {
	node, chromium string // commands
	modules        string // folder whose node_modules they use
}

// NewRunner finds the browser and installs, the first time on a machine, what drives
// it, as the package.json in folder says. Progress is told in one line what happens.
func NewRunner(ctx context.Context, folder string, progress func(line string)) (*Runner, error) {
	chromium, err := find()
	if err != nil {
		return nil, err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("browser: node (20 or later) is not on the PATH: apt-get install nodejs npm")
	}
	modules, err := emulator.Packages(ctx, "browser", folder, progress)
	if err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	return &Runner{node: node, chromium: chromium, modules: modules}, nil
}

// Run runs one file of tests on the site at url and returns what they print; the error
// says that one of them failed, or that ctx ended.
func (r *Runner) Run(ctx context.Context, file, url string) (string, error) {
	cmd := exec.CommandContext(ctx, r.node, "--test", "--test-reporter=spec", filepath.Base(file))
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(), "BASE_URL="+url, "CHROMIUM="+r.chromium, "MODULES="+r.modules)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endWithin
	said, err := cmd.CombinedOutput()
	return string(said), err
}
