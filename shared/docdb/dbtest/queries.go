package dbtest

import (
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// zoo is one document per kind of value of the field v, its ids in the order of types
// and values; "absent" lacks the field.
func (f *fixture) zoo() []string {
	list := []struct {
		id string
		v  any
	}{
		{"a null", nil}, {"b false", false}, {"c true", true},
		{"d negative", int64(-3)}, {"e half", 0.5}, {"f one", int64(1)}, {"g one as float", 1.0}, {"h large", int64(1 << 60)},
		{"i empty", ""}, {"j upper", "Z"}, {"k lower", "a"}, {"l longer", "ab"}, {"m umlaut", "ä"}, {"n beyond", "\uffee"}, {"o astral", "🖨️"},
		{"p no elements", []any{}}, {"q elements", []any{"a", int64(1)}}, {"r more elements", []any{"a", int64(1), nil}},
		{"s no entries", docdb.Fields{}}, {"t entry", docdb.Fields{"k": int64(1)}}, {"u larger entry", docdb.Fields{"k": int64(2)}}, {"v later key", docdb.Fields{"l": nil}},
	}
	ids := make([]string, len(list))
	all := []docdb.Write{{Key: key("absent"), Fields: docdb.Fields{"w": true}}}
	for i, x := range list {
		ids[i] = x.id
		all = append(all, docdb.Write{Key: key(x.id), Fields: docdb.Fields{"v": x.v, "w": true}})
	}
	f.commit(all...)
	return ids
}

// letters gives the first letters of ids, to name many at once.
func letters(ids []string) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteByte(id[0])
	}
	return b.String()
}

