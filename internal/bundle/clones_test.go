package bundle_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/bundle"
)

func TestTwoClonesOfTheProjectGiveTheSameArchives(t *testing.T) {
	t.Parallel()
	one := clone(t, repository)
	other := clone(t, one)
	age(t, other)
	want := archives(t, one)
	if got := archives(t, other); !slices.Equal(got, want) {
		t.Errorf("the clones differ:\n%q\n%q", want, got)
	}

	changed := functions.Catalogue[0].Name
	files, err := filepath.Glob(filepath.Join(other, "functions", changed, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files of %s: %v", changed, err)
	}
	file := filepath.Join("functions", changed, filepath.Base(files[0]))
	put(t, other, file, read(t, files[0])+"\n// changed\n")
	for i, now := range archives(t, other) {
		if name := functions.Catalogue[i].Name; (now == want[i]) == (name == changed) {
			t.Errorf("after a change in %s the archive of %s changed: %t", changed, name, now != want[i])
		}
	}
}

// archives packs the whole catalogue and returns the hashes, checked against the files.
func archives(t *testing.T, root string) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundles")
	infos, err := bundle.All(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(functions.Catalogue) {
		t.Fatalf("%d files for %d functions: %v", len(entries), len(functions.Catalogue), err)
	}
	var sums []string
	for _, info := range infos {
		sum := sha256.Sum256([]byte(read(t, filepath.Join(dir, info.Name+".zip"))))
		if hex.EncodeToString(sum[:]) != info.SHA256 {
			t.Errorf("%s.zip is not what Info says", info.Name)
		}
		sums = append(sums, info.SHA256)
	}
	return sums
}

// clone copies what deployments are made of to a new folder.
func clone(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	for _, folder := range []string{"functions", "shared"} {
		if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join(from, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		put(t, to, name, read(t, filepath.Join(from, name)))
	}
	return to
}
