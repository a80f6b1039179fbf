package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Fuzzer makes requests that the description allows, and such that it doesn't, in an
// order that its seed decides. Whatever is sent, no answer may be a failure of ours,
// show our insides, or be one that isn't described.
type Fuzzer struct {
	doc   *Document
	world World
	rand  *rand.Rand
	met   map[string][]string // ids in answers by what they name, so that requests find something
	sent  map[int]int
}

// NewFuzzer returns a fuzzer whose requests follow from the seed.
func NewFuzzer(d *Document, w World, seed uint64) *Fuzzer {
	return &Fuzzer{doc: d, world: w, rand: rand.New(rand.NewPCG(seed, 0)), met: map[string][]string{}, sent: map[int]int{}}
}

// Sent is how many answers there were of each status.
func (f *Fuzzer) Sent() map[int]int { return f.sent }

// call is one request.
type call struct {
	person, method, path, body string
	head                       []string
}

func (c call) String() string {
	return fmt.Sprintf("as %q %s %s %.400s %q", c.person, c.method, c.path, c.body, c.head)
}

// Step makes one request and judges what comes back.
func (f *Fuzzer) Step(ctx context.Context) error {
	o := f.doc.Operations[f.rand.IntN(len(f.doc.Operations))]
	if !f.world.Knows(o) {
		return nil
	}
	c := f.call(o)
	a, err := f.world.Send(ctx, c.person, c.method, c.path, c.body, c.head...)
	if err != nil {
		return err
	}
	f.sent[a.Status]++
	f.remember(noun(o.Path), a)
	if a.Status >= 500 {
		err = fmt.Errorf("answers %d: %.300s", a.Status, a.Body)
	} else {
		err = f.doc.Check(o, a)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", o.ID, c, err)
	}
	return nil
}

// noun is the last word of an address: what it lists, or does.
func noun(path string) string {
	words := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	for _, w := range slices.Backward(words) {
		if !strings.HasPrefix(w, "{") {
			return w
		}
	}
	return ""
}

// remember keeps ids and numbers, the latest few hundred.
func (f *Fuzzer) remember(of string, a Answer) {
	for _, path := range []string{"id", "number", "items.0.id", "items.1.id", "next"} {
		if v := a.Text(path); v != "" && len(v) < 200 {
			f.met[of] = append(f.met[of], v)
		}
	}
	if len(f.met[of]) > 200 {
		f.met[of] = f.met[of][100:]
	}
}

// one in n is true.
func (f *Fuzzer) one(n int) bool { return f.rand.IntN(n) == 0 }

// pick is one of a list, the zero value of an empty one.
func pick[T any](f *Fuzzer, from []T) (one T) {
	if len(from) > 0 {
		one = from[f.rand.IntN(len(from))]
	}
	return one
}

// call makes up a request to an operation.
func (f *Fuzzer) call(o Operation) call {
	c := call{person: columns[f.rand.IntN(len(columns)-2)].person, method: o.Method, path: o.Path}
	if f.one(3) {
		c.person = "ada"
	}
	if f.one(40) {
		c.person = pick(f, []string{"", disabled, "nobody", strange[0]})
	}
	query := url.Values{}
	for _, p := range o.Parameters {
		switch {
		case p.In == "path":
			c.path = strings.ReplaceAll(c.path, "{"+p.Name+"}", f.segment(o.Path, p.Name))
		case p.In == "query" && f.one(3):
			query.Add(p.Name, f.parameter(p.Schema))
		case p.In == "header" && f.one(4):
			c.head = append(c.head, p.Name, pick(f, []string{`"v1"`, `"v2"`, "*", `W/"v1"`, "v1", "k1", "k2", strings.Repeat("k", 300), `"v99999999999999999999"`}))
		}
	}
	if f.one(30) {
		query.Add(pick(f, []string{"colour", "limit", "cursor", ""}), pick(f, strange))
	}
	if len(query) > 0 {
		c.path += "?" + query.Encode()
	}
	if o.Body.Exists() {
		c.body = f.body(o)
		if f.one(50) {
			c.head = append(c.head, "Content-Type", pick(f, []string{"text/plain", "application/json; charset=latin1", "application/json;;", "multipart/form-data"}))
		}
	}
	return c
}

// parameter makes up a value for a query: a list is separated by commas.
func (f *Fuzzer) parameter(s gjson.Result) string {
	items := s.Get("items")
	if !items.Exists() {
		return f.text(s)
	}
	if ref := items.Get(`$ref`).String(); ref != "" {
		items = f.doc.shared(ref)
	}
	list := make([]string, 1+f.rand.IntN(3))
	for i := range list {
		list[i] = f.text(items)
	}
	return strings.Join(list, ",")
}

