package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"ticketsystem.example/shared/config"
)

// variable is one environment variable as the configuration page shows it.
type variable struct {
	name, about string
	field       string // of config.Config
	fallback    string
	needed      bool
	local       bool // refused where deployed
}

// configuration is the page about the environment. The words are the comments of
// config.Config; the rest is found out by trying.
func configuration(root string) (File, error) {
	all, err := variables(filepath.Join(root, "shared", "config", "config.go"))
	if err != nil {
		return File{}, err
	}
	b := page("Configuration", "shared/config/config.go")
	b.WriteString("A function reads these variables, at its first request, and no others. Only `shared/config` reads the environment.\n\n")
	head(b, "variable", "unset means", "what it is")
	for _, v := range all {
		if !v.local {
			row(b, "`"+v.name+"`", v.unset(), v.about)
		}
	}
	b.WriteString("\nOn a laptop and in tests only; a deployed function, one with `K_SERVICE`, refuses to start with any of these:\n\n")
	head(b, "variable", "what it is")
	for _, v := range all {
		if v.local {
			row(b, "`"+v.name+"`", v.about)
		}
	}
	return File{Path: "docs/configuration.md", Content: b.Bytes()}, nil
}

func (v variable) unset() string {
	switch {
	case v.needed:
		return "refuses to start"
	case v.fallback != "":
		return "`" + v.fallback + "`"
	}
	return "–"
}

// variables lists what config.Config is filled from, in the order of its fields.
func variables(file string) ([]variable, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var out []variable
	for _, f := range fields(parsed, "Config") {
		text := strings.TrimSpace(strings.ReplaceAll(f.Doc.Text()+f.Comment.Text(), "\n", " "))
		name, about, ok := strings.Cut(text, ": ")
		if !ok {
			return nil, fmt.Errorf("generate: the comment of config.%s does not begin with its variable and a colon", f.Names[0])
		}
		v := variable{name: name, about: about, field: f.Names[0].Name}
		if err := v.try(); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// fields are those of the struct type of that name.
func fields(f *ast.File, name string) []*ast.Field {
	var out []*ast.Field
	ast.Inspect(f, func(n ast.Node) bool {
		if t, ok := n.(*ast.TypeSpec); ok && t.Name.Name == name {
			if s, ok := t.Type.(*ast.StructType); ok {
				out = s.Fields.List
			}
		}
		return true
	})
	return out
}

// try finds out how the variable behaves.
func (v *variable) try() error {
	const project = "GOOGLE_CLOUD_PROJECT"
	read := func(set map[string]string) (string, error) {
		c, err := config.From(func(name string) string { return set[name] })
		return fmt.Sprint(reflect.ValueOf(c).FieldByName(v.field)), err
	}
	if got, _ := read(map[string]string{project: "p", v.name: "7"}); got != "7" {
		return fmt.Errorf("generate: the comment of config.%s says %s, but that variable does not set it", v.field, v.name)
	}
	_, err := read(map[string]string{project: "p", "K_SERVICE": "s", v.name: "7"})
	v.local = err != nil
	without := map[string]string{project: "p"}
	delete(without, v.name)
	v.fallback, err = read(without)
	v.needed = err != nil
	return nil
}
