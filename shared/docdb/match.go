package docdb

import (
	"cmp"
	"maps"
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

// compareCursors orders two positions of the query; the id, which comes last, breaks
// ties in the direction of the field before it.
func compareCursors(q Query, a, b []any) int {
	sorted := q.Sorted()
	desc := false
	for i := range a {
		if i < len(sorted) {
			desc = sorted[i].Desc
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
	case int64, float64:
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
		return compareBools(x, b.(bool))
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(float64(x), b.(float64))
	case float64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, float64(y))
		}
		return cmp.Compare(x, b.(float64))
	case string:
		return cmp.Compare(x, b.(string))
	case []any:
		return slices.CompareFunc(x, b.([]any), compare)
	case map[string]any:
		return compareMaps(x, b.(map[string]any))
	}
	return 0
}

func compareBools(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// compareMaps goes through both maps by name, and compares name, then value.
func compareMaps(x, y map[string]any) int {
	xs, ys := slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))
	for i := range min(len(xs), len(ys)) {
		if c := cmp.Compare(xs[i], ys[i]); c != 0 {
			return c
		}
		if c := compare(x[xs[i]], y[ys[i]]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(xs), len(ys))
}
