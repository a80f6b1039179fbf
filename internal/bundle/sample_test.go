package bundle_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/bundle"
)

// repository is the folder of the project itself.
const repository = "../.."

// sample makes a small repository of two functions in a new folder, with the project's
// own go.mod, so that it builds from the same libraries.
func sample(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/sample")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		put(t, root, name, read(t, filepath.Join(repository, name)))
	}
	return root
}

// put writes a file of the repository in root.
func put(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// pack returns the archive of the function called name.
func pack(t *testing.T, root, name string) ([]byte, bundle.Info) {
	t.Helper()
	var out bytes.Buffer
	info, err := bundle.Write(root, functions.Function{Name: name}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), info
}

// opened returns the entries of an archive.
func opened(t *testing.T, archive []byte) []*zip.File {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return z.File
}

// inside returns the content of one file of an archive.
func inside(t *testing.T, archive []byte, name string) string {
	t.Helper()
	for _, f := range opened(t, archive) {
		if f.Name != name {
			continue
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	t.Fatalf("the archive has no %s", name)
	return ""
}

// age gives all files of a clone another time and another mode.
func age(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return os.Chtimes(path, longAgo, longAgo)
	})
	if err != nil {
		t.Fatal(err)
	}
}