var comparisons = []test{
	{"AComparisonMeetsValuesOfItsOwnTypeOnly", func(t *testing.T, f *fixture) {
		f.zoo()
		cases := []struct {
			cmp   docdb.Cmp
			value any
			want  string // first letters of the ids
		}{
			{docdb.Equal, nil, "a"},
			{docdb.Equal, false, "b"}, {docdb.Less, true, "b"}, {docdb.LessEqual, true, "bc"}, {docdb.More, false, "c"}, {docdb.MoreEqual, false, "bc"},
			{docdb.Equal, int64(1), "fg"}, {docdb.Equal, 1.0, "fg"}, {docdb.Equal, int64(1 << 60), "h"}, {docdb.Equal, int64(1<<60 + 1), ""},
			{docdb.Less, int64(1), "de"}, {docdb.LessEqual, 1.0, "defg"}, {docdb.More, 0.5, "fgh"}, {docdb.MoreEqual, 0.5, "efgh"}, {docdb.More, int64(1 << 60), ""},
			{docdb.Equal, "", "i"}, {docdb.Equal, "a", "k"}, {docdb.Less, "a", "ij"}, {docdb.LessEqual, "a", "ijk"}, {docdb.More, "a", "lmno"}, {docdb.MoreEqual, "a", "klmno"}, {docdb.More, "🖨️", ""},
			{docdb.Equal, []any{}, "p"}, {docdb.Equal, []any{"a", int64(1)}, "q"}, {docdb.More, []any{"a"}, "qr"}, {docdb.Less, []any{"b"}, "pqr"},
			{docdb.Equal, docdb.Fields{"k": int64(1)}, "t"}, {docdb.More, docdb.Fields{"k": int64(1)}, "uv"}, {docdb.LessEqual, docdb.Fields{"k": int64(1)}, "st"},
			{docdb.Contains, "a", "qr"}, {docdb.Contains, 1.0, "qr"}, {docdb.Contains, "k", ""},
			{docdb.ContainsAny, []any{"z", int64(1)}, "qr"}, {docdb.ContainsAny, []any{"z"}, ""},
		}
		for _, c := range cases {
			got := letters(f.find(docdb.Query{Where: []docdb.Where{{Field: "v", Cmp: c.cmp, Value: c.value}}}))
			if got != c.want {
				t.Errorf("v %s %#v: %q, want %q", c.cmp, c.value, got, c.want)
			}
		}
	}},
	{"ConditionsAreJoinedByAnd", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"group": "x", "rank": int64(1), "tags": []any{"r", "g"}})
		f.put("b", docdb.Fields{"group": "x", "rank": int64(2), "tags": []any{"g"}})
		f.put("c", docdb.Fields{"group": "y", "rank": int64(2), "tags": []any{"g", "b"}})
		f.put("d", docdb.Fields{"group": "x", "rank": int64(3)})
		x := docdb.Where{Field: "group", Cmp: docdb.Equal, Value: "x"}
		from2 := docdb.Where{Field: "rank", Cmp: docdb.MoreEqual, Value: int64(2)}
		below3 := docdb.Where{Field: "rank", Cmp: docdb.Less, Value: int64(3)}
		rgb := docdb.Where{Field: "tags", Cmp: docdb.ContainsAny, Value: []any{"r", "g", "b"}}
		green := docdb.Where{Field: "tags", Cmp: docdb.Contains, Value: "g"}
		f.equal("equalities", f.find(docdb.Query{Where: []docdb.Where{x, {Field: "rank", Cmp: docdb.Equal, Value: int64(2)}}}), []string{"b"})
		f.equal("a range in a group", f.find(docdb.Query{Where: []docdb.Where{x, from2}}), []string{"b", "d"})
		f.equal("both ends", f.find(docdb.Query{Where: []docdb.Where{x, from2, below3}}), []string{"b"})
		f.equal("any of several, each once", f.find(docdb.Query{Where: []docdb.Where{rgb}}), []string{"a", "b", "c"})
		f.equal("an element and a range", f.find(docdb.Query{Where: []docdb.Where{green, from2}}), []string{"b", "c"})
		f.equal("an element and a group", f.find(docdb.Query{Where: []docdb.Where{green, x}}), []string{"a", "b"})
		f.equal("merged indexes", f.find(docdb.Query{Where: []docdb.Where{rgb, x, from2}}), []string{"b"})
	}},
	{"ADocumentWithoutTheFieldIsNotFound", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"group": "x"})
		f.put("b", docdb.Fields{"group": "x", "rank": nil})
		f.put("c", docdb.Fields{"group": "x", "rank": int64(1)})
		x := []docdb.Where{{Field: "group", Cmp: docdb.Equal, Value: "x"}}
		f.equal("compared", f.find(docdb.Query{Where: append(x, docdb.Where{Field: "rank", Cmp: docdb.Equal, Value: nil})}), []string{"b"})
		f.equal("sorted", f.find(docdb.Query{Where: x, Order: []docdb.Order{{Field: "rank"}}}), []string{"b", "c"})
		f.equal("neither", f.find(docdb.Query{Where: x}), []string{"a", "b", "c"})
	}},
	{"FieldsWithOddNamesCanBeQueried", func(t *testing.T, f *fixture) {
		for _, name := range []string{"a.b", "x y", "back`tick", `back\slash`, "ü", "1st", "-"} {
			f.put("odd", docdb.Fields{name: int64(1)})
			f.put("nested", docdb.Fields{"a": docdb.Fields{"b": int64(1)}})
			got := f.find(docdb.Query{Where: []docdb.Where{{Field: name, Cmp: docdb.MoreEqual, Value: int64(1)}}, Order: []docdb.Order{{Field: name, Desc: true}}})
			f.equal(name, got, []string{"odd"})
		}
	}},
	{"AQuerySeesWhatWasJustWritten", func(t *testing.T, f *fixture) {
		q := docdb.Query{Where: []docdb.Where{{Field: "n", Cmp: docdb.Equal, Value: int64(1)}}}
		f.put("a", one)
		recs := f.records(q)
		if len(recs) != 1 || recs[0].Version != f.get("a").Version {
			t.Fatalf("got %v", recs)
		}
		f.put("a", two)
		f.equal("after a change", f.find(q), nil)
		f.put("a", one)
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete})
		f.equal("after its deletion", f.find(q), nil)
	}},
	{"MalformedQueriesAreRefused", func(t *testing.T, f *fixture) {
		f.zoo()
		where := func(cmp docdb.Cmp, v any) docdb.Query {
			return docdb.Query{Limit: 1, Where: []docdb.Where{{Field: "v", Cmp: cmp, Value: v}}}
		}
		two := where(docdb.Contains, "a")
		two.Where = append(two.Where, docdb.Where{Field: "w", Cmp: docdb.Contains, Value: "a"})
		bad := map[string]docdb.Query{
			"no limit":             {},
			"a large limit":        {Limit: 1001},
			"a nameless field":     {Limit: 1, Order: []docdb.Order{{}}},
			"a field sorted twice": {Limit: 1, Order: []docdb.Order{asc("v"), desc("w"), asc("v")}},
			"the store's field":    {Limit: 1, Where: []docdb.Where{{Field: "__name__", Cmp: docdb.Equal, Value: "a"}}},
			"an unknown cmp":       where("!=", "a"),
			"a range of nothing":   where(docdb.LessEqual, nil),
			"an int":               where(docdb.Equal, 1),
			"any of none":          where(docdb.ContainsAny, []any{}),
			"any of one, bare":     where(docdb.ContainsAny, "a"),
			"any of too many":      where(docdb.ContainsAny, make([]any, 31)),
			"an array as element":  where(docdb.Contains, []any{"a"}),
			"any of arrays":        where(docdb.ContainsAny, []any{[]any{"a"}}),
			"nothing as element":   where(docdb.Contains, nil),
			"any of nothing":       where(docdb.ContainsAny, []any{"a", nil}),
			"two array conditions": two,
		}
		for what, q := range bad {
			q.Collection = things
			if _, err := f.Store.Query(t.Context(), q); err == nil || fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v, want a refusal", what, err)
			}
		}
		if _, err := f.Store.Query(t.Context(), docdb.Query{Collection: "a/b", Limit: 1}); err == nil {
			t.Error("a bad collection was not refused")
		}
	}},
}
