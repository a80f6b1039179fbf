// Package generate writes what follows from the code: the API's description and the
// reference pages in docs.
//
// Ideas:
//
//   - Each file is a pure function of the code: Files makes them all in memory, the
//     command writes them, a test compares them with what is committed. So a page can't
//     be out of date, and nobody edits one by hand.
//   - The description of the API is merged from the typed operations that the functions
//     themselves serve. Two functions that mean different things by one name are an
//     error here, before any client meets them.
//   - Configuration is described by trying it out: which variable fills which field,
//     what is needed and what is refused are observed, only the words come from comments.
//
// It reads the code's comments, so it runs inside the repository. It is never deployed.
package generate

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:generate go run ./cmd/generate

// File is one generated file.
type File struct {
	Path    string // from the repository's root, with slashes
	Content []byte
}

// Files makes every generated file for the repository at root.
func Files(root string) ([]File, error) {
	files := []File{
		{Path: "docs/policy.md", Content: policy()},
		{Path: "docs/lifecycle.md", Content: lifecycle()},
		{Path: "docs/indexes.md", Content: indexes()},
	}
	for _, of := range []func(root string) (File, error){description, catalogue, configuration} {
		f, err := of(root)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Write writes the files that differ from those at root and returns their paths.
func Write(root string, files []File) ([]string, error) {
	var written []string
	for _, f := range files {
		path := filepath.Join(root, filepath.FromSlash(f.Path))
		if was, err := os.ReadFile(path); err == nil && bytes.Equal(was, f.Content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			return written, err
		}
		written = append(written, f.Path)
	}
	return written, nil
}

// Root is the repository's root, from any folder inside it.
func Root() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("generate: go env: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(mod))), nil
}
