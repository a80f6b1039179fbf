// Package markdown turns what people write into HTML that is safe to show to others.
//
// Ideas: it is done once, when a text is stored, so that no reader's program has to get it
// right. Two independent steps must both fail before something harmful passes: the
// renderer knows no raw HTML (a tag is text like any other), and what it makes is
// then cut down to a short list of elements and attributes. A link opens nothing but
// http, https and mailto, and tells its target nothing.
//
// Images are left out, because a remote picture reports who reads it and when.
// Tables are left out, because a few kilobytes of them can ask for gigabytes of cells.
//
// It is pure, keeps nothing and knows no ticket and no person.
package markdown

import (
	"bytes"
	"html"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	renderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// maxHTML is how large the result may get, in bytes; a document of the database takes
// a megabyte. What would be larger is shown as plain text.
const maxHTML = 256 << 10

// maxNesting is how deep quotes and lists may stand in one another before the text is
// shown as plain text: nobody means that, and every level costs those who read it.
const maxNesting = 32

// engine is CommonMark without raw HTML, with bare links and strikethrough. A line
// break is a line break, as people expect in a message.
var engine = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
		),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)),
	goldmark.WithRendererOptions(renderer.WithHardWraps()),
	goldmark.WithExtensions(extension.Strikethrough, extension.Linkify),
)

// safe lists all that may stand in the result.
var safe = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // which also adds noopener
	return p
}()

// HTML renders a text. Whatever the text is, the result holds only harmless elements
// and closes what it opens.
func HTML(text string) string {
	source := []byte(text)
	if deep(source) {
		return plain(text)
	}
	var raw bytes.Buffer
	if err := engine.Convert(source, &raw); err != nil || raw.Len() > maxHTML {
		return plain(text)
	}
	return strings.TrimSpace(safe.Sanitize(raw.String()))
}

// plain shows a text as it stands.
func plain(text string) string {
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n") + "</p>"
}

// deep reports whether a line opens more quotes and list items than anybody means.
func deep(source []byte) bool {
	for line := range bytes.Lines(source) {
		opened := 0
		for _, c := range line {
			if c == '>' || c == '-' || c == '*' || c == '+' {
				opened++
			} else if c != ' ' && c != '\t' && c != '.' && c != ')' && (c < '0' || c > '9') {
				break
			}
		}
		if opened > maxNesting && !rule(line) {
			return true
		}
	}
	return false
}

// rule reports whether a line is a rule or an underline, of one character repeated
// without a gap.
func rule(line []byte) bool {
	line = bytes.TrimSpace(line)
	return line[0] != '>' && len(bytes.Trim(line, string(line[:1]))) == 0
}
