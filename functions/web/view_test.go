package web

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func schemaOf(t *testing.T, text string) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal([]byte(text), &s, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestValuesAreDescribedInWords(t *testing.T) {
	for text, want := range map[string]string{
		`{"type": "string"}`:                                                       "string",
		`{"type": "string", "format": "date-time"}`:                                "time",
		"{\"type\": [\n \"string\",\n \"null\"\n]}":                                "string or null",
		`{"type": "array", "items": {"type": "string"}}`:                           "list of string",
		`{"type": ["array", "null"], "items": {"$ref": "#/components/schemas/A"}}`: "list of A or null",
		`{"$ref": "#/components/schemas/A"}`:                                       "A",
		`{}`:                                                                       "any value",
	} {
		if k := kindOf(schemaOf(t, text)); k.Before+k.Schema+k.After != want {
			t.Errorf("%s is %+v, not %s", text, k, want)
		}
	}
}

func TestLimitsAreDescribedInWords(t *testing.T) {
	s := schemaOf(t, `{"type": "integer", "minimum": 1, "maximum": 100, "default": 20}`)
	if got := strings.Join(notes(s), "; "); got != "1 to 100; 20 unless you say otherwise" {
		t.Error(got)
	}
	s = schemaOf(t, `{"type": "string", "minLength": 3, "maxLength": 9, "minItems": 1, "maxItems": 2}`)
	if got := strings.Join(notes(s), "; "); got != "at least 3 characters; up to 9 characters; at least 1 items; up to 2 items" {
		t.Error(got)
	}
}

func TestJSONKeepsItsTextWhenNamesAreColoured(t *testing.T) {
	const sample = "{\n  \"a\": \"b: c\",\n  \"list\": [\n    \"x\",\n    1\n  ],\n  \"quo\\\"te\": {}\n}"
	var b strings.Builder
	names := 0
	for _, l := range lines(sample) {
		b.WriteString(l.Space + l.Name + l.Rest + "\n")
		if l.Name != "" {
			names++
		}
	}
	if b.String() != sample+"\n" || names != 3 {
		t.Errorf("%d names in\n%s", names, b.String())
	}
}

func TestEveryCommandIsOneThatAShellUnderstands(t *testing.T) {
	doc, err := parse(described)
	if err != nil {
		t.Fatal(err)
	}
	r := reader{doc: doc}
	for _, g := range r.Groups() {
		for _, o := range g.Operations {
			// The shell reads the command, and a function named curl prints its last word.
			script := `BASE=http://x TOKEN=t; curl() { for last; do :; done; printf %s "$last"; }; ` + o.Curl
			out, err := exec.Command("sh", "-c", script).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s\n%s", o.ID, err, out, o.Curl)
			}
			var body map[string]any
			if o.Body != nil && json.Unmarshal(out, &body) != nil {
				t.Errorf("%s: the body is not JSON: %s", o.ID, out)
			}
			if strings.Contains(o.Curl, "{id}") || o.Open == strings.Contains(o.Curl, "Authorization") {
				t.Errorf("%s: %s", o.ID, o.Curl)
			}
		}
	}
}

func TestApostrophesSurviveTheShell(t *testing.T) {
	const text = `it's "fine"`
	out, err := exec.Command("sh", "-c", "printf %s "+quote(text)).Output()
	if err != nil || string(out) != text {
		t.Errorf("%q, %v", out, err)
	}
}

func TestReplacingIsShownWithItsCondition(t *testing.T) {
	doc, err := parse(described)
	if err != nil {
		t.Fatal(err)
	}
	put := doc.Paths.named("/api/tickets/{id}/").named("put")
	if got := (reader{doc: doc}).curl("put", "/api/tickets/{id}/", put); !strings.HasPrefix(got, `curl -X PUT "$BASE/api/tickets/TKT-`) || !strings.Contains(got, "If-Match") {
		t.Error(got)
	}
}
