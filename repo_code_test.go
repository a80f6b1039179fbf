package ticketsystem

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		begins := "Package " + p.Name + " "
		if p.Name == "main" {
			begins = "Command "
		}
		if text := comment(t, p.path()); !strings.HasPrefix(text, begins) || len(text) < 100 {
			t.Errorf("%s: the package comment doesn't (it begins with %.40q)", p.path(), text)
		}
	}
}

// exceptions are files that a rule spares, and why. One that needs no exception fails.
type exceptions map[string]string

// check reports each finding in a file that isn't spared.
func (e exceptions) check(t *testing.T, rule string, found map[string][]int) {
	t.Helper()
	for path, lines := range found {
		if e[path] == "" {
			t.Errorf("%s:%d: %s", path, lines[0], rule)
		}
	}
	for path := range e {
		if found[path] == nil {
			t.Errorf("%s needs no exception any more: %s", path, rule)
		}
	}
}

// finds collects the lines in deployed code where one of the names is used.
func finds(t *testing.T, names ...string) map[string][]int {
	t.Helper()
	found := map[string][]int{}
	for _, s := range sources(t) {
		if s.test() || !s.below("functions", "shared") {
			continue
		}
		s.uses(func(n ast.Node, pkg, name string) {
			if slices.Contains(names, pkg+"."+name) {
				found[s.path] = append(found[s.path], s.line(n))
			}
		})
	}
	return found
}

func TestTheEnvironmentIsReadInOnePlace(t *testing.T) {
	exceptions{
		"shared/config/config.go":    "the place",
		"shared/gcp/identity/sdk.go": "hides a variable from Firebase's SDK, which would read it by itself",
	}.check(t, "deployed code reads the environment through shared/config only",
		finds(t, "os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv", "syscall.Getenv"))
}

func TestTheTimeComesFromTheClockThatIsHandedIn(t *testing.T) {
	exceptions{
		"shared/config/config.go":          "the clock itself",
		"shared/config/clock.go":           "the clock that can be moved",
		"shared/serve/log.go":              "how long a request really took",
		"shared/gcp/identity/admin.go":     "Google's tokens carry real times",
		"shared/gcp/identity/verify.go":    "Google's tokens carry real times",
		"shared/gcp/invoke/invoke.go":      "Google's tokens carry real times",
		"shared/start/api/api.go":          "the age of what is cached, beside tokens with real times",
		"shared/gcp/storage/storage.go":    "Cloud Storage holds signatures against the real time",
		"shared/blob/blobtest/blobtest.go": "that a link ends is tried in real time",
		"shared/docdb/dbtest/values.go":    "any time will do as a value",
		"shared/docdb/dbtest/writes.go":    "any time will do as a value",
	}.check(t, "take the time from the clock in config, so that a test can move it", finds(t, "time.Now", "time.Since", "time.Until"))
}

func TestNoTestIsSkipped(t *testing.T) {
	for _, s := range sources(t) {
		s.uses(func(n ast.Node, pkg, name string) {
			skips := slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, name) && len(pkg) <= 2
			if s.test() && (skips || pkg+"."+name == "testing.Short") {
				t.Errorf("%s:%d: what is missing is a failure, not a skipped test", s.path, s.line(n))
			}
		})
	}
}

func TestTestNamesAreSentences(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !s.test() || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" {
				continue
			}
			words := 0
			for _, r := range strings.TrimPrefix(f.Name.Name, "Test") {
				if unicode.IsUpper(r) {
					words++
				}
			}
			if words < 2 || strings.Contains(f.Name.Name, "_") {
				t.Errorf("%s:%d: %s is no sentence about what holds", s.path, s.line(f), f.Name.Name)
			}
		}
	}
}

// How long a file and a function may be, in lines. Most are far shorter; what comes
// near is two things in one. A test may hold a table.
const (
	longestFile     = 500
	longestFunction = 80
	longestTest     = 150
)

func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if n := strings.Count(s.text, "\n"); n > longestFile {
			t.Errorf("%s has %d lines", s.path, n)
		}
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				n := s.set.Position(f.End()).Line - s.line(f) + 1
				if n > longestTest || n > longestFunction && !s.test() {
					t.Errorf("%s:%d: %s has %d lines", s.path, s.line(f), f.Name.Name, n)
				}
			}
		}
	}
}

func TestWhatIsExportedSaysWhatItIs(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || !s.below("functions", "shared", "internal", "cmd") {
			continue
		}
		for _, d := range s.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && s.reachable(d) {
					t.Errorf("%s:%d: %s has no comment", s.path, s.line(d), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
						t.Errorf("%s:%d: %s has no comment", s.path, s.line(spec), spec.Name.Name)
					}
				}
			}
		}
	}
}

// reachable reports whether a function can be called from other packages: methods of
// unexported types are there for an interface, which says what they do.
func (s source) reachable(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}
