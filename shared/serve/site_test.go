package serve

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// visit asks a site of one page for an address.
func visit(lost http.Handler, method, address, accept string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Page", "yes") })
	mux.HandleFunc("GET /broken", func(http.ResponseWriter, *http.Request) { panic("broken") })
	r := httptest.NewRequest(method, address, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	Site{Pages: mux, Lost: lost}.ServeHTTP(w, r)
	return w
}

func TestAPageIsThereWithAndWithoutItsLastSlash(t *testing.T) {
	for _, address := range []string{"/page", "/page/"} {
		for _, method := range []string{"GET", "HEAD"} {
			if w := visit(nil, method, address, ""); w.Code != 200 || w.Header().Get("X-Page") == "" || w.Header().Get("X-Request-Id") == "" {
				t.Errorf("%s %s: %d %v", method, address, w.Code, w.Header())
			}
		}
	}
}

func TestWhereThereIsNoPageThereIsAProblem(t *testing.T) {
	for address, want := range map[string]int{"/other": 404, "/": 404, "/page/below": 404, "/broken": 500, "/healthz": 200} {
		if w := visit(nil, "GET", address, "text/html"); w.Code != want {
			t.Errorf("%s: %d %s", address, w.Code, w.Body)
		}
	}
	w := visit(nil, "PUT", "/page/", "")
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestOnlyBrowsersGetThePageForTheLost(t *testing.T) {
	lost := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for accept, want := range map[string]int{"text/html,*/*": 418, "application/json": 404, "*/*": 404} {
		if w := visit(lost, "POST", "/other", accept); w.Code != want {
			t.Errorf("%s: %d", accept, w.Code)
		}
	}
	if w := visit(lost, "POST", "/page", "text/html"); w.Code != 405 {
		t.Errorf("a wrong method is not lost: %d", w.Code)
	}
}
