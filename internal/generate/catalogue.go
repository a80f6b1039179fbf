package generate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"

	"ticketsystem.example/functions"
)

// catalogue is the page about what is deployed: the catalogue's tables, and each
// function's package comment, which says what it reads and writes.
func catalogue(root string) (File, error) {
	b := page("Functions", "functions/functions.go and the functions' package comments")
	b.WriteString("Each function is deployed on its own, from the folder of its name. Event functions are never reachable from outside.\n")
	entryTable(b)
	limitsTable(b)
	if err := rightsTable(b, filepath.Join(root, "functions", "functions.go")); err != nil {
		return File{}, err
	}
	fmt.Fprintf(b, `
Facts travel on the topic %s. A fact that a function does not acknowledge within %d s, or that fails, comes
again after %d s, later after up to %d s; after %d attempts it goes to the function's dead-letter topic.
`, "`"+functions.Topic+"`", functions.AckDeadlineSec, functions.MinBackoffSec, functions.MaxBackoffSec, functions.MaxAttempts)
	bucketsTable(b)
	for _, f := range functions.Catalogue {
		text, err := comment(filepath.Join(root, "functions", f.Name))
		if err != nil {
			return File{}, err
		}
		fmt.Fprintf(b, "\n## %s\n\n%s", f.Name, text)
	}
	return File{Path: "docs/functions.md", Content: b.Bytes()}, nil
}

func entryTable(b *bytes.Buffer) {
	b.WriteString("\n")
	head(b, "function", "purpose", "called by")
	for _, f := range functions.Catalogue {
		row(b, fmt.Sprintf("[%s](#%s)", f.Name, f.Name), f.Purpose, orNone(strings.Join(triggers(f), "; ")))
	}
}

// triggers says in words what calls the function.
func triggers(f functions.Function) []string {
	var out []string
	if f.Public() {
		out = append(out, "HTTPS at "+code(f.Paths))
	}
	if len(f.Events) > 0 {
		out = append(out, "facts "+code(f.Events))
	}
	if f.Uploads {
		out = append(out, "each object that arrives in quarantine")
	}
	if f.Buries {
		out = append(out, "dead letters of all functions")
	}
	if f.Schedule != "" {
		out = append(out, "schedule `"+f.Schedule+"` (UTC)")
	}
	for _, caller := range functions.Catalogue {
		if f.Name == "relay" && caller.Has(functions.NudgeRelay) {
			return append(out, "nudges of functions that may")
		}
	}
	return out
}

func bucketsTable(b *bytes.Buffer) {
	b.WriteString("\nFiles lie in buckets, which nobody reads or writes but functions with the right and holders of signed links:\n\n")
	head(b, "bucket", "tells of new objects on", "removes objects after")
	for _, x := range functions.Buckets {
		notify, days := "nothing", "never"
		if x.Notify != "" {
			notify = "the topic `" + x.Notify + "`"
		}
		if x.Days > 0 {
			days = fmt.Sprintf("%d days", x.Days)
		}
		row(b, x.Name, notify, days)
	}
}

func limitsTable(b *bytes.Buffer) {
	b.WriteString("\n")
	head(b, "function", "rights", "memory", "time", "requests at once", "instances")
	for _, f := range functions.Catalogue {
		row(b, f.Name, orNone(code(f.Rights)), fmt.Sprintf("%d MiB", f.MemoryMiB), fmt.Sprintf("%d s", f.TimeoutSec),
			fmt.Sprint(f.Concurrency), fmt.Sprintf("up to %d", f.MaxInstances))
	}
}

// rightsTable says what each right is, in the words of the catalogue's constants.
func rightsTable(b *bytes.Buffer, file string) error {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	b.WriteString("\n")
	head(b, "right", "what for")
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if t, ok := c.Type.(*ast.Ident); ok && t.Name == "Right" {
			row(b, strings.ReplaceAll(c.Values[0].(*ast.BasicLit).Value, `"`, "`"), strings.TrimSpace(c.Comment.Text()))
		}
		return false
	})
	return nil
}

// comment is the package comment in a folder, as Markdown, without its first words
// “Package x is”.
func comment(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		if f.Doc != nil {
			return asMarkdown(f), nil
		}
	}
	return "", fmt.Errorf("generate: %s has no package comment", dir)
}

func asMarkdown(f *ast.File) string {
	text := strings.TrimPrefix(f.Doc.Text(), "Package "+f.Name.Name+" is ")
	return strings.ToUpper(text[:1]) + text[1:]
}
