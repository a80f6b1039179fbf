package stack

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// consolePath is the part of the front door that belongs to the developer console.
const consolePath = "/_dev/"

// front is the front door: it hands each request to the function that owns its path,
// as the load balancer does in production.
type front struct {
	owner     func(path string) (functions.Function, bool)
	console   http.Handler // nil without one
	functions map[string]http.Handler
}

// newFront makes the front door. urls holds where each function listens, by name.
func newFront(urls map[string]string, console http.Handler) (*front, error) {
	f := &front{owner: functions.Owner, console: console, functions: map[string]http.Handler{}}
	transport := patient(frontWaits)
	for name, address := range urls {
		target, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		f.functions[name] = proxy(target, transport)
	}
	return f, nil
}

// proxy forwards requests as they are, but for the headers that say where a request
// came from: what the client claims there is replaced by what is true.
func proxy(target *url.URL, transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = r.In.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			serve.WriteProblem(w, r, restarting(err))
		},
		ErrorLog: log.New(io.Discard, "", 0), // the function's own log tells more
	}
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.console != nil && (strings.HasPrefix(r.URL.Path, consolePath) || r.URL.Path+"/" == consolePath) {
		f.console.ServeHTTP(w, r)
		return
	}
	owner, ok := f.owner(r.URL.Path)
	if !ok {
		serve.WriteProblem(w, r, fault.New(fault.NotFound, "not_found", "There is nothing at this address."))
		return
	}
	f.functions[owner.Name].ServeHTTP(w, r)
}

// restarting is the answer in place of a function that gives none. Whether it had
// done its work before it ended, nobody knows.
func restarting(cause error) error {
	f := fault.Wrap(cause, fault.Unavailable, "unavailable", "What answers here is being started again. Please try again in a few seconds, with the same Idempotency-Key if you sent one.")
	f.Retry = time.Second
	return f
}
