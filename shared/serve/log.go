package serve

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/event"
)

// function is the name of the one function that this process serves.
var function string

// logger writes one JSON line an entry in the shape that Cloud Logging understands:
// severity, message, time, trace, labels, httpRequest.
var logger = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: cloudNames}))

// LogTo lets all further entries go elsewhere. It is for programs that are many functions
// at once and whose own output is something else.
func LogTo(h slog.Handler) { logger = slog.New(h) }

// cloudNames renames slog's own keys, and names levels as Cloud Logging does.
func cloudNames(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		a.Key = "severity"
		if a.Value.Any() == slog.LevelWarn {
			a.Value = slog.StringValue("WARNING")
		}
	}
	return a
}

// entry is what a request gathers for its log line.
type entry struct {
	trace string
	actor desk.PersonID
	event event.Event // for a delivery
	cause error
	code  string
}

// subject notes which fact a delivery is about.
func (e *entry) subject(ev event.Event) { e.event = ev }

type entryKey struct{}

func entryOf(ctx context.Context) *entry {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		return e
	}
	return &entry{}
}

// requestID is the id that the log line carries; people quote it.
func requestID(ctx context.Context) string { return entryOf(ctx).trace }

// Trace is the trace id of the request, for the facts it makes.
func Trace(ctx context.Context) string { return entryOf(ctx).trace }

// note keeps the problem for the request's log line.
func note(ctx context.Context, p *Problem) {
	e := entryOf(ctx)
	e.code, e.cause = p.Code, p.cause
}

// recorder learns the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap is the writer beneath, for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush lets an answer out at once.
func (r *recorder) Flush() {
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// logged runs next, turns a panic into a problem document, and writes one line. The
// line holds neither query values, headers nor bodies.
func logged(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
	start := time.Now()
	e := &entry{trace: traceOf(r)}
	r = r.WithContext(context.WithValue(r.Context(), entryKey{}, e))
	rec := &recorder{ResponseWriter: w}
	rec.Header().Set("X-Request-Id", e.trace)
	path := r.URL.Path
	defer func() {
		v := recover()
		if v == http.ErrAbortHandler { // a streamed answer broke: the server has to break the connection
			e.write(r, rec, path, time.Since(start))
			panic(v)
		}
		if v != nil {
			e.cause = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			if rec.status == 0 {
				WriteProblem(rec, r, hidden(e.cause))
				e.cause = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
		}
		if path != "/healthz" {
			e.write(r, rec, path, time.Since(start))
		}
	}()
	next(rec, r)
}

func (e *entry) write(r *http.Request, rec *recorder, path string, took time.Duration) {
	level := slog.LevelInfo
	broken := e.cause != nil && e.code == "" // after the status was sent
	switch {
	case rec.status >= 500 || broken:
		level = slog.LevelError
	case rec.status >= 400:
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("logging.googleapis.com/trace", e.trace),
		slog.Group("logging.googleapis.com/labels", slog.String("function", function), slog.String("actor", string(e.actor))),
		slog.Group("httpRequest", slog.String("requestMethod", r.Method), slog.String("requestUrl", path), slog.Int("status", rec.status), slog.Int("responseSize", rec.bytes), slog.String("latency", fmt.Sprintf("%.6fs", took.Seconds()))),
	}
	if e.event.ID != "" {
		attrs = append(attrs, slog.Group("event", slog.String("id", e.event.ID), slog.String("type", e.event.Type), slog.String("cause_trace", e.event.Trace)))
	}
	if e.code != "" {
		attrs = append(attrs, slog.String("code", e.code))
	}
	if e.cause != nil && (rec.status >= 500 || broken) {
		attrs = append(attrs, slog.String("error", e.cause.Error()))
	}
	logger.LogAttrs(r.Context(), level, r.Method+" "+path, attrs...)
}

// traceOf is the trace id that came with the request (W3C or Google's header), or a
// new one.
func traceOf(r *http.Request) string {
	if parts := strings.Split(r.Header.Get("Traceparent"), "-"); len(parts) == 4 && hexID(parts[1]) {
		return parts[1]
	}
	if id, _, _ := strings.Cut(r.Header.Get("X-Cloud-Trace-Context"), "/"); hexID(id) {
		return id
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process rather
	return fmt.Sprintf("%x", b)
}

func hexID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
