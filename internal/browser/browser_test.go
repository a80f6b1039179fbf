package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutABrowserThereIsOneLineOnHowToGetIt(t *testing.T) {
	t.Setenv("CHROMIUM", "")
	t.Setenv("PATH", t.TempDir())
	_, err := NewRunner(t.Context(), ".", func(string) {})
	if err == nil || !strings.Contains(err.Error(), "apt-get install chromium") || strings.Contains(err.Error(), "\n") {
		t.Errorf("it said %v", err)
	}
}

func TestABrowserThatIsNamedIsTakenBeforeTheOneOnThePath(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	for _, name := range append([]string{"mine"}, names...) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for named, want := range map[string]string{"": "chromium", "mine": "mine", filepath.Join(folder, "google-chrome"): "google-chrome"} {
		t.Setenv("CHROMIUM", named)
		if path, err := find(); err != nil || path != filepath.Join(folder, want) {
			t.Errorf("CHROMIUM=%q gives %s, %v", named, path, err)
		}
	}
	t.Setenv("CHROMIUM", "other")
	if _, err := find(); err == nil || !strings.Contains(err.Error(), "CHROMIUM") {
		t.Errorf("one that isn't there: %v", err)
	}
}
