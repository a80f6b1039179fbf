package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// quietNode keeps Node programs of Google's from looking for updates and for a
// cloud around them.
var quietNode = []string{"CI=1", "NO_UPDATE_NOTIFIER=1", "METADATA_SERVER_DETECTION=none"}

// installAuth returns the folder of the bundled scripts, auth.cjs and jars.cjs.
func installAuth(ctx context.Context, say reporter) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	scripts := filepath.Join(root, "internal", "emulator", "auth")
	sources := []string{scripts, filepath.Join(root, "internal", "tools", "cmd", "bundle")}
	return install(ctx, "auth", sources, say, func(dir string) error {
		say("auth: installing firebase-tools with npm, about a minute, once")
		work, err := os.MkdirTemp(filepath.Dir(dir), "npm-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(work)
		if err := os.CopyFS(work, os.DirFS(scripts)); err != nil {
			return err
		}
		if err := installPackages(ctx, work); err != nil {
			return err
		}
		say("auth: bundling")
		bundle := filepath.Join(work, "bundle")
		if err := buildTool(ctx, root, "bundle", bundle); err != nil {
			return err
		}
		return runTool(ctx, work, bundle, "-out", dir, "auth.cjs", "jars.cjs")
	})
}

// installStorage returns the path of the Storage emulator.
func installStorage(ctx context.Context, say reporter) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	tools := filepath.Join(root, "internal", "tools")
	var sources []string
	for _, name := range []string{"go.mod", "go.sum", "guard", "cmd/storage"} {
		sources = append(sources, filepath.Join(tools, name))
	}
	dir, err := install(ctx, "storage", sources, say, func(dir string) error {
		say("storage: building, up to two minutes the first time, once")
		return buildTool(ctx, root, "storage", filepath.Join(dir, "storage"))
	})
	return filepath.Join(dir, "storage"), err
}

// download has firebase-tools fetch one of Google's emulators.
func download(ctx context.Context, kind Kind, say reporter) error {
	node, err := findNode()
	if err != nil {
		return err
	}
	scripts, err := installAuth(ctx, say)
	if err != nil {
		return err
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	unlock, err := lockFile(ctx, filepath.Join(cache, "download.lock"), func() {
		say("%s: waiting for another download", kind)
	})
	if err != nil {
		return err
	}
	defer unlock()
	say("%s: downloading, about 65 MB, once", kind)
	return runTool(ctx, scripts, node, "jars.cjs", string(kind))
}

// buildTool builds a command of the tools module. Its module is one of its own
// so that its requirements don't become those of what is deployed.
func buildTool(ctx context.Context, root, name, out string) error {
	dir := filepath.Join(root, "internal", "tools")
	return runTool(ctx, dir, "go", "build", "-buildvcs=false", "-o", out, "./cmd/"+name)
}

// runTool runs a command in a folder; its output matters only if it fails.
func runTool(ctx context.Context, dir, name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is not on PATH: install it first (npm comes with Node.js 20 or later)", name)
	}
	command := exec.CommandContext(ctx, path, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), append([]string{"GOWORK=off"}, quietNode...)...)
	printed, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), args[0], err, bytes.TrimSpace(printed))
	}
	return nil
}

// moduleRoot is the folder of the checkout that this process runs in: the
// nearest one above the working directory that holds the tools module.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "internal", "tools", "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run this inside a checkout of the project: internal/tools is not above the working directory")
		}
		dir = parent
	}
}
