package firestore

import (
	"strings"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"ticketsystem.example/shared/docdb"
)

type (
	structured = firestorepb.StructuredQuery
	filter     = firestorepb.StructuredQuery_Filter
)

var operators = map[docdb.Cmp]firestorepb.StructuredQuery_FieldFilter_Operator{
	docdb.Equal:       firestorepb.StructuredQuery_FieldFilter_EQUAL,
	docdb.Less:        firestorepb.StructuredQuery_FieldFilter_LESS_THAN,
	docdb.LessEqual:   firestorepb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL,
	docdb.More:        firestorepb.StructuredQuery_FieldFilter_GREATER_THAN,
	docdb.MoreEqual:   firestorepb.StructuredQuery_FieldFilter_GREATER_THAN_OR_EQUAL,
	docdb.Contains:    firestorepb.StructuredQuery_FieldFilter_ARRAY_CONTAINS,
	docdb.ContainsAny: firestorepb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY,
}

// structured says a valid query in Firestore's words. The whole order is written out,
// so that a position has a value for each part of it.
func (s *Store) structured(q docdb.Query) *structured {
	out := &structured{
		From:  []*firestorepb.StructuredQuery_CollectionSelector{{CollectionId: q.Collection}},
		Where: where(q.Where),
		Limit: wrapperspb.Int32(int32(q.Limit)),
	}
	direction := firestorepb.StructuredQuery_ASCENDING
	for _, o := range q.Sorted() {
		direction = firestorepb.StructuredQuery_ASCENDING
		if o.Desc {
			direction = firestorepb.StructuredQuery_DESCENDING
		}
		out.OrderBy = append(out.OrderBy, &firestorepb.StructuredQuery_Order{Field: ref(path(o.Field)), Direction: direction})
	}
	out.OrderBy = append(out.OrderBy, &firestorepb.StructuredQuery_Order{Field: ref("__name__"), Direction: direction})
	if len(q.After) > 0 {
		last := len(q.After) - 1
		key := docdb.Key{Collection: q.Collection, ID: q.After[last].(string)}
		out.StartAt = &firestorepb.Cursor{Before: false}
		for _, v := range q.After[:last] {
			out.StartAt.Values = append(out.StartAt.Values, toValue(v))
		}
		out.StartAt.Values = append(out.StartAt.Values, toValue(reference(s.name(key))))
	}
	return out
}

func where(conditions []docdb.Where) *filter {
	filters := make([]*filter, len(conditions))
	for i, w := range conditions {
		filters[i] = condition(w)
	}
	switch len(filters) {
	case 0:
		return nil
	case 1:
		return filters[0]
	}
	return &filter{FilterType: &firestorepb.StructuredQuery_Filter_CompositeFilter{
		CompositeFilter: &firestorepb.StructuredQuery_CompositeFilter{Op: firestorepb.StructuredQuery_CompositeFilter_AND, Filters: filters},
	}}
}

func condition(w docdb.Where) *filter {
	if w.Cmp == docdb.Equal && w.Value == nil {
		return &filter{FilterType: &firestorepb.StructuredQuery_Filter_UnaryFilter{UnaryFilter: &firestorepb.StructuredQuery_UnaryFilter{
			Op:          firestorepb.StructuredQuery_UnaryFilter_IS_NULL,
			OperandType: &firestorepb.StructuredQuery_UnaryFilter_Field{Field: ref(path(w.Field))},
		}}}
	}
	return &filter{FilterType: &firestorepb.StructuredQuery_Filter_FieldFilter{FieldFilter: &firestorepb.StructuredQuery_FieldFilter{
		Field: ref(path(w.Field)), Op: operators[w.Cmp], Value: toValue(w.Value),
	}}}
}

func ref(path string) *firestorepb.StructuredQuery_FieldReference {
	return &firestorepb.StructuredQuery_FieldReference{FieldPath: path}
}

var quoting = strings.NewReplacer(`\`, `\\`, "`", "\\`")

// path names a top-level field, in quotes unless it is a simple word: docdb's names
// may hold dots and spaces, and a dot means no descent.
func path(name string) string {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return "`" + quoting.Replace(name) + "`"
		}
	}
	return name
}
