// Package contract holds the API to its own description.
//
// Ideas:
//
//   - The OpenAPI document is what is judged by: an answer is right if the document
//     names its status and media type and the body fits the schema (Document.Check).
//   - Who may do what, over the API and not by the policy's own word, is one table,
//     testdata/matrix/table.txt: a row for each operation, a column for each kind of
//     person, and in each cell what comes back. An operation without a row fails.
//   - How an operation is called is its example in the document; where that needs
//     something to be there first, testdata/matrix/recipes.txt says what.
//   - The same table is played to functions over the in-memory twin, in a second, and to
//     the whole system (internal/script/stories).
//   - A fuzzer makes requests out of the schemas, odd ones too, and judges every answer
//     likewise; "make fuzz" sends 20,000.
//
// It is never deployed.
package contract

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"

	"ticketsystem.example/internal/generate"
)

// Document is the API's description, ready to judge answers.
type Document struct {
	Operations []Operation // by path, then method

	whole    gjson.Result
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

// Operation is one operation of the description.
type Operation struct {
	ID, Method, Path string
	Open             bool         // needs no token
	Example          string       // of its body, "" without one
	Parameters       []Parameter  // of query and path
	raw              gjson.Result // the whole of it
	Body             gjson.Result // the schema of its body, with references
}

// Parameter is a parameter of an operation.
type Parameter struct {
	Name, In string
	Schema   gjson.Result
}

// Answer is what came back.
type Answer struct {
	Status int
	Type   string // media type, as sent
	Body   []byte
}

// Text is a value of the answer's body, by its path.
func (a Answer) Text(path string) string { return gjson.GetBytes(a.Body, path).String() }

const documentURL = "file:///openapi.json"

// Load reads the description out of the code.
func Load() (*Document, error) {
	data, err := generate.Description()
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	d := &Document{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(documentURL, tree); err != nil {
		return nil, err
	}
	whole := gjson.ParseBytes(data)
	d.whole = whole
	whole.Get("paths").ForEach(func(path, item gjson.Result) bool {
		item.ForEach(func(method, op gjson.Result) bool {
			d.Operations = append(d.Operations, operation(whole, path.String(), method.String(), op))
			return true
		})
		return true
	})
	return d, nil
}

func operation(whole gjson.Result, path, method string, op gjson.Result) Operation {
	o := Operation{ID: op.Get("operationId").String(), Method: strings.ToUpper(method), Path: path, raw: op}
	o.Open = op.Get("security").IsArray() && len(op.Get("security").Array()) == 0
	o.Body = op.Get(`requestBody.content.application/json.schema`)
	if name, ok := strings.CutPrefix(o.Body.Get(`$ref`).String(), "#/components/schemas/"); ok {
		o.Body = whole.Get("components.schemas." + name)
	}
	o.Example = o.Body.Get("examples.0").Raw
	for _, p := range op.Get("parameters").Array() {
		o.Parameters = append(o.Parameters, Parameter{p.Get("name").String(), p.Get("in").String(), p.Get("schema")})
	}
	return o
}

// Operation finds an operation by its id.
func (d *Document) Operation(id string) (Operation, bool) {
	i := slices.IndexFunc(d.Operations, func(o Operation) bool { return o.ID == id })
	if i < 0 {
		return Operation{}, false
	}
	return d.Operations[i], true
}

// shared is what a reference points to.
func (d *Document) shared(ref string) gjson.Result {
	return d.whole.Get(strings.ReplaceAll(strings.TrimPrefix(ref, "#/"), "/", "."))
}

// insides are words that no problem may hold: they are ours. Other answers hold what
// people wrote, who may write anything.
var insides = regexp.MustCompile(`goroutine |runtime error|panic:|\.go:|\bdocdb\b|\bdesk\.[A-Z]|\bserve\.[A-Z]|\bfault\.[A-Z]|\breflect\.[A-Z]|interface \{|map\[string|huma\.|googleapis|rpc error|/shared/|/functions/`)

// Check returns what is wrong with an answer to an operation, nil if nothing is.
func (d *Document) Check(o Operation, a Answer) error {
	if found := insides.Find(a.Body); found != nil && a.Status >= 400 {
		return fmt.Errorf("the answer shows our insides (%s): %.300s", found, a.Body)
	}
	response := o.raw.Get(fmt.Sprintf("responses.%d", a.Status))
	if !response.Exists() {
		return fmt.Errorf("answers %d, which is not described: %.300s", a.Status, a.Body)
	}
	content := d.content(o, a.Status)
	if len(content) == 0 {
		if len(a.Body) > 0 {
			return fmt.Errorf("%d has a body, though none is described: %.100s", a.Status, a.Body)
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.Type)
	if err != nil || !slices.Contains(content, kind) {
		return fmt.Errorf("%d is of type %q, described as %v", a.Status, a.Type, content)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	schema, err := d.schema(o, a.Status, kind)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.Body))
	if err != nil {
		return fmt.Errorf("%d is not JSON: %w", a.Status, err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%d is not as described: %w: %.300s", a.Status, err, a.Body)
	}
	return nil
}

// at is the JSON pointer of an answer's description, and whether it is shared.
func (d *Document) at(o Operation, status int) string {
	r := o.raw.Get(fmt.Sprintf("responses.%d", status))
	if ref := r.Get(`$ref`).String(); ref != "" {
		return ref
	}
	return fmt.Sprintf("#/paths/%s/%s/responses/%d", escape(o.Path), strings.ToLower(o.Method), status)
}

// content lists the media types of an answer.
func (d *Document) content(o Operation, status int) []string {
	if strings.HasPrefix(d.at(o, status), "#/components/") { // the shared ones are problems
		return []string{"application/problem+json"}
	}
	var out []string
	o.raw.Get(fmt.Sprintf("responses.%d.content", status)).ForEach(func(kind, _ gjson.Result) bool {
		out = append(out, kind.String())
		return true
	})
	return out
}

func (d *Document) schema(o Operation, status int, kind string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	where := documentURL + d.at(o, status) + "/content/" + escape(kind) + "/schema"
	if s := d.schemas[where]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(where)
	if err == nil {
		d.schemas[where] = s
	}
	return s, err
}

// escape is a member's name inside a JSON pointer that is part of a URL.
func escape(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B").Replace(s)
}
