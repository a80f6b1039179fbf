package contract

import (
	"net/http"

	"ticketsystem.example/functions"
)

// ServeHTTP answers programs that speak HTTP, clients made from the document for
// example, and delivers at once what has happened.
func (t *Twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := functions.Owner(r.URL.Path)
	if !ok || t.apis[f.Name] == nil {
		http.NotFound(w, r)
		return
	}
	t.apis[f.Name].ServeHTTP(w, r)
	if err := t.Settle(r.Context()); err != nil {
		panic(err) // the answer is out; the client sees a broken connection
	}
}
