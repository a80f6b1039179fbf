package bundle_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	// The builder's program imports it; so it stays in the project's go.mod.
	_ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	"ticketsystem.example/internal/bundle"
)

const registry = "github.com/GoogleCloudPlatform/functions-framework-go/functions"

// program is the main package that the builder adds.
const program = `package main

import (
	"log"
	"net/http"
	"os"

	_ %q

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
)

func main() {
	http.HandleFunc("/robots.txt", http.NotFound)
	http.HandleFunc("/favicon.ico", http.NotFound)
	if err := funcframework.Start(os.Getenv("PORT")); err != nil {
		log.Fatal(err)
	}
}
`

// build makes a server of an archive in the folder app, step by step as Google's
// builder for Go does (buildpacks, cmd/go/functions_framework and cmd/go/build), and
// returns the binary's path.
func build(t *testing.T, archive []byte, app string) string {
	t.Helper()
	source := filepath.Join(app, "serverless_function_source_code")
	unzip(t, archive, source) // the builder unpacks to app and moves all of it there
	onePackage(t, source)

	module := command(t, source, "go", "list", "-m")
	if first, _, _ := strings.Cut(module, "/"); !strings.Contains(first, ".") {
		t.Fatalf("the first element of the module path %q has no dot", module)
	}
	// Without a version there the builder would add the one that it knows.
	if v := command(t, source, "go", "list", "-m", "-f", "{{.Version}}", strings.TrimSuffix(registry, "/functions")); v == "" {
		t.Fatal("go.mod does not name the framework")
	}
	main := filepath.Join(source, "functions.local", "app")
	put(t, main, "main.go", fmt.Sprintf(program, module))
	tidy(t, source)

	binary := filepath.Join(app, "main")
	command(t, source, "go", "build", "-ldflags", bundle.BuildEnvironment()["GOOGLE_GOLDFLAGS"], "-o", binary, main)
	return binary
}

// tidy has the builder's "go mod tidy" find nothing to do.
func tidy(t *testing.T, source string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum"} {
		before := read(t, filepath.Join(source, name))
		command(t, source, "go", "mod", "tidy")
		if after := read(t, filepath.Join(source, name)); after != before {
			t.Errorf("the archive's %s was not tidy; it becomes\n%s", name, after)
		}
	}
}

// onePackage does as the builder, which parses every Go file at the root, whatever its
// name or build tags say, and wants one package there that registers itself.
func onePackage(t *testing.T, source string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files at the root: %v", err)
	}
	var names, imports []string
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name.Name)
		for _, i := range f.Imports {
			imports = append(imports, strings.Trim(i.Path.Value, `"`))
		}
	}
	if slices.Sort(names); names[0] != names[len(names)-1] || names[0] == "main" {
		t.Fatalf("packages at the root: %q", slices.Compact(names))
	}
	if !slices.Contains(imports, registry) {
		t.Fatalf("the package at the root does not import %s", registry)
	}
}

// unzip unpacks an archive below dir.
func unzip(t *testing.T, archive []byte, dir string) {
	t.Helper()
	for _, f := range opened(t, archive) {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, f.Name, string(content))
	}
}

// command runs a step of the builder and returns its output without the last newline.
// Of the surroundings only what finds modules and caches counts.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off", "GOFLAGS="+bundle.BuildEnvironment()["GOFLAGS"])
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, complaint.String())
	}
	return strings.TrimSpace(string(out))
}

// size returns a file's size in bytes.
func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
