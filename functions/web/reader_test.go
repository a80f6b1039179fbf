package web

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// elements lists the elements of a page in order.
func elements(t *testing.T, address string) []*html.Node {
	t.Helper()
	root, err := html.Parse(ask(t, "GET", address, "Accept", "text/html").Body)
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words are the text of an element.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

var pages = []string{"/", "/api/docs", "/nowhere"}

func TestPagesHoldNoScriptAndLoadOnlyFromHere(t *testing.T) {
	for _, page := range pages {
		for _, n := range elements(t, page) {
			if slices.Contains([]string{"script", "style", "iframe", "form", "object"}, n.Data) {
				t.Errorf("%s: <%s>", page, n.Data)
			}
			for _, a := range n.Attr {
				outside := (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#")
				if outside || a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s=%q>", page, n.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, page := range pages {
		ids := map[string]int{}
		all := elements(t, page)
		for _, n := range all {
			if id := attribute(n, "id"); id != "" {
				ids[id]++
			}
		}
		for id, times := range ids {
			if times > 1 {
				t.Errorf("%s: the id %s is there %d times", page, id, times)
			}
		}
		for _, n := range all {
			for _, key := range []string{"href", "src", "aria-labelledby"} {
				to, within := strings.CutPrefix(attribute(n, key), "#")
				within = within || key == "aria-labelledby"
				switch {
				case to == "":
				case within && ids[to] == 0:
					t.Errorf("%s: %s=%q leads nowhere", page, key, to)
				case !within:
					if r := ask(t, "GET", to); r.StatusCode != 200 {
						t.Errorf("%s: %s is answered with %d", page, to, r.StatusCode)
					}
				}
			}
		}
	}
}

func TestPagesCanBeReadByEar(t *testing.T) {
	for _, page := range pages {
		count, level := map[string]int{}, 0
		for _, n := range elements(t, page) {
			count[n.Data]++
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				now := int(n.Data[1] - '0')
				if now > level+1 {
					t.Errorf("%s: <%s> %q follows a heading of level %d", page, n.Data, words(n), level)
				}
				level = now
			}
			if n.Data == "html" && attribute(n, "lang") == "" {
				t.Errorf("%s: no language", page)
			}
			if n.Data == "nav" && attribute(n, "aria-label") == "" {
				t.Errorf("%s: a nav without a name", page)
			}
		}
		for _, one := range []string{"title", "h1", "header", "main", "footer"} {
			if count[one] != 1 {
				t.Errorf("%s: %d <%s>", page, count[one], one)
			}
		}
	}
}

func TestTheReaderShowsAllOfTheDescription(t *testing.T) {
	doc, err := parse(described)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{} // by id of its heading, the words of each article
	for _, n := range elements(t, "/api/docs") {
		if n.Data == "article" {
			shown[attribute(n, "aria-labelledby")] = words(n)
		}
	}
	operations := 0
	for _, p := range doc.Paths {
		for _, o := range p.Value {
			operations++
			want := []string{strings.ToUpper(o.Name), p.Name, o.Value.Summary, "curl "}
			for _, in := range o.Value.Parameters {
				want = append(want, in.Name)
			}
			for _, a := range o.Value.Responses {
				want = append(want, a.Name)
			}
			contains(t, o.Value.OperationID, shown[o.Value.OperationID], want)
		}
	}
	for _, s := range doc.Components.Schemas {
		want := []string{s.Name}
		for _, p := range s.Value.Properties {
			want = append(want, p.Name)
		}
		contains(t, s.Name, shown[s.Name], want)
	}
	if operations < 20 || len(shown) != operations+len(doc.Components.Schemas) {
		t.Errorf("%d articles for %d operations and %d schemas", len(shown), operations, len(doc.Components.Schemas))
	}
}

func contains(t *testing.T, what, text string, wanted []string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %q is not shown", what, w)
		}
	}
}
