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

func (c Cmp) ranges() bool { return c == Less || c == LessEqual || c == More || c == MoreEqual }

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

// Query asks for documents of one collection. A field that is compared by range but
// isn't in Order sorts after it, in the direction of the last Order; such fields go
// by name. Ties are broken by id, in that direction too.
type Query struct {
	Collection string
	Where      []Where
	Order      []Order
	Limit      int   // 1 to 1000
	After      []any // a position, as Cursor gives it
}

// Sorted is the whole order of the query but for the id: Order, then the fields that
// are compared by range.
func (q Query) Sorted() []Order {
	var more []string
	for _, w := range q.Where {
		if w.Cmp.ranges() && !slices.Contains(more, w.Field) && !slices.ContainsFunc(q.Order, func(o Order) bool { return o.Field == w.Field }) {
			more = append(more, w.Field)
		}
	}
	if len(more) == 0 {
		return q.Order
	}
	slices.Sort(more)
	all := slices.Clone(q.Order)
	for _, f := range more {
		all = append(all, Order{Field: f, Desc: q.descends()})
	}
	return all
}

// descends reports the direction in which ties are broken.
func (q Query) descends() bool { return len(q.Order) > 0 && q.Order[len(q.Order)-1].Desc }

// Cursor is the position just after r in the query's order: the values of the Sorted
// fields, then the id. It goes into After.
func (q Query) Cursor(r Record) []any {
	sorted := q.Sorted()
	out := make([]any, 0, len(sorted)+1)
	for _, o := range sorted {
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
	for _, w := range q.Where {
		switch {
		case w.Cmp == Equal:
			s.equal[w.Field] = Asc
		case !w.Cmp.ranges():
			s.equal[w.Field] = Array
		}
	}
	for _, o := range q.Sorted() {
		mode := Asc
		if o.Desc {
			mode = Desc
		}
		s.tail = append(s.tail, Indexed{Field: o.Field, Mode: mode})
	}
	return s
}

// Check refuses a malformed query, and one that the declared indexes can't serve:
// every equality must stand in an index whose other equalities the query has too
// and whose tail is the query's sort order (Firestore merges such indexes).
func Check(indexes []Index, q Query) error {
	if err := q.Valid(); err != nil {
		return err
	}
	s := q.shape()
	if s.automatic() {
		return nil
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

// automatic reports whether the indexes of single fields, which are always there, serve
// the query: one sorted field, or equalities, which can be merged. An array clause
// beside equalities can't.
func (s shape) automatic() bool {
	if len(s.tail) > 0 {
		return len(s.equal) == 0 && len(s.tail) == 1
	}
	for _, mode := range s.equal {
		if mode == Array {
			return len(s.equal) == 1
		}
	}
	return true
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
