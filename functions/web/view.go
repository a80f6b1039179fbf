package web

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// group is the operations of one tag.
type group struct {
	ID, Name, About string
	Operations      []operationView
}

// operationView is one operation, as the page shows it.
type operationView struct {
	ID, Method, Path, Summary, Description string
	Open                                   bool // needs no token
	Parameters                             []value
	Body                                   *bodyView
	Answers, Problems                      []answerView
	Curl                                   string
	Example                                string // of the answer, indented JSON
}

type bodyView struct {
	Schema   string
	Required bool
	Values   []value
}

// answerView is one status that an operation may answer with.
type answerView struct {
	Status, About, Schema string
	Headers               []value
}

// Groups are all operations by tag.
func (r reader) Groups() []group {
	var out []group
	for _, t := range r.doc.Tags {
		g := group{ID: slug(t.Name), Name: t.Name, About: t.Description}
		for _, p := range r.doc.Paths {
			for _, o := range p.Value {
				if slices.Contains(o.Value.Tags, t.Name) {
					g.Operations = append(g.Operations, r.operation(o.Name, p.Name, o.Value))
				}
			}
		}
		out = append(out, g)
	}
	return out
}

func (r reader) operation(method, path string, o operation) operationView {
	v := operationView{
		ID: o.OperationID, Method: strings.ToUpper(method), Path: path, Summary: o.Summary, Description: o.Description,
		Open: len(o.Security) == 0, Curl: r.curl(method, path, o),
	}
	for _, p := range o.Parameters {
		p.Schema.Description = p.Description
		v.Parameters = append(v.Parameters, view(p.Name, p.In, mark(p.Required, "required"), p.Schema))
	}
	if o.RequestBody != nil {
		s := o.RequestBody.Content.named("application/json").Schema
		v.Body = &bodyView{Schema: s.target(), Required: o.RequestBody.Required, Values: values(r.doc.resolve(s), true)}
	}
	for _, a := range o.Responses {
		answer := r.doc.answer(a.Value)
		shown := answerView{Status: a.Name, About: answer.Description}
		for _, h := range answer.Headers {
			if h.Value.Schema.Description == "" {
				h.Value.Schema.Description = h.Value.Description
			}
			shown.Headers = append(shown.Headers, view(h.Name, "", "", h.Value.Schema))
		}
		if a.Name >= "400" {
			v.Problems = append(v.Problems, shown)
			continue
		}
		s := answer.Content.named("application/json").Schema
		shown.Schema = s.target()
		if v.Example == "" && s.Ref != "" {
			v.Example = indented(r.doc.resolve(s).example())
		}
		v.Answers = append(v.Answers, shown)
	}
	return v
}

// schemaView is one schema, as the page shows it.
type schemaView struct {
	Name, Example string
	Values        []value
}

// Schemas are all shared schemas.
func (r reader) Schemas() []schemaView {
	asked := map[string]bool{}
	for _, p := range r.doc.Paths {
		for _, o := range p.Value {
			if body := o.Value.RequestBody; body != nil {
				asked[body.Content.named("application/json").Schema.target()] = true
			}
		}
	}
	var out []schemaView
	for _, s := range r.doc.Components.Schemas {
		out = append(out, schemaView{s.Name, indented(s.Value.example()), values(s.Value, asked[s.Name])})
	}
	return out
}

func slug(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "-")) }

// example is the schema's example, "" without one.
func (s schema) example() jsontext.Value {
	if len(s.Examples) == 0 {
		return nil
	}
	return s.Examples[0].Clone()
}

// indented is JSON for reading.
func indented(v jsontext.Value) string {
	_ = v.Indent(jsontext.WithIndent("  ")) // what is no JSON stays as it is
	return string(v)
}
