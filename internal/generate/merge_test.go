package generate

import (
	"strings"
	"testing"
)

func part(path, schema, kind string) tree {
	return tree{
		"paths":      tree{path: tree{}},
		"components": tree{"schemas": tree{schema: tree{"type": kind}}, "securitySchemes": tree{}},
	}
}

func empty() tree {
	return tree{"paths": tree{}, "components": tree{"schemas": tree{}, "securitySchemes": tree{}}}
}

func TestOneNameForTwoThingsIsAnError(t *testing.T) {
	doc := empty()
	if err := join(doc, part("/a/", "Ref", "string"), "first"); err != nil {
		t.Fatal(err)
	}
	if err := join(doc, part("/b/", "Ref", "string"), "second"); err != nil {
		t.Errorf("the same thing twice: %v", err)
	}
	if err := join(doc, part("/c/", "Ref", "integer"), "third"); err == nil || !strings.Contains(err.Error(), "third") || !strings.Contains(err.Error(), "Ref") {
		t.Errorf("two things: %v", err)
	}
	if err := join(doc, part("/a/", "Other", "string"), "fourth"); err == nil || !strings.Contains(err.Error(), "/a/") {
		t.Errorf("one path twice: %v", err)
	}
}

func TestAFunctionWithoutRoutesIsAnError(t *testing.T) {
	if _, err := describe("nothing"); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("got %v", err)
	}
}

func TestAValueThatNobodyCanGuessNeedsAnExample(t *testing.T) {
	doc := tree{"components": tree{"schemas": tree{"Thing": tree{
		"type": "object", "required": []any{"name"}, "properties": object{{"name", tree{"type": "string"}}},
	}}}}
	if err := exemplify(doc); err == nil || !strings.Contains(err.Error(), "Thing") || !strings.Contains(err.Error(), "name") {
		t.Errorf("got %v", err)
	}
}

func TestExamplesAreMadeOfExamples(t *testing.T) {
	doc := tree{"components": tree{"schemas": tree{
		"Page": tree{"type": "object", "required": []any{"items", "next"}, "properties": object{
			{"items", tree{"type": "array", "items": tree{"$ref": "#/components/schemas/Thing"}}},
			{"next", tree{"type": []any{"string", "null"}}},
		}},
		"Thing": tree{"type": "object", "required": []any{"kind", "at", "on", "many", "size"}, "properties": object{
			{"kind", tree{"type": "string", "enum": []any{"a", "b"}}},
			{"at", tree{"type": "string", "format": "date-time"}},
			{"on", tree{"type": "boolean"}},
			{"many", tree{"type": "array", "items": tree{"type": "string"}}},
			{"size", tree{"type": "integer", "default": 20}},
			{"told", tree{"type": "string", "examples": []any{"x"}}},
			{"untold", tree{"type": "string"}},
		}},
	}}}
	if err := exemplify(doc); err != nil {
		t.Fatal(err)
	}
	got, err := write(tree{"page": at(doc, "components", "schemas", "Page", "examples").([]any)[0]})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"page":{"items":[{"kind":"a","at":"` + aMoment + `","on":false,"many":[],"size":20,"told":"x"}],"next":null}}`
	if flat := strings.NewReplacer("\n", "", " ", "").Replace(string(got)); flat != want {
		t.Errorf("got  %s\nwant %s", flat, want)
	}
}
