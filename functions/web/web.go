// Package web is the HTTP function for what people read in a browser: the welcome page,
// the API's description, and its reader.
//
// Trigger: HTTPS, /api/openapi.json, /api/docs and below, and every address that no
// other function owns, which is answered as not found. Reads and writes nothing: the
// description is embedded, merged from all functions when code is generated; the pages
// are made of it at the first request and kept. No token is needed, no script is sent
// and nothing is loaded from elsewhere. Rights: none.
package web

import (
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Web", func(config.Config) (http.Handler, error) { return site() })
}

// site makes every page. It fails only if what is embedded is broken, which a test
// would have said.
func site() (http.Handler, error) {
	doc, err := parse(described)
	if err != nil {
		return nil, err
	}
	style, icon := newAsset("text/css; charset=utf-8", styleSheet), newAsset("image/svg+xml", iconImage)
	book := newReader(doc, style.address("/api/docs/style.css"), icon.address("/api/docs/icon.svg"))
	pages := map[string]asset{}
	for _, name := range []string{"welcome.html", "docs.html", "lost.html"} {
		body, err := book.page(name)
		if err != nil {
			return nil, err
		}
		pages[name] = newAsset("text/html; charset=utf-8", body)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", pages["welcome.html"])
	mux.Handle("GET /api/docs", pages["docs.html"])
	mux.Handle("GET /api/docs/style.css", style)
	mux.Handle("GET /api/docs/icon.svg", icon)
	mux.Handle("GET /api/openapi.json", newAsset("application/json", described).shared())
	return serve.Site{Pages: mux, Lost: lost{pages["lost.html"]}}, nil
}

// lost is the page for browsers where there is nothing.
type lost struct{ page asset }

// ServeHTTP implements http.Handler.
func (l lost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.page.write(w, r, http.StatusNotFound)
}
