package generate

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// loosen lets answers grow: a schema that no request uses takes further properties, so
// that clients made of this description survive a new one.
func loosen(doc tree) {
	schemas := at(doc, "components", "schemas").(tree)
	closed := map[string]bool{}
	var use func(v any)
	use = func(v any) {
		walk(v, func(t tree) {
			if name, ok := refTo(t); ok && !closed[name] {
				closed[name] = true
				use(schemas[name])
			}
		})
	}
	eachOperation(doc, func(_, _ string, op tree) { use(op["requestBody"]) })
	for name, s := range schemas {
		if s := s.(tree); !closed[name] && s["additionalProperties"] == false {
			delete(s, "additionalProperties")
		}
	}
}

// nullable says of each property that points to another schema and is always written
// whether it may be null, which the framework can't say.
func nullable(properties object, t reflect.Type) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() != reflect.Pointer || f.Type.Elem().Kind() != reflect.Struct || options != "" {
			continue
		}
		for _, p := range properties {
			if s := p.value.(tree); p.name == name && s["$ref"] != nil {
				s["anyOf"] = []any{tree{"$ref": s["$ref"]}, tree{"type": "null"}}
				delete(s, "$ref")
			}
		}
	}
}

// noneOf adds null to the listed values of each property that may be null: the framework
// says so of the type only, and then null is none of the values.
func noneOf(properties object) {
	for _, p := range properties {
		s := p.value.(tree)
		types, _ := s["type"].([]any)
		values, _ := s["enum"].([]any)
		if slices.Contains(types, any("null")) && len(values) > 0 && !slices.Contains(values, any(nil)) {
			s["enum"] = append(values, nil)
		}
	}
}

// refTo is the name of the schema that t points to.
func refTo(t tree) (string, bool) {
	ref, _ := t["$ref"].(string)
	return strings.CutPrefix(ref, "#/components/schemas/")
}

// shareProblems keeps each kind of problem once, under components.
func shareProblems(doc tree) {
	shared := at(doc, "components", "responses").(tree)
	eachOperation(doc, func(_, _ string, op tree) {
		responses := op["responses"].(tree)
		for status, r := range responses {
			if status < "400" {
				continue
			}
			name := problemName(status)
			if shared[name] == nil {
				shared[name] = r
			}
			if reflect.DeepEqual(shared[name], r) {
				responses[status] = tree{"$ref": "#/components/responses/" + name}
			}
		}
	})
}

// problemName is the name of a status without spaces: 404 is NotFound.
func problemName(status string) string {
	code, _ := strconv.Atoi(status) // huma writes nothing but numbers
	return strings.NewReplacer(" ", "", "-", "").Replace(http.StatusText(code))
}
