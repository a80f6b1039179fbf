package web

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is what the reader shows of an OpenAPI description.
type document struct {
	Info struct {
		Title, Version, Summary, Description string
	}
	Tags []struct {
		Name, Description string
	}
	Paths      entries[entries[operation]] // by path, by method
	Components struct {
		Schemas   entries[schema]
		Responses entries[response]
	}
}

type operation struct {
	Tags        []string
	Summary     string
	Description string
	OperationID string
	Security    []map[string][]string
	Parameters  []parameter
	RequestBody *struct {
		Required bool
		Content  entries[media]
	}
	Responses entries[response]
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Headers     entries[struct {
		Description string
		Schema      schema
	}]
	Content entries[media]
}

type media struct{ Schema schema }

type schema struct {
	Ref         string   `json:"$ref"`
	AnyOf       []schema `json:"anyOf"` // a reference, or null
	Type        types
	Format      string
	Description string
	Enum        []string
	Default     jsontext.Value
	Examples    []jsontext.Value
	Items       *schema
	Properties  entries[schema]
	Required    []string
	Minimum     *float64
	Maximum     *float64
	MinLength   *int
	MaxLength   *int
	MinItems    *int
	MaxItems    *int
}

// types are the types that a value may have: one, or a list of them.
type types []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *types) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == jsontext.KindBeginArray {
		return json.UnmarshalDecode(dec, (*[]string)(t))
	}
	*t = make(types, 1)
	return json.UnmarshalDecode(dec, &(*t)[0])
}

// entries are the members of a JSON object in the order of the text.
type entries[T any] []item[T]

type item[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *entries[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		one := item[T]{Name: name.String()}
		if err := json.UnmarshalDecode(dec, &one.Value); err != nil {
			return err
		}
		*e = append(*e, one)
	}
	_, err := dec.ReadToken()
	return err
}

// named finds an entry; the zero value if there is none.
func (e entries[T]) named(name string) (found T) {
	if i := e.index(name); i >= 0 {
		found = e[i].Value
	}
	return found
}

func (e entries[T]) index(name string) int {
	return slices.IndexFunc(e, func(x item[T]) bool { return x.Name == name })
}

func parse(data []byte) (document, error) {
	var d document
	err := json.Unmarshal(data, &d, json.MatchCaseInsensitiveNames(true))
	return d, err
}

// answer follows a reference to a shared response.
func (d document) answer(r response) response {
	if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
		return d.Components.Responses.named(name)
	}
	return r
}

// target is the name of the schema that s points to, "" if it is none.
func (s schema) target() string {
	name, _ := strings.CutPrefix(s.Ref, "#/components/schemas/")
	return name
}

// resolve follows a reference to a shared schema.
func (d document) resolve(s schema) schema {
	if s.Ref == "" {
		return s
	}
	return d.Components.Schemas.named(s.target())
}
