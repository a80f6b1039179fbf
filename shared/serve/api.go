package serve

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Version is the API's version in its description.
const Version = "1.0.0"

// API collects the typed operations of one function.
type API struct {
	huma  huma.API
	mux   *http.ServeMux
	open  map[string]bool   // "METHOD /path" of operations without a token
	long  map[string]bool   // "METHOD /path" of operations whose answer is streamed
	match map[string]bool   // "METHOD /path" of operations that need If-Match
	hints map[string]string // names for nameless types of the operation that is being added
}

// NewAPI returns an API without operations.
func NewAPI(title string) *API {
	cfg := huma.DefaultConfig(title, Version)
	a := &API{mux: http.NewServeMux(), open: map[string]bool{}, long: map[string]bool{}, match: map[string]bool{}}
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath, cfg.CreateHooks = "", "", "", nil
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", a.schemaName)
	cfg.OnAddOperation = []huma.AddOpFunc{explain}
	cfg.RejectUnknownQueryParameters = true
	cfg.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token of POST /api/token/, or any Firebase ID token of this project."},
	}
	a.huma = humago.New(a.mux, cfg)
	return a
}

// apiTime writes times as RFC 3339 in UTC with milliseconds.
var apiTime = json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, t time.Time) error {
	return enc.WriteValue(t.UTC().AppendFormat(enc.AvailableBuffer(), `"2006-01-02T15:04:05.000Z"`))
}))

// jsonFormat is strict where encoding/json is not: invalid UTF-8, lone surrogates and
// repeated names are errors.
var jsonFormat = huma.Format{
	Marshal:   func(w io.Writer, v any) error { return json.MarshalWrite(w, v, apiTime) },
	Unmarshal: func(data []byte, v any) error { return json.Unmarshal(data, v) },
}

// OpenAPI is the description of the operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Operation describes one operation; the path has no last slash, callers may add it.
type Operation struct {
	Method      string
	Path        string
	ID          string // operationId, e.g. "createTicket"
	Summary     string // what it does, in a line
	Description string // how it behaves, in Markdown
	Tag         string
	Status      int    // of success; 0 means 200
	Open        bool   // no token needed
	Streams     string // the media type of an answer that is written bit by bit; "" for JSON
	Raises      []int  // statuses of problems beyond the usual ones
}

// Add registers a typed operation. in's and out's fields say what is read and
// written (see huma). An error that fn returns becomes a problem document.
func Add[In, Out any](a *API, op Operation, fn func(context.Context, *In) (*Out, error)) {
	if op.Status == 0 {
		op.Status = http.StatusOK
	}
	h := huma.Operation{
		Method: op.Method, Path: op.Path, OperationID: op.ID, Summary: op.Summary, Description: op.Description, Tags: []string{op.Tag},
		DefaultStatus: op.Status, Errors: append(usualProblems(op), op.Raises...), MaxBodyBytes: maxBody,
	}
	if op.Open {
		a.open[op.Method+" "+op.Path] = true
	} else {
		h.Security = []map[string][]string{{"token": {}}}
	}
	if slices.Contains(op.Raises, http.StatusPreconditionRequired) {
		a.match[op.Method+" "+op.Path] = true
	}
	if op.Streams != "" {
		a.long[op.Method+" "+op.Path] = true
		h.Responses = map[string]*huma.Response{strconv.Itoa(op.Status): {
			Description: http.StatusText(op.Status),
			Content:     map[string]*huma.MediaType{op.Streams: {Schema: &huma.Schema{Type: huma.TypeString}}},
		}}
	}
	a.hints = hints[In, Out](op.ID)
	huma.Register(a.huma, h, func(ctx context.Context, in *In) (*Out, error) {
		out, err := fn(ctx, in)
		if err != nil {
			p := problem(ctx, err)
			note(ctx, p)
			return nil, p
		}
		return out, nil
	})
}

// usualProblems are what any operation of that form may answer.
func usualProblems(op Operation) []int {
	out := []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if !op.Open {
		out = append(out, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(op.Path, "{") {
		out = append(out, http.StatusNotFound)
	}
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		out = append(out, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return out
}

// ServeHTTP routes a request whose path has no last slash; what no operation answers
// becomes a problem document too.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, pattern := a.mux.Handler(r)
	switch {
	case pattern == "":
		WriteProblem(w, r, unrouted(a.mux, r))
	case repeated(r) != nil:
		WriteProblem(w, r, repeated(r))
	case a.match[pattern] && r.Header.Get("If-Match") == "": // before the body is judged: it would be in vain
		_, err := IfMatch("", true)
		WriteProblem(w, r, err)
	default:
		a.mux.ServeHTTP(w, r)
	}
}

// Needs reports whether the request needs a token: all do, but for operations that
// were added as open.
func (a *API) Needs(r *http.Request) bool {
	_, pattern := a.mux.Handler(r)
	return !a.open[pattern]
}

// patience is how long the request may take.
func (a *API) patience(r *http.Request) time.Duration {
	if _, pattern := a.mux.Handler(r); a.long[pattern] {
		return longPatience
	}
	return patience
}
