package generate

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/desk"
)

// loaded is the description as a library of others understands it.
func loaded(t *testing.T) *openapi3.T {
	t.Helper()
	f, err := description("")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(f.Content)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// every calls f with each operation.
func every(doc *openapi3.T, f func(path, method string, op *openapi3.Operation)) {
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			f(path, method, op)
		}
	}
}

func TestTheDescriptionIsValidOpenAPI(t *testing.T) {
	if err := loaded(t).Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestExamplesAreWhatTheirSchemasTake(t *testing.T) {
	for name, s := range loaded(t).Components.Schemas {
		if len(s.Value.Examples) != 1 {
			t.Errorf("%s has %d examples", name, len(s.Value.Examples))
			continue
		}
		if err := s.Value.VisitJSON(s.Value.Examples[0], openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWrongExampleWouldBeNoticed(t *testing.T) {
	s := loaded(t).Components.Schemas["Ticket"].Value
	wrong := s.Examples[0].(map[string]any)
	wrong["status"] = "asleep"
	if s.VisitJSON(wrong, openapi3.EnableJSONSchema2020()) == nil {
		t.Error("a ticket that is asleep was taken")
	}
}

func TestTheContractsOperationsAreDescribed(t *testing.T) {
	doc := loaded(t)
	for path, methods := range map[string][]string{
		"/api/tickets/":               {"GET", "POST"},
		"/api/tickets/{id}/":          {"GET", "PUT", "PATCH", "DELETE"},
		"/api/tickets/{id}/comments/": {"GET", "POST"},
		"/api/tickets/{id}/history/":  {"GET"},
		"/api/tickets/{id}/assign/":   {"POST"},
		"/api/tickets/{id}/resolve/":  {"POST"},
		"/api/tickets/{id}/close/":    {"POST"},
		"/api/tickets/{id}/reopen/":   {"POST"},
		"/api/tickets/{id}/hold/":     {"POST"},
		"/api/users/":                 {"GET"},
		"/api/users/{id}/":            {"GET"},
		"/api/users/me/":              {"GET"},
		"/api/departments/":           {"GET"},
		"/api/departments/{id}/":      {"GET"},
		"/api/categories/":            {"GET"},
		"/api/notifications/":         {"GET"},
		"/api/token/":                 {"POST"},
		"/api/token/refresh/":         {"POST"},
	} {
		item := doc.Paths.Value(path)
		for _, m := range methods {
			if item == nil || item.GetOperation(m) == nil {
				t.Errorf("%s %s is not described", m, path)
			}
		}
	}
}

func TestEveryOperationIsDescribedInFull(t *testing.T) {
	every(loaded(t), func(path, method string, op *openapi3.Operation) {
		if op.Summary == "" || op.Description == "" || op.OperationID == "" || len(op.Tags) != 1 {
			t.Errorf("%s %s: %q, %q, %q, %v", method, path, op.Summary, op.Description, op.OperationID, op.Tags)
		}
		if f, ok := functions.Owner(path); !ok || f.Name == "web" {
			t.Errorf("%s: no function of the API answers it", path)
		}
		for _, p := range op.Parameters {
			if p.Value.Description == "" {
				t.Errorf("%s %s: nothing is said of %s", method, path, p.Value.Name)
			}
		}
		for status, r := range op.Responses.Map() {
			if *r.Value.Description == "" || status == "default" {
				t.Errorf("%s %s: nothing is said of %s", method, path, status)
			}
			content := r.Value.Content.Get("application/problem+json")
			if status >= "400" && (content == nil || content.Schema.Ref != "#/components/schemas/Problem") {
				t.Errorf("%s %s: %s is not a Problem", method, path, status)
			}
		}
	})
}

func TestOnlySigningInNeedsNoToken(t *testing.T) {
	every(loaded(t), func(path, method string, op *openapi3.Operation) {
		open := op.Security != nil && len(*op.Security) == 0
		if open != (strings.HasPrefix(path, "/api/token/") || strings.HasPrefix(path, "/api/register/")) {
			t.Errorf("%s %s: open is %v", method, path, open)
		}
		if !open && op.Responses.Value("401") == nil {
			t.Errorf("%s %s: can't be refused", method, path)
		}
	})
}

func TestWhatIsRepeatableAndConditionalSaysSo(t *testing.T) {
	every(loaded(t), func(path, method string, op *openapi3.Operation) {
		matches := op.Parameters.GetByInAndName("header", "If-Match") != nil
		if matches != (op.Responses.Value("412") != nil) {
			t.Errorf("%s %s: If-Match and 412 don't go together", method, path)
		}
		if (op.Parameters.GetByInAndName("header", "If-None-Match") != nil) != (op.Responses.Value("304") != nil) {
			t.Errorf("%s %s: If-None-Match and 304 don't go together", method, path)
		}
		key := op.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
		if strings.HasPrefix(path, "/api/tickets/") && key != (method == http.MethodPost) {
			t.Errorf("%s %s: takes an Idempotency-Key: %v", method, path, key)
		}
	})
}

func TestNamesAreGoodForClients(t *testing.T) {
	schemas := loaded(t).Components.Schemas
	for _, name := range []string{"Ticket", "TicketPage", "Comment", "CommentPage", "NotificationPage", "Person", "PersonPage", "Tokens", "Problem", "CreateTicketRequest"} {
		if schemas[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range schemas {
		for _, bad := range []string{"Input", "Answer", "Body", "Struct", "Response"} {
			if strings.Contains(name, bad) {
				t.Errorf("%s is named after our code", name)
			}
		}
	}
}

func TestRequestsAreClosedAndAnswersMayGrow(t *testing.T) {
	schemas := loaded(t).Components.Schemas
	if has := schemas["CreateTicketRequest"].Value.AdditionalProperties.Has; has == nil || *has {
		t.Error("an unknown name in a request is refused, but the description doesn't say so")
	}
	if has := schemas["Ticket"].Value.AdditionalProperties.Has; has != nil && !*has {
		t.Error("a new field of a ticket would break clients")
	}
}

func TestListedValuesAreTheDesks(t *testing.T) {
	doc := loaded(t)
	for _, name := range []string{"Ticket", "CreateTicketRequest", "ReplaceTicketRequest", "UpdateTicketRequest"} {
		p := doc.Components.Schemas[name].Value.Properties
		same(t, name+".status", p["status"], desk.Statuses)
		same(t, name+".priority", p["priority"], desk.Priorities)
		same(t, name+".source", p["source"], desk.Sources)
	}
	list := doc.Paths.Value("/api/tickets/").Get.Parameters
	same(t, "status", list.GetByInAndName("query", "status").Schema, desk.Statuses)
	same(t, "priority", list.GetByInAndName("query", "priority").Schema, desk.Priorities)
}

// same compares the listed values of a property, if there is one, with the desk's.
func same[T ~string](t *testing.T, what string, s *openapi3.SchemaRef, want []T) {
	t.Helper()
	if s == nil {
		return
	}
	var got []T
	for _, v := range s.Value.Enum {
		if v != nil { // where it may be null
			got = append(got, T(v.(string)))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s lists %v, the desk knows %v", what, got, want)
	}
}

func TestPropertiesStandInTheOrderOfTheType(t *testing.T) {
	f, err := description("")
	if err != nil {
		t.Fatal(err)
	}
	text := string(f.Content)
	text = text[strings.Index(text, "\n      \"Ticket\": {"):]
	last := -1
	for _, name := range []string{"id", "number", "title", "description", "department", "version"} {
		at := strings.Index(text, "\n          \""+name+"\": {")
		if at <= last {
			t.Errorf("%s is at %d, after %d", name, at, last)
		}
		last = at
	}
}
