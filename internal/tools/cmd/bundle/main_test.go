package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestABundleRunsWithoutItsDependencies(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "src/hello.cjs"), `console.log(require("greeting")("world"))`)
	write(t, filepath.Join(dir, "src/node_modules/greeting/index.js"), `module.exports = (name) => "hello " + name`)
	out := filepath.Join(dir, "out")
	if err := bundle(out, []string{filepath.Join(dir, "src/hello.cjs")}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "src")); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("node", filepath.Join(out, "hello.cjs")).CombinedOutput()
	if err != nil || string(said) != "hello world\n" {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestAMissingDependencyIsAnError(t *testing.T) {
	dir := t.TempDir()
	entry := filepath.Join(dir, "hello.cjs")
	write(t, entry, `require("nowhere")`)
	if err := bundle(filepath.Join(dir, "out"), []string{entry}); err == nil {
		t.Error("no error")
	}
}
