package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
)

// built is the function's handler, as its first request makes it.
var built = sync.OnceValues(site)

// ask asks the function; headers are name, value, name, value...
func ask(t *testing.T, method, address string, headers ...string) *http.Response {
	t.Helper()
	h, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheDescriptionIsServedToAnyoneWithAndWithoutASlash(t *testing.T) {
	for _, address := range []string{"/api/openapi.json", "/api/openapi.json/"} {
		r := ask(t, "GET", address)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", address, r.StatusCode, r.Header)
		}
		if text(t, r) != string(described) {
			t.Errorf("%s: not the description", address)
		}
	}
}

func TestAnUnchangedPageCostsNothing(t *testing.T) {
	for _, address := range []string{"/", "/api/openapi.json", "/api/docs", "/api/docs/style.css", "/api/docs/icon.svg"} {
		first := ask(t, "GET", address)
		tag := first.Header.Get("ETag")
		if tag == "" || first.Header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%s: %v", address, first.Header)
		}
		again := ask(t, "GET", address, "If-None-Match", `"other", `+tag)
		if again.StatusCode != 304 || text(t, again) != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", address, again.StatusCode, again.Header)
		}
		if r := ask(t, "GET", address, "If-None-Match", `"other"`); r.StatusCode != 200 {
			t.Errorf("%s: %d for another version", address, r.StatusCode)
		}
	}
}

func TestAnAddressThatNamesItsContentIsKeptForEver(t *testing.T) {
	address := newAsset("", styleSheet).address("/api/docs/style.css")
	if r := ask(t, "GET", address); !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %v", address, r.Header)
	}
	if r := ask(t, "GET", "/api/docs/style.css?v=older"); strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("an address of another version: %v", r.Header)
	}
}

func TestPagesArePackedForThoseWhoCanUnpack(t *testing.T) {
	plain := text(t, ask(t, "GET", "/api/docs"))
	r := ask(t, "GET", "/api/docs", "Accept-Encoding", "br, gzip;q=0.8")
	if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("%v", r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var unpacked bytes.Buffer
	if _, err := io.Copy(&unpacked, z); err != nil || unpacked.String() != plain {
		t.Errorf("unpacked is not the page: %v", err)
	}
	if tag := ask(t, "GET", "/api/docs").Header.Get("ETag"); tag == r.Header.Get("ETag") {
		t.Errorf("two encodings, one tag %s", tag)
	}
	for _, refusal := range []string{"br", "gzip;q=0", "gzip; q=0.0", "xgzip"} {
		if r := ask(t, "GET", "/api/docs", "Accept-Encoding", refusal); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: packed", refusal)
		}
	}
}

func TestNothingRunsAndNothingComesFromElsewhere(t *testing.T) {
	for _, address := range []string{"/", "/api/docs", "/nowhere"} {
		r := ask(t, "GET", address, "Accept", "text/html")
		csp := r.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script") || strings.Contains(csp, "http") {
			t.Errorf("%s: %s", address, csp)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", address, r.Header)
		}
	}
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	for _, address := range []string{"/", "/api/docs/", "/api/openapi.json"} {
		r := ask(t, "POST", address)
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" || r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v", address, r.StatusCode, r.Header)
		}
	}
}

func TestAnUnknownAddressIsAProblemForProgramsAndAPageForBrowsers(t *testing.T) {
	for _, method := range []string{"GET", "POST", "DELETE"} {
		r := ask(t, method, "/api/nothing/", "Accept", "application/json")
		var p struct{ Code string }
		if err := json.UnmarshalRead(r.Body, &p, json.MatchCaseInsensitiveNames(true)); err != nil || r.StatusCode != 404 || p.Code != "not_found" {
			t.Errorf("%s: %d %+v %v", method, r.StatusCode, p, err)
		}
	}
	r := ask(t, "GET", "/nowhere", "Accept", "text/html,*/*;q=0.8")
	if body := text(t, r); r.StatusCode != 404 || !strings.Contains(body, "nothing at this address") || r.Header.Get("ETag") != "" {
		t.Errorf("%d %v\n%s", r.StatusCode, r.Header, body)
	}
}

func TestHealthIsAnswered(t *testing.T) {
	if r := ask(t, "GET", "/healthz"); r.StatusCode != 200 {
		t.Errorf("%d", r.StatusCode)
	}
}

func TestEveryInstanceServesTheSameBytes(t *testing.T) {
	for _, address := range []string{"/", "/api/docs"} {
		one := text(t, ask(t, "GET", address))
		another, err := site()
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		another.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
		if w.Body.String() != one {
			t.Errorf("%s: two instances would disagree about its tag", address)
		}
	}
}
