package serve

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"

	"ticketsystem.example/shared/fault"
)

// Lazy is a function's handler that is built at its first request, so that starting
// costs nothing and a part that is down at start is tried again at the next request.
// name is the function's, for the log. /healthz says that the process answers, and
// builds nothing.
func Lazy(name string, build func() (http.Handler, error)) http.HandlerFunc {
	function = name
	l := &lazy{build: build}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			healthy(w)
			return
		}
		h, err := l.get()
		if err != nil {
			logged(w, r, func(w http.ResponseWriter, r *http.Request) { WriteProblem(w, r, fault.Down(err)) })
			return
		}
		h.ServeHTTP(w, r)
	}
}

type lazy struct {
	mu    sync.Mutex
	built http.Handler
	build func() (http.Handler, error)
}

func (l *lazy) get() (http.Handler, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.built != nil {
		return l.built, nil
	}
	h, err := l.build()
	if err == nil {
		l.built = h
	}
	return h, err
}

// Task is the handler of a function that is triggered by a schedule or a nudge: POST
// runs it, and an error asks for another run.
func Task(run func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged(w, r, func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
			defer cancel()
			if err := run(ctx); err != nil {
				WriteProblem(w, r, err)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	})
}

// Figure logs numbers by which metrics are made and alerts are raised: as an error where
// somebody has to look.
func Figure(ctx context.Context, message string, bad bool, figures map[string]int64) {
	level := slog.LevelInfo
	if bad {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.Group("logging.googleapis.com/labels", slog.String("function", function))}
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		attrs = append(attrs, slog.Int64(name, figures[name]))
	}
	logger.LogAttrs(ctx, level, message, attrs...)
}

// Warn logs something that a person should look at sometime.
func Warn(ctx context.Context, message string, err error) {
	logger.LogAttrs(ctx, slog.LevelWarn, message, slog.String("error", err.Error()),
		slog.Group("logging.googleapis.com/labels", slog.String("function", function)))
}
