// Package ticketsystem holds the house rules: what is true of the whole repository and
// of no single package. A rule that is not tested is a wish.
//
// The rules read the code as text and syntax and run nothing, so they take seconds:
// who may import whom (repo_imports_test.go), what the catalogue promises
// (repo_catalogue_test.go), what may stand in a file (repo_code_test.go,
// repo_text_test.go). A rule that is in the way is changed here, with its reason.
package ticketsystem

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "ticketsystem.example"

// pkg is what the go command says of a package.
type pkg struct {
	ImportPath, Name, Doc string
	GoFiles               []string
	Imports               []string // of the package itself
	TestImports           []string // of its tests
	XTestImports          []string
}

// path is the folder below the root, "." for the root.
func (p pkg) path() string {
	if p.ImportPath == module {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

var listed = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Doc,GoFiles,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

// packages are all of the module that hold more than tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(p pkg) bool { return len(p.GoFiles) == 0 })
}

// file is a file of the repository; ignored ones are none of it.
type file struct {
	path string // from the root, with slashes
	text string
}

var read = sync.OnceValues(func() ([]file, error) {
	out, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").Output()
	if err != nil {
		return nil, err
	}
	var all []file
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		data, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, file{name, string(data)})
	}
	return all, nil
})

// files are the repository's files with one of the endings; all of them without any.
func files(t *testing.T, endings ...string) []file {
	t.Helper()
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(f file) bool {
		return len(endings) > 0 && !slices.Contains(endings, path.Ext(f.path))
	})
}

// source is a parsed Go file.
type source struct {
	file
	set    *token.FileSet
	syntax *ast.File
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// line is where a node stands.
func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

// below reports whether the file lies in one of the folders.
func (f file) below(folders ...string) bool {
	return slices.ContainsFunc(folders, func(d string) bool { return strings.HasPrefix(f.path, d+"/") })
}

var parsed = sync.OnceValues(func() ([]source, error) {
	all, err := read()
	if err != nil {
		return nil, err
	}
	var out []source
	for _, f := range all {
		if path.Ext(f.path) != ".go" {
			continue
		}
		s := source{file: f, set: token.NewFileSet()}
		if s.syntax, err = parser.ParseFile(s.set, f.path, f.text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
})

// sources are all Go files, those of modules beside the root too.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// uses calls f for each use of a name of another package, such as time.Now.
func (s source) uses(f func(n ast.Node, pkg, name string)) {
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				f(n, x.Name, sel.Sel.Name)
			}
		}
		return true
	})
}