// segment is a value for a part of the address.
func (f *Fuzzer) segment(path, name string) string {
	before, _, _ := strings.Cut(path, "{"+name+"}")
	of := noun(before)
	if of == "links" {
		of = "tickets"
	}
	switch {
	case len(f.met[of]) > 0 && !f.one(8):
		return url.PathEscape(pick(f, f.met[of]))
	case f.one(3):
		return url.PathEscape(strings.NewReplacer("/", "", ".", "", "\x00", "").Replace(pick(f, strange)) + "x")
	case f.one(6):
		return strings.Repeat("a", 2000)
	}
	return pick(f, []string{"uma", "nora", "network", "it", "TKT-202611-0001", "TKT-000000-0000", "me"})
}

// body makes up a body: mostly one that fits, sometimes one that is no JSON at all.
func (f *Fuzzer) body(o Operation) string {
	switch {
	case f.one(40):
		return pick(f, []string{"", "{", "[]", "null", "0", `"x"`, `{"a":1}{"a":2}`, "\xff\xfe", strings.Repeat("[", 20000), `{"title":"a","title":"b"}`})
	case o.Example != "" && f.one(6):
		return o.Example
	}
	data, err := json.Marshal(f.value(o.Body, 0))
	if err != nil {
		return "{}" // a value that JSON can't say, such as an infinite number
	}
	return string(data)
}

// strange are texts that break what is careless.
var strange = []string{
	"", " ", "\x00", "\u202e", "\ufeff", "İıŞş", "ﷺ", "👩‍👩‍👧‍👦", "../../etc/passwd", "%00", "%2e%2e", "' OR 1=1 --", "<script>alert(1)</script>",
	"{{7*7}}", "${x}", "=1+1", "\r\nSet-Cookie: a=b", strings.Repeat("ä", 5000), strings.Repeat("x", 200), "null", "true", "-1", "1e309", "0x10", "9223372036854775808",
	"2026-13-45", "2026-11-27T99:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "none", "me", "~", "__proto__", "__name__", ".", "..",
}

// value makes up a value for a schema, now and then one that doesn't fit.
func (f *Fuzzer) value(s gjson.Result, depth int) any {
	if ref := s.Get(`$ref`).String(); ref != "" {
		s = f.doc.shared(ref)
	}
	if f.one(25) || depth > 6 {
		return pick(f, []any{nil, 0, -1, 1e308, true, "", pick(f, strange), []any{}, []any{nil}, map[string]any{}, map[string]any{"x": map[string]any{"y": 1}}})
	}
	kind := s.Get("type")
	if kind.IsArray() {
		kind = kind.Array()[f.rand.IntN(len(kind.Array()))]
	}
	switch kind.String() {
	case "object":
		return f.object(s, depth)
	case "array":
		out := []any{}
		for range f.rand.IntN(4) {
			out = append(out, f.value(s.Get("items"), depth+1))
		}
		if f.one(40) {
			return make([]string, 300)
		}
		return out
	case "integer", "number":
		return pick(f, []any{0, 1, 2, 5, -1, 100, 101, 1e15, 0.5, 9007199254740993})
	case "boolean":
		return f.one(2)
	case "null":
		return nil
	}
	return f.text(s)
}

func (f *Fuzzer) object(s gjson.Result, depth int) any {
	out := map[string]any{}
	required := s.Get("required").String()
	s.Get("properties").ForEach(func(name, p gjson.Result) bool {
		if strings.Contains(required, `"`+name.String()+`"`) && !f.one(25) || f.one(3) {
			out[name.String()] = f.value(p, depth+1)
		}
		return true
	})
	if more := s.Get("additionalProperties"); more.IsObject() {
		out[pick(f, []string{"serial", "cause", strange[7], ""})] = f.value(more, depth+1)
	}
	if f.one(40) {
		out[pick(f, []string{"role", "id", "__proto__", ""})] = "admin"
	}
	return out
}

// text makes up a text for a schema.
func (f *Fuzzer) text(s gjson.Result) string {
	if list := s.Get("enum").Array(); len(list) > 0 && !f.one(8) {
		return pick(f, list).String()
	}
	if example := s.Get("examples.0"); example.Exists() && f.one(3) {
		return example.String()
	}
	switch {
	case f.one(3):
		return pick(f, strange)
	case len(f.met["tickets"]) > 0 && f.one(3):
		return pick(f, f.met[pick(f, []string{"tickets", "tickets", "comments"})])
	}
	return pick(f, []string{"uma", "nora", "leila", "network", "billing", "wireless", "me", "none", "10", "true", "2026-11-23", "2026-11-23T09:00:00Z", "Printer on fire"})
}
