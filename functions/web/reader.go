package web

import (
	"bytes"
	"embed"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
)

//go:embed *.html
var templates embed.FS

// reader makes pages for people of the API's description.
type reader struct {
	doc   document
	views *template.Template

	Style, Icon string // addresses
}

func newReader(doc document, style, icon string) reader {
	return reader{doc: doc, Style: style, Icon: icon, views: template.Must(template.New("").Funcs(template.FuncMap{
		"markdown": markdown, "inline": inline, "path": path, "upper": strings.ToUpper, "json": lines,
	}).ParseFS(templates, "*.html"))}
}

// page is one page as HTML.
func (r reader) page(name string) ([]byte, error) {
	var b bytes.Buffer
	err := r.views.ExecuteTemplate(&b, name, r)
	return b.Bytes(), err
}

// Title, Version, Summary and Introduction are of the API.
func (r reader) Title() string   { return r.doc.Info.Title }
func (r reader) Version() string { return r.doc.Info.Version }
func (r reader) Summary() string { return r.doc.Info.Summary }

// Introduction is Markdown.
func (r reader) Introduction() string { return r.doc.Info.Description }

// converter has raw HTML off, which is its default.
var converter = goldmark.New(goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// markdown is a text as HTML. Code can be reached by keyboard, for it may be wider
// than the page.
func markdown(text string) (template.HTML, error) {
	var b bytes.Buffer
	err := converter.Convert([]byte(text), &b)
	return template.HTML(strings.ReplaceAll(b.String(), "<pre>", `<pre tabindex="0">`)), err
}

// inline is a text of one paragraph as HTML, without the paragraph.
func inline(text string) (template.HTML, error) {
	h, err := markdown(text)
	s := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(h)), "<p>"), "</p>")
	return template.HTML(s), err
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// path is an address that may break after each slash, with its parameters marked.
func path(p string) template.HTML {
	s := strings.ReplaceAll(template.HTMLEscapeString(p), "/", "/<wbr>")
	return template.HTML(placeholder.ReplaceAllString(s, "<var>$0</var>"))
}

// line is one line of JSON: the space before it, a name if it has one, and the rest.
type line struct{ Space, Name, Rest string }

var jsonLine = regexp.MustCompile(`^( *)("(?:[^"\\]|\\.)*")?(:? ?.*)$`)

// lines are the lines of indented JSON, with names apart so that they can be coloured.
func lines(text string) []line {
	var out []line
	for _, l := range strings.Split(text, "\n") {
		m := jsonLine.FindStringSubmatch(l)
		if !strings.HasPrefix(m[3], ":") { // a value, not a name
			m[2], m[3] = "", m[2]+m[3]
		}
		out = append(out, line{m[1], m[2], m[3]})
	}
	return out
}
