package serve

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Stream is the body of an operation that streams its answer. write gets the request's
// context, where the answer goes, and what lets it out at once. Once it has begun, an
// error can't be told any more: the connection is then broken off, so that nobody takes
// a part for the whole.
func Stream(write func(ctx context.Context, to io.Writer, flush func()) error) func(huma.Context) {
	return func(c huma.Context) {
		to := c.BodyWriter()
		flush := func() {
			if f, ok := to.(http.Flusher); ok {
				f.Flush()
			}
		}
		if err := write(c.Context(), to, flush); err != nil {
			entryOf(c.Context()).cause = err
			breakOff(to)
		}
	}
}

// breakOff closes the connection. The functions framework would take a panic for its own
// and end the answer as if it were whole, so the connection is taken from the server;
// where that can't be (HTTP/2), panicking is the way.
func breakOff(to io.Writer) {
	if w, ok := to.(http.ResponseWriter); ok {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close() // it is to break
			return
		}
	}
	panic(http.ErrAbortHandler)
}
