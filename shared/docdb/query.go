package docdb

import (
	"fmt"
	"slices"
	"strings"
)

// Cmp compares a field with a value in a query.
type Cmp string

// The comparisons that a query may use. A field that holds an array can be asked
// for one element (Contains) or any of several (ContainsAny, up to 30); a query has
// at most one such clause.
const (
	Equal       Cmp = "=="
	Less        Cmp = "<"
	LessEqual   Cmp = "<="
	More        Cmp = ">"
	MoreEqual   Cmp = ">="
	Contains    Cmp = "contains"
	ContainsAny Cmp = "contains-any"
)

// Where is one condition; conditions of a query are joined by "and".
type Where struct {
	Field string
	Cmp   Cmp
	Value any // ContainsAny: []any
}

// Order sorts by a field. A document that lacks the field is not in the result.
type Order struct {
	Field string
	Desc  bool
}

// Query asks for documents of one collection. Ties are broken by id, in the
// direction of the last Order.
type Query struct {
	Collection string
	Where      []Where
	Order      []Order
	Limit      int   // 1 to 1000
	After      []any // a position: the values of the Order fields, then the id
}

// Cursor is the position just after r in the query's order; it goes into After.
func (q Query) Cursor(r Record) []any {
	out := make([]any, 0, len(q.Order)+1)
	for _, o := range q.Order {
		out = append(out, r.Fields[o.Field])
	}
	return append(out, r.Key.ID)
}

// Mode is how an index holds a field.
type Mode string

// The modes of an indexed field.
const (
	Asc   Mode = "asc"
	Desc  Mode = "desc"
	Array Mode = "array"
)

// Indexed is one field of an Index.
type Indexed struct {
	Field string
	Mode  Mode
}

// Index is a declared composite index. Single fields need no declaration.
type Index struct {
	Collection string
	Fields     []Indexed
}

// On declares an index in short form: each field is "name", "name desc" or
// "name array".
func On(collection string, fields ...string) Index {
	ix := Index{Collection: collection}
	for _, f := range fields {
		name, mode, _ := strings.Cut(f, " ")
		if mode == "" {
			mode = string(Asc)
		}
		ix.Fields = append(ix.Fields, Indexed{Field: name, Mode: Mode(mode)})
	}
	return ix
}

// String is the index on one line, e.g. "tickets: audience array, updated desc".
func (ix Index) String() string {
	parts := make([]string, len(ix.Fields))
	for i, f := range ix.Fields {
		parts[i] = f.Field + " " + string(f.Mode)
	}
	return ix.Collection + ": " + strings.Join(parts, ", ")
}

// shape is what a query demands of indexes: equalities (array clauses among them)
// in any order, then the sorted tail.
type shape struct {
	equal map[string]Mode
	tail  []Indexed
}

func (q Query) shape() shape {
	s := shape{equal: map[string]Mode{}}
	var ranges []string
	for _, w := range q.Where {
		switch w.Cmp {
		case Equal:
			s.equal[w.Field] = Asc
		case Contains, ContainsAny:
			s.equal[w.Field] = Array
		default:
			if !slices.Contains(ranges, w.Field) {
				ranges = append(ranges, w.Field)
			}
		}
	}
	last := Asc
	for _, o := range q.Order {
		last = Asc
		if o.Desc {
			last = Desc
		}
		s.tail = append(s.tail, Indexed{Field: o.Field, Mode: last})
	}
	for _, f := range ranges {
		if !slices.ContainsFunc(s.tail, func(x Indexed) bool { return x.Field == f }) {
			s.tail = append(s.tail, Indexed{Field: f, Mode: last})
		}
	}
	return s
}

// Check refuses a malformed query, and one that the declared indexes can't serve:
// every equality must stand in an index whose other equalities the query has too
// and whose tail is the query's sort order (Firestore merges such indexes).
func Check(indexes []Index, q Query) error {
	if err := q.valid(); err != nil {
		return err
	}
	s := q.shape()
	if len(s.tail) == 0 || (len(s.equal) == 0 && len(s.tail) == 1) {
		return nil // single-field indexes are always there
	}
	covered := map[string]bool{}
	found := false
	for _, ix := range indexes {
		if ix.Collection != q.Collection || !s.servedBy(ix) {
			continue
		}
		found = true
		for _, f := range ix.Fields[:len(ix.Fields)-len(s.tail)] {
			covered[f.Field] = true
		}
	}
	if !found || len(covered) != len(s.equal) {
		return fmt.Errorf("docdb: no declared index serves this query; it needs one like %q", s.wanted(q.Collection))
	}
	return nil
}

// servedBy reports whether ix is made of some of the query's equalities followed by
// exactly its tail.
func (s shape) servedBy(ix Index) bool {
	head := len(ix.Fields) - len(s.tail)
	if head < 0 || !slices.Equal(ix.Fields[head:], s.tail) {
		return false
	}
	for _, f := range ix.Fields[:head] {
		mode, ok := s.equal[f.Field]
		if !ok || (mode == Array) != (f.Mode == Array) {
			return false
		}
	}
	return true
}

// wanted is the one index that would serve the query without merging.
func (s shape) wanted(collection string) string {
	ix := Index{Collection: collection}
	for f, m := range s.equal {
		ix.Fields = append(ix.Fields, Indexed{Field: f, Mode: m})
	}
	slices.SortFunc(ix.Fields, func(a, b Indexed) int { return strings.Compare(a.Field, b.Field) })
	ix.Fields = append(ix.Fields, s.tail...)
	return ix.String()
}

func (q Query) valid() error {
	arrays := 0
	for _, w := range q.Where {
		switch w.Cmp {
		case Contains:
			arrays++
		case ContainsAny:
			arrays++
			if vs, ok := w.Value.([]any); !ok || len(vs) == 0 || len(vs) > 30 {
				return fmt.Errorf("docdb: %s on %s takes 1 to 30 values", w.Cmp, w.Field)
			}
		case Equal, Less, LessEqual, More, MoreEqual:
		default:
			return fmt.Errorf("docdb: unknown comparison %q", w.Cmp)
		}
	}
	switch {
	case q.Collection == "" || strings.Contains(q.Collection, "/"):
		return fmt.Errorf("docdb: bad collection %q", q.Collection)
	case arrays > 1:
		return fmt.Errorf("docdb: a query has at most one array clause")
	case q.Limit < 1 || q.Limit > 1000:
		return fmt.Errorf("docdb: a query's limit is 1 to 1000, not %d", q.Limit)
	case len(q.After) != 0 && len(q.After) != len(q.Order)+1:
		return fmt.Errorf("docdb: a position has %d values, not %d", len(q.Order)+1, len(q.After))
	}
	return nil
}
