package serve

import (
	"context"
	"net/http"
	"testing"
)

type thing struct {
	Name string `json:"name"`
}

type thingInput struct {
	IfNoneMatch string `header:"If-None-Match"`
	Body        struct {
		Name string `json:"name"`
	}
}

type thingAnswer struct{ Body Page[thing] }

// described is an API with one operation, of that openness.
func described(open bool) *API {
	a := NewAPI("Test")
	op := Operation{Method: http.MethodPost, Path: "/things", ID: "makeThing", Tag: "Things", Summary: "Make", Open: open, Raises: []int{http.StatusUnauthorized, http.StatusTooManyRequests}}
	Add(a, op, func(context.Context, *thingInput) (*thingAnswer, error) { return &thingAnswer{}, nil })
	return a
}

func TestTypesHaveNamesForClients(t *testing.T) {
	schemas := described(true).OpenAPI().Components.Schemas.Map()
	for _, name := range []string{"Thing", "ThingPage", "MakeThingRequest", "Problem", "ProblemAct", "ProblemField"} {
		if schemas[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if len(schemas) != 6 {
		t.Errorf("%d schemas: %v", len(schemas), schemas)
	}
}

func TestAnswersSayWhatTheyMean(t *testing.T) {
	answers := described(false).OpenAPI().Paths["/things"].Post.Responses
	for status, header := range map[string]string{"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After", "422": ""} {
		a := answers[status]
		if a == nil || a.Description == "" || a.Content["application/problem+json"] == nil || header != "" && a.Headers[header] == nil {
			t.Errorf("%s: %+v", status, a)
		}
	}
	if a := answers["304"]; a == nil || a.Content != nil {
		t.Errorf("304: %+v", a)
	}
	open := described(true).OpenAPI().Paths["/things"].Post.Responses["401"].Description
	if open == answers["401"].Description {
		t.Error("a refused password is described as a missing token")
	}
}

func TestAListInAnAnswerIsNeverNull(t *testing.T) {
	if described(true).OpenAPI().Components.Schemas.Map()["ThingPage"].Properties["items"].Nullable {
		t.Error("items may be null")
	}
}
