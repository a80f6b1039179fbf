package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// program is where the builder puts the main package that it adds to the module, and
// added stands in for it: what it imports has to be in the archive's go.mod as well.
const (
	program = "functions.local"
	added   = `package main

import (
	_ %q

	_ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
)

func main() {}
`
)

// tidied returns go.mod and go.sum as the builder's "go mod tidy" would leave them for
// the files. The repository's own are not touched.
func tidied(root, module string, files []file) (mod, sum []byte, err error) {
	dir, err := os.MkdirTemp("", "bundle-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	all := append([]file{{name: program + "/app/main.go", content: fmt.Appendf(nil, added, module)}}, files...)
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, nil, err
		}
		all = append(all, file{name: name, content: content})
	}
	if err := unpack(dir, all); err != nil {
		return nil, nil, err
	}
	if _, err := run(dir, "go", "mod", "tidy"); err != nil {
		return nil, nil, err
	}
	if err := sameVersions(root, dir); err != nil {
		return nil, nil, err
	}
	if mod, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return nil, nil, err
	}
	sum, err = os.ReadFile(filepath.Join(dir, "go.sum"))
	return mod, sum, err
}

// unpack writes the files below dir.
func unpack(dir string, files []file) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sameVersions refuses a version in the go.mod of dir that a build in root does not use:
// it would be deployed without having been tested, and tomorrow it might be another one.
func sameVersions(root, dir string) error {
	out, err := run(root, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "all")
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		used[strings.TrimSpace(line)] = true
	}
	if out, err = run(dir, "go", "mod", "edit", "-json"); err != nil {
		return err
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return fmt.Errorf("go mod edit: %w", err)
	}
	for _, r := range mod.Require {
		if !used[r.Path+" "+r.Version] {
			return fmt.Errorf("it needs %s %s, which the repository does not use: run go mod tidy there", r.Path, r.Version)
		}
	}
	return nil
}
