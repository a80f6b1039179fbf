package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// framework is the package in whose registry a function enters itself.
const framework = "github.com/GoogleCloudPlatform/functions-framework-go/functions"

// file is one file of an archive.
type file struct {
	name    string // in the archive
	origin  string // path below the repository's root; "" for what was made here
	content []byte
}

// listed is what the go command says of a package.
type listed struct {
	ImportPath string
	Name       string
	Module     *struct {
		Path string
		Main bool
	}
	GoFiles    []string
	EmbedFiles []string
	Imports    []string
}

// gather collects the files of a function and of the shared packages that it compiles,
// and the path of the module they belong to.
func gather(root, name string) ([]file, string, error) {
	pkgs, err := list(root, "./functions/"+name)
	if err != nil {
		return nil, "", err
	}
	own := pkgs[len(pkgs)-1] // dependencies come first
	module := own.Module.Path
	if err := fits(own, module); err != nil {
		return nil, "", err
	}
	var files []file
	for _, p := range pkgs {
		inside := ""
		if p.ImportPath != own.ImportPath {
			if !shared(module, p.ImportPath) {
				continue
			}
			inside = strings.TrimPrefix(p.ImportPath, module+"/")
		}
		if err := staysIn(module, p); err != nil {
			return nil, "", err
		}
		read, err := contents(root, strings.TrimPrefix(p.ImportPath, module+"/"), inside, p)
		if err != nil {
			return nil, "", err
		}
		files = append(files, read...)
	}
	return files, module, nil
}

// fits refuses a package of which Google's builder could make no server.
func fits(own listed, module string) error {
	if first, _, _ := strings.Cut(module, "/"); !strings.Contains(first, ".") {
		return fmt.Errorf("the first element of the module's path %q needs a dot: the builder refuses it", module)
	}
	if own.Name == "main" {
		return errors.New("it is package main, but the builder adds the program itself: name the package after the function")
	}
	for _, path := range own.Imports {
		if path == framework {
			return nil
		}
	}
	return fmt.Errorf("it does not import %s itself, by which the builder knows that it registers its entry", framework)
}

// staysIn refuses a package that imports something of ours which the archive won't hold.
func staysIn(module string, p listed) error {
	for _, path := range p.Imports {
		ours := path == module || strings.HasPrefix(path, module+"/")
		if ours && !shared(module, path) {
			return fmt.Errorf("%s imports %s, but only packages in shared/ go along with a function",
				strings.TrimPrefix(p.ImportPath, module+"/"), strings.TrimPrefix(path, module+"/"))
		}
	}
	return nil
}

func shared(module, path string) bool { return strings.HasPrefix(path, module+"/shared/") }

// contents reads what a build takes from the package in folder, and names it as it lies
// in the archive's folder inside ("" = its root).
func contents(root, folder, inside string, p listed) ([]file, error) {
	var files []file
	for _, name := range append(p.GoFiles, p.EmbedFiles...) {
		f := file{name: path.Join(inside, name), origin: path.Join(folder, name)}
		if err := proper(f, inside == ""); err != nil {
			return nil, err
		}
		var err error
		if f.content, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(f.origin))); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// list asks the go command for a package and all that it imports, as a build on Cloud
// Functions sees them: the flags and the platform of this machine don't matter.
func list(root, pattern string) ([]listed, error) {
	out, err := run(root, "go", "list", "-deps", "-json=ImportPath,Name,Module,GoFiles,EmbedFiles,Imports", pattern)
	if err != nil {
		return nil, err
	}
	var pkgs []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// run runs a command in dir and returns what it prints. Its complaint is the error.
func run(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, args[0], err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}
