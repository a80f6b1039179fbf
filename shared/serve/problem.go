package serve

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// Problem is an error as the caller sees it (RFC 9457).
type Problem struct {
	Type    string         `json:"type" doc:"A link that names the kind of problem." example:"https://ticketsystem.example/problems/stale"`
	Title   string         `json:"title" doc:"The HTTP status in words." example:"Precondition Failed"`
	Status  int            `json:"status" doc:"The HTTP status." example:"412"`
	Code    string         `json:"code" doc:"What went wrong, for machines; stable." example:"stale"`
	Detail  string         `json:"detail" doc:"What to do about it, for people." example:"Somebody changed this meanwhile. Read it again, then repeat your change."`
	Errors  []ProblemField `json:"errors,omitempty" doc:"Which input values are wrong."`
	Allowed []string       `json:"allowed,omitempty" doc:"What would be possible instead."`
	Since   []ProblemAct   `json:"meanwhile,omitempty" doc:"What happened since you looked, oldest first."`
	Request string         `json:"request,omitempty" doc:"Quote this when you ask for help." example:"4bf92f3577b34da6a3ce929d0e0e4736"`

	header http.Header
	cause  error
}

// ProblemField is one wrong input value.
type ProblemField struct {
	Field   string `json:"field" doc:"The value's name." example:"title"`
	Message string `json:"message" doc:"What to do about it." example:"Please write at least 3 characters."`
}

// ProblemAct is something that happened to a ticket since the caller looked.
type ProblemAct struct {
	Type      string    `json:"type" doc:"As in the ticket's history." example:"ticket.replied"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"Person id, or \"robot:<function>\"." example:"priya"`
	ActorName string    `json:"actor_name" example:"Priya Nair"`
	Changed   []string  `json:"changed" doc:"Names of the values that it changed." example:"status"`
	Comment   string    `json:"comment,omitempty" doc:"Id of the comment that it added or corrected."`
}

// Error, GetStatus, ContentType and GetHeaders make a Problem what huma writes.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap gives the error that the problem stands for.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json, whatever was negotiated.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are headers that belong to the answer.
func (p *Problem) GetHeaders() http.Header { return p.header }

// statuses maps each kind of fault to its HTTP status.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusPreconditionFailed,
	fault.Unconditional:   http.StatusPreconditionRequired,
	fault.KeyReuse:        http.StatusUnprocessableEntity,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// problem is the one place where errors become answers.
func problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		p.Request = requestID(ctx)
		return p
	}
	var outdated *desk.Outdated
	var f *fault.Error
	if !errors.As(err, &f) || statuses[f.Kind] == 0 {
		f = hidden(err)
	}
	p = newProblem(statusOf(f.Kind), f.Code, f.Message)
	p.Allowed, p.Request, p.cause = f.Allowed, requestID(ctx), err
	for _, e := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: e.Name, Message: e.Message})
	}
	if errors.As(err, &outdated) {
		p.Since = meanwhile(outdated.Acts)
	}
	if f.Kind == fault.TooMany || f.Kind == fault.Unavailable {
		p.header.Set("Retry-After", strconv.Itoa(max(1, int(f.Retry/time.Second))))
	}
	if f.Kind == fault.Unauthenticated {
		p.header.Set("WWW-Authenticate", `Bearer realm="ticketsystem"`)
	}
	return p
}

func meanwhile(acts []desk.Act) []ProblemAct {
	out := make([]ProblemAct, len(acts))
	for i, a := range acts {
		out[i] = ProblemAct{Type: a.Type, At: a.At, Actor: string(a.Actor), ActorName: a.ActorName, Changed: []string{}, Comment: string(a.Comment)}
		for _, c := range a.Changes {
			out[i].Changed = append(out[i].Changed, c.Field)
		}
	}
	return out
}

func statusOf(k fault.Kind) int {
	if s, ok := statuses[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// hidden is what the caller hears of an error that is none of their business. A
// request that ran out of time is a part that did not answer.
func hidden(err error) *fault.Error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.Down(err)
	}
	return fault.New(fault.Internal, "internal", "Something went wrong on our side. Nothing you sent was lost on purpose; please try again, and quote the request id if it stays.")
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{
		Type: "https://ticketsystem.example/problems/" + code, Title: http.StatusText(status),
		Status: status, Code: code, Detail: detail, header: http.Header{},
	}
}

// codes names the statuses that the framework itself answers with.
var codes = map[int]string{
	http.StatusBadRequest:            "malformed",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusRequestTimeout:        "timeout",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusUnprocessableEntity:   "invalid_input",
}

// fromFramework turns huma's own findings (a body that isn't JSON, a missing field, a
// wrong type) into a Problem, without repeating the value that was sent.
func fromFramework(status int, msg string, errs ...error) huma.StatusError {
	code, ok := codes[status]
	if !ok {
		code = "internal"
	}
	p := newProblem(status, code, sentence(msg))
	if status == http.StatusUnprocessableEntity {
		p.Detail = "Some of the values can't be accepted; see errors."
	}
	for _, e := range errs {
		var d huma.ErrorDetailer
		if !errors.As(e, &d) {
			continue
		}
		detail := d.ErrorDetail()
		field := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(detail.Location, "body."), "query."), "path.")
		p.Errors = append(p.Errors, ProblemField{Field: field, Message: sentence(detail.Message)})
	}
	if status == http.StatusBadRequest && len(errs) > 0 {
		p.Detail, p.Errors = "The body is not valid JSON. Send one JSON object in UTF-8, with each name once.", nil
	}
	return p
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func init() {
	huma.DefaultArrayNullable = false // lists of ours may be empty, never null
	huma.NewError = fromFramework
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := fromFramework(status, msg, errs...).(*Problem)
		p.Request = requestID(ctx.Context())
		return p
	}
}

// WriteProblem writes err as a problem document, outside of the typed handlers.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(r.Context(), err)
	note(r.Context(), p)
	for k, v := range p.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_ = json.MarshalWrite(w, p) // the connection is gone if this fails; there is nobody to tell
	}
}
