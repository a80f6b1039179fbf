package docdb

import (
	"cmp"
	"slices"
)

// matches reports whether a document is in the query's result, as Firestore sees it:
// it has every field that is compared or sorted by, and lies after the position.
func (q Query) matches(k Key, f Fields) bool {
	for _, w := range q.Where {
		v, ok := f[w.Field]
		if !ok || !w.holds(v) {
			return false
		}
	}
	for _, o := range q.Order {
		if _, ok := f[o.Field]; !ok {
			return false
		}
	}
	return len(q.After) == 0 || compareCursors(q, q.Cursor(Record{Key: k, Fields: f}), q.After) > 0
}

func (w Where) holds(v any) bool {
	switch w.Cmp {
	case Contains:
		return holdsAny(v, []any{w.Value})
	case ContainsAny:
		return holdsAny(v, w.Value.([]any))
	}
	if rank(v) != rank(w.Value) {
		return false // Firestore compares within one type only
	}
	c := compare(v, w.Value)
	switch w.Cmp {
	case Equal:
		return c == 0
	case Less:
		return c < 0
	case LessEqual:
		return c <= 0
	case More:
		return c > 0
	default:
		return c >= 0
	}
}

func holdsAny(v any, wanted []any) bool {
	elements, _ := v.([]any)
	return slices.ContainsFunc(elements, func(e any) bool {
		return slices.ContainsFunc(wanted, func(x any) bool { return rank(e) == rank(x) && compare(e, x) == 0 })
	})
}

// compareCursors orders two positions of the query; the id breaks ties in the last
// order's direction.
func compareCursors(q Query, a, b []any) int {
	desc := false
	for i := range a {
		if i < len(q.Order) {
			desc = q.Order[i].Desc
		}
		c := compare(a[i], b[i])
		if desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// rank is Firestore's order of types: null, booleans, numbers, strings, arrays, maps.
func rank(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case bool:
		return 1
	case int64, float64, int:
		return 2
	case string:
		return 3
	case []any:
		return 4
	}
	return 5
}

// compare orders two values, of different types by rank.
func compare(a, b any) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch x := a.(type) {
	case bool:
		y := b.(bool)
		switch {
		case x == y:
			return 0
		case !x:
			return -1
		}
		return 1
	case int64, float64, int:
		return cmp.Compare(number(a), number(b))
	case string:
		return cmp.Compare(x, b.(string))
	case []any:
		return slices.CompareFunc(x, b.([]any), compare)
	}
	return 0
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case int:
		return float64(v)
	}
	return v.(float64)
}
