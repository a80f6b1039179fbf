package serve

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaName names a type in the API's description as a client generator would like
// to call it: Ticket, TicketPage for Page[Ticket], CreateTicketRequest for a nameless
// body.
func (a *API) schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" {
		if h, ok := a.hints[hint]; ok {
			hint = h
		}
		return capital(hint)
	}
	parts := strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[]*,", r) })
	slices.Reverse(parts)
	name := ""
	for _, p := range parts {
		name += capital(p[strings.LastIndex(p, ".")+1:])
	}
	return name
}

// hints maps what huma would call an operation's nameless bodies to what we do.
func hints[In, Out any](id string) map[string]string {
	return map[string]string{
		reflect.TypeFor[In]().Name() + "Body":  id + "Request",
		reflect.TypeFor[Out]().Name() + "Body": id + "Response",
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// meanings says what each status means in this API, in Markdown.
var meanings = map[int]string{
	http.StatusBadRequest:            "The body is not valid JSON.",
	http.StatusUnauthorized:          "There is no access token, or it is not valid any more. Sign in, then repeat the request.",
	http.StatusForbidden:             "You may see this, but you may not do that.",
	http.StatusNotFound:              "There is no such thing, or you may not see it.",
	http.StatusConflict:              "Not possible in the present state; `allowed` lists what is, or `meanwhile` what happened since you looked.",
	http.StatusPreconditionFailed:    "It was changed meanwhile: `If-Match` doesn't name the current version. Read it again, then repeat your change.",
	http.StatusRequestEntityTooLarge: "The body is larger than 1 MB.",
	http.StatusUnsupportedMediaType:  "The body is not `application/json` in UTF-8.",
	http.StatusUnprocessableEntity:   "A value can't be accepted, or a name is unknown; `errors` says which and why.",
	http.StatusPreconditionRequired:  "`If-Match` is missing.",
	http.StatusTooManyRequests:       "Too many attempts.",
	http.StatusInternalServerError:   "A fault of ours. Quote `request` when you ask for help.",
	http.StatusServiceUnavailable:    "A part of the system doesn't answer. Repeat the request later.",
}

// explain completes the description of an operation with what holds for all of them.
func explain(_ *huma.OpenAPI, op *huma.Operation) {
	for status, text := range meanings {
		if answer := op.Responses[strconv.Itoa(status)]; answer != nil {
			answer.Description, answer.Headers = text, problemHeaders(status)
		}
	}
	if denied := op.Responses[strconv.Itoa(http.StatusUnauthorized)]; denied != nil && len(op.Security) == 0 {
		denied.Description = "What you sent doesn't prove who you are; it is not said which part of it is wrong."
	}
	for _, p := range op.Parameters {
		if p.Name == "If-None-Match" {
			op.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: "It is still the version that `If-None-Match` names. There is no body."}
		}
	}
}

// problemHeaders are the headers that come with a problem of that status.
func problemHeaders(status int) map[string]*huma.Header {
	switch status {
	case http.StatusUnauthorized:
		return map[string]*huma.Header{"WWW-Authenticate": {Description: "How to sign in.", Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{`Bearer realm="ticketsystem"`}}}}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return map[string]*huma.Header{"Retry-After": {Description: "How many seconds to wait.", Schema: &huma.Schema{Type: huma.TypeInteger, Examples: []any{5}}}}
	}
	return nil
}
