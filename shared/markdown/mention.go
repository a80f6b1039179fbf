package markdown

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// handle is "@name" that doesn't stand in the middle of something else.
var handle = regexp.MustCompile(`(?:^|[^\pL\pN_@./:-])@([A-Za-z0-9][A-Za-z0-9._-]{0,63})`)

// Mentions lists the names that a text calls with "@name", without the "@", each
// once and in order. Code and addresses call nobody.
func Mentions(source string) []string {
	if !strings.Contains(source, "@") || deep([]byte(source)) {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, found := range handle.FindAllStringSubmatch(spoken([]byte(source)), -1) {
		name := strings.TrimRight(found[1], "._-")
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// spoken is the text of a document without its code and links.
func spoken(source []byte) string {
	var b strings.Builder
	_ = ast.Walk(engine.Parser().Parse(text.NewReader(source)), func(n ast.Node, enter bool) (ast.WalkStatus, error) { // the function below never fails
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.CodeSpan, *ast.AutoLink, *ast.CodeBlock, *ast.FencedCodeBlock:
			b.WriteByte(' ')
			return ast.WalkSkipChildren, nil
		default:
			if n.Type() == ast.TypeBlock {
				b.WriteByte('\n')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
