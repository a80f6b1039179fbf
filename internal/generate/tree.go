package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// tree is a JSON object whose names have no order of their own.
type tree = map[string]any

// object is a JSON object that is written in its order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSONTo implements json.MarshalerTo.
func (o object) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// toTree turns a value into plain JSON.
func toTree(v json.Marshaler) (tree, error) {
	data, err := v.MarshalJSON()
	if err != nil {
		return nil, err
	}
	out := tree{}
	return out, json.Unmarshal(data, &out)
}

// write is the tree as JSON, the same bytes for the same tree.
func write(t tree) ([]byte, error) {
	data, err := json.Marshal(arrange(t), jsontext.WithIndent("  "))
	return append(data, '\n'), err
}

// reading is the order in which people want to read the parts of a description; other
// names follow by name.
var reading = strings.Fields(`openapi info title version jsonSchemaDialect servers url
	tags name in summary description operationId security license
	paths get post put patch delete components
	parameters requestBody required responses headers content
	$ref type format enum default minimum maximum minLength maxLength minItems maxItems
	items properties additionalProperties examples schema`)

// arrange gives every tree in v the order for reading.
func arrange(v any) any {
	switch v := v.(type) {
	case tree:
		names := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
			if c := rank(a) - rank(b); c != 0 {
				return c
			}
			return strings.Compare(a, b)
		})
		out := make(object, len(names))
		for i, n := range names {
			out[i] = member{n, arrange(v[n])}
		}
		return out
	case object:
		out := slices.Clone(v)
		for i := range out {
			out[i].value = arrange(out[i].value)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = arrange(out[i])
		}
		return out
	}
	return v
}

func rank(name string) int {
	if i := slices.Index(reading, name); i >= 0 {
		return i
	}
	return len(reading)
}

// at follows names down the tree; nil if there is nothing.
func at(v any, names ...string) any {
	for _, n := range names {
		t, ok := v.(tree)
		if !ok {
			return nil
		}
		v = t[n]
	}
	return v
}

// walk calls f with every tree in v, outer ones first.
func walk(v any, f func(tree)) {
	switch v := v.(type) {
	case tree:
		f(v)
		for _, n := range slices.Sorted(maps.Keys(v)) {
			walk(v[n], f)
		}
	case object:
		for _, m := range v {
			walk(m.value, f)
		}
	case []any:
		for _, x := range v {
			walk(x, f)
		}
	}
}
