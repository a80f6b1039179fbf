package generate

import (
	"fmt"
	"maps"
	"slices"
)

// aMoment stands for any time in examples.
const aMoment = "2026-11-05T09:30:00.000Z"

// exemplify gives every schema an example, made of the examples of its properties. An
// optional property is part of it only with an example of its own. A value that nobody
// can guess and that has none is an error.
func exemplify(doc tree) error {
	schemas := at(doc, "components", "schemas").(tree)
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name].(tree)
		v, err := exampleOf(s, schemas)
		if err != nil {
			return fmt.Errorf("generate: schema %s: %w", name, err)
		}
		s["examples"] = []any{v}
	}
	return nil
}

// exampleOf is an example of the schema's values.
func exampleOf(s tree, schemas tree) (any, error) {
	if list, ok := s["examples"].([]any); ok {
		return list[0], nil
	}
	if name, ok := refTo(s); ok {
		return exampleOf(schemas[name].(tree), schemas)
	}
	if either, ok := s["anyOf"].([]any); ok {
		return exampleOf(either[0].(tree), schemas)
	}
	if v, ok := s["default"]; ok {
		return v, nil
	}
	if list, ok := s["enum"].([]any); ok {
		return list[0], nil
	}
	switch kind := s["type"].(type) {
	case []any: // nullable
		return nil, nil
	case string:
		return exampleOfKind(kind, s, schemas)
	}
	return nil, fmt.Errorf("give it an example")
}

func exampleOfKind(kind string, s, schemas tree) (any, error) {
	switch {
	case kind == "object":
		return exampleObject(s, schemas)
	case kind == "array":
		items, ok := s["items"].(tree)
		if _, points := refTo(items); !ok || !points {
			return []any{}, nil
		}
		one, err := exampleOf(items, schemas)
		return []any{one}, err
	case kind == "boolean":
		return false, nil
	case s["format"] == "date-time":
		return aMoment, nil
	}
	return nil, fmt.Errorf("give it an example")
}

func exampleObject(s, schemas tree) (any, error) {
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(object)
	out := object{}
	for _, p := range properties {
		if p.value.(tree)["examples"] == nil && !slices.Contains(required, any(p.name)) {
			continue
		}
		v, err := exampleOf(p.value.(tree), schemas)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", p.name, err)
		}
		out = append(out, member{p.name, v})
	}
	return out, nil
}
