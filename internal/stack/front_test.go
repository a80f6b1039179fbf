package stack

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ticketsystem.example/functions"
)

// doors starts a front door whose functions answer with their own name and what
// they were asked; dead ones don't answer.
func doors(t *testing.T, console http.Handler, dead ...string) *httptest.Server {
	t.Helper()
	urls := map[string]string{}
	for _, f := range functions.Catalogue {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
			if err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.Header().Set("X-Function", f.Name)
			fmt.Fprintf(w, "%s %s host=%s for=%q proto=%q auth=%q body=%s", r.Method, r.RequestURI, r.Host,
				r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"], r.Header.Get("Authorization"), body)
		}))
		t.Cleanup(s.Close)
		urls[f.Name] = s.URL
	}
	for _, name := range dead {
		port, err := freePorts(1)
		if err != nil {
			t.Fatal(err)
		}
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d", port[0])
	}
	f, err := newFront(urls, console)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s
}

// ask makes a request and returns the answer with its body.
func ask(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(got)
}

func TestEachPathReachesTheFunctionThatOwnsIt(t *testing.T) {
	front := doors(t, nil)
	for _, f := range functions.Catalogue {
		for _, path := range f.Paths {
			for _, p := range []string{path, strings.TrimSuffix(path, "/")} {
				if res, _ := ask(t, "GET", front.URL+p, ""); res.Header.Get("X-Function") != f.Name {
					t.Errorf("%s was answered by %q, want %s", p, res.Header.Get("X-Function"), f.Name)
				}
			}
		}
	}
}

func TestNoPathReachesAFunctionThatIsNotPublic(t *testing.T) {
	front := doors(t, nil)
	for _, f := range functions.Catalogue {
		if f.Public() {
			continue
		}
		for _, path := range []string{"/" + f.Name, "/" + f.Name + "/", "/" + f.Entry, "/push/" + f.Subscription(), "/projects/p/topics/facts"} {
			if res, _ := ask(t, "POST", front.URL+path, "{}"); res.Header.Get("X-Function") == f.Name {
				t.Errorf("%s reached %s", path, f.Name)
			}
		}
	}
}

func TestARequestGoesThroughUnchanged(t *testing.T) {
	front := doors(t, nil)
	_, got := ask(t, "PATCH", front.URL+"/api/tickets/a%2Fb/?q=1;2&x=%zz", "hello", "Authorization", "Bearer token")
	host := strings.TrimPrefix(front.URL, "http://")
	want := `PATCH /api/tickets/a%2Fb/?q=1;2&x=%zz host=` + host + ` for=["127.0.0.1"] proto=["http"] auth="Bearer token" body=hello`
	if got != want {
		t.Errorf("the function was asked\n %s, want\n %s", got, want)
	}
}

func TestAForgedAddressIsReplaced(t *testing.T) {
	front := doors(t, nil)
	_, got := ask(t, "GET", front.URL+"/api/tickets/", "", "X-Forwarded-For", "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto", "https")
	if !strings.Contains(got, `for=["127.0.0.1"] proto=["http"]`) {
		t.Errorf("the function was told %s", got)
	}
}

func TestARefusalOfALongBodyGetsThrough(t *testing.T) {
	front := doors(t, nil)
	res, _ := ask(t, "POST", front.URL+"/api/tickets/", strings.Repeat("x", 8<<20))
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("8 MB were answered with %s", res.Status)
	}
}

func TestAFunctionThatIsDownGives503(t *testing.T) {
	front := doors(t, nil, "tickets")
	res, body := ask(t, "GET", front.URL+"/api/tickets/", "")
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" {
		t.Errorf("it answered %s, Retry-After %q", res.Status, res.Header.Get("Retry-After"))
	}
	if res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("it is no problem document: %s", body)
	}
}

func TestAPathWithoutAnOwnerIsNotFound(t *testing.T) {
	f := &front{owner: func(string) (functions.Function, bool) { return functions.Function{}, false }}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest("GET", "/nowhere", nil))
	if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("it answered %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestTheConsoleHasItsPathsAndNoOthers(t *testing.T) {
	front := doors(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for path, want := range map[string]int{"/_dev": 418, "/_dev/": 418, "/_dev/api/clock": 418, "/_device": 200, "/": 200} {
		if res, _ := ask(t, "GET", front.URL+path, ""); res.StatusCode != want {
			t.Errorf("%s answered %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestATakenPortIsFoundOutAtOnce(t *testing.T) {
	l, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	if _, err = Start(t.Context(), Options{Port: port}); !errors.Is(err, ErrPortTaken) {
		t.Errorf("the error is %v", err)
	}
}
