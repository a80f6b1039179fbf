package ticketsystem

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// shows are the names in docs/attacks.md of what shows that something doesn't happen.
var shows = regexp.MustCompile("`(Test[A-Za-z]+|[a-z/-]+\\.txt)`")

func TestWhatShowsThatAttacksFailIsThere(t *testing.T) {
	there := map[string]bool{}
	var stories []string
	for _, f := range files(t, ".txt") {
		if name, ok := strings.CutPrefix(f.path, "testdata/scripts/"); ok {
			there[name] = true
			stories = append(stories, name)
		}
	}
	for _, s := range sources(t) {
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test() && f.Recv == nil {
				there[f.Name.Name] = true
			}
		}
	}
	named := map[string]bool{}
	for _, f := range files(t, ".md") {
		if f.path != "docs/attacks.md" {
			continue
		}
		for _, m := range shows.FindAllStringSubmatch(f.text, -1) {
			named[m[1]] = true
			if !there[m[1]] {
				t.Errorf("docs/attacks.md names %s, which isn't there", m[1])
			}
		}
	}
	for _, name := range stories {
		if strings.HasPrefix(name, "attacks/") && !named[name] {
			t.Errorf("%s has no row in docs/attacks.md", name)
		}
	}
}
