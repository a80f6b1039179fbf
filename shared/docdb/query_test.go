package docdb_test

import (
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
)

func eq(field string) docdb.Where {
	return docdb.Where{Field: field, Cmp: docdb.Equal, Value: "x"}
}

func has(field string) docdb.Where {
	return docdb.Where{Field: field, Cmp: docdb.Contains, Value: "x"}
}

func from(field string) docdb.Where {
	return docdb.Where{Field: field, Cmp: docdb.MoreEqual, Value: "x"}
}

func up(field string) docdb.Order   { return docdb.Order{Field: field} }
func down(field string) docdb.Order { return docdb.Order{Field: field, Desc: true} }

func TestAQueryIsServedByAnIndexOrRefused(t *testing.T) {
	const none = "-"
	cases := []struct {
		name    string
		indexes string // one per line; none for no index at all
		where   []docdb.Where
		order   []docdb.Order
		wants   string // the index that the refusal asks for; "" if it is served
	}{
		{"everything", none, nil, nil, ""},
		{"one equality", none, []docdb.Where{eq("a")}, nil, ""},
		{"many equalities", none, []docdb.Where{eq("a"), eq("b"), eq("c")}, nil, ""},
		{"one element", none, []docdb.Where{has("a")}, nil, ""},
		{"an element and an equality", none, []docdb.Where{eq("b"), has("a")}, nil, "c: a array, b asc"},
		{"an element and an equality, declared", "b, a array", []docdb.Where{eq("b"), has("a")}, nil, ""},
		{"an element and an equality, sorted index", "b, a array, z", []docdb.Where{eq("b"), has("a")}, nil, "c: a array, b asc"},
		{"one order", none, nil, []docdb.Order{down("a")}, ""},
		{"one range", none, []docdb.Where{from("a")}, nil, ""},
		{"a range sorted by itself", none, []docdb.Where{from("a")}, []docdb.Order{down("a")}, ""},
		{"two orders", none, nil, []docdb.Order{up("a"), down("b")}, "c: a asc, b desc"},
		{"two orders, declared", "a, b desc", nil, []docdb.Order{up("a"), down("b")}, ""},
		{"two orders the other way", "a, b", nil, []docdb.Order{up("a"), down("b")}, "c: a asc, b desc"},
		{"two orders swapped", "b desc, a", nil, []docdb.Order{up("a"), down("b")}, "c: a asc, b desc"},
		{"an equality and an order", none, []docdb.Where{eq("a")}, []docdb.Order{down("b")}, "c: a asc, b desc"},
		{"an equality and an order, declared", "a, b desc", []docdb.Where{eq("a")}, []docdb.Order{down("b")}, ""},
		{"an equality's own direction doesn't matter", "a desc, b desc", []docdb.Where{eq("a")}, []docdb.Order{down("b")}, ""},
		{"an equality in an array index", "a array, b desc", []docdb.Where{eq("a")}, []docdb.Order{down("b")}, "c: a asc, b desc"},
		{"an element in an array index", "a array, b desc", []docdb.Where{has("a")}, []docdb.Order{down("b")}, ""},
		{"an element in a plain index", "a, b desc", []docdb.Where{has("a")}, []docdb.Order{down("b")}, "c: a array, b desc"},
		{"another collection's index", "other: a, b", []docdb.Where{eq("a")}, []docdb.Order{up("b")}, "c: a asc, b asc"},
		{"equalities in any order", "b, a, z", []docdb.Where{eq("a"), eq("b")}, []docdb.Order{up("z")}, ""},
		{"two merged", "a, z\nb, z", []docdb.Where{eq("a"), eq("b")}, []docdb.Order{up("z")}, ""},
		{"three merged, one of them wide", "tags array, z desc\na, b, z desc", []docdb.Where{eq("b"), eq("a"), has("tags")}, []docdb.Order{down("z")}, ""},
		{"merged with overlap", "a, b, z\nb, d, z", []docdb.Where{eq("a"), eq("b"), eq("d")}, []docdb.Order{up("z")}, ""},
		{"merging must cover every equality", "a, z", []docdb.Where{eq("a"), eq("b")}, []docdb.Order{up("z")}, "c: a asc, b asc, z asc"},
		{"merging needs one sort order", "a, z\nb, z desc", []docdb.Where{eq("a"), eq("b")}, []docdb.Order{up("z")}, "c: a asc, b asc, z asc"},
		{"an index with more equalities is no help", "a, b, z", []docdb.Where{eq("a")}, []docdb.Order{up("z")}, "c: a asc, z asc"},
		{"an index with a longer tail is no help", "a, z, y", []docdb.Where{eq("a")}, []docdb.Order{up("z")}, "c: a asc, z asc"},
		{"an index with a shorter tail is no help", "a, z", []docdb.Where{eq("a")}, []docdb.Order{up("z"), up("y")}, "c: a asc, z asc, y asc"},
		{"an equality and a range", "a, z", []docdb.Where{eq("a"), from("z")}, nil, ""},
		{"both ends of a range count once", "a, z", []docdb.Where{eq("a"), from("z"), from("z")}, nil, ""},
		{"a range in the order's direction", "a, z desc", []docdb.Where{eq("a"), from("z")}, []docdb.Order{down("z")}, ""},
		{"two ranges, by name", "y, z", []docdb.Where{from("z"), from("y")}, nil, ""},
		{"a range behind an order", "z desc, y desc", []docdb.Where{from("y")}, []docdb.Order{down("z")}, ""},
	}
	for _, c := range cases {
		var indexes []docdb.Index
		for _, line := range strings.Split(c.indexes, "\n") {
			if collection, fields, ok := strings.Cut(line, ": "); ok {
				indexes = append(indexes, docdb.On(collection, strings.Split(fields, ", ")...))
			} else if line != none {
				indexes = append(indexes, docdb.On("c", strings.Split(line, ", ")...))
			}
		}
		err := docdb.Check(indexes, docdb.Query{Collection: "c", Where: c.where, Order: c.order, Limit: 1})
		if (err == nil) != (c.wants == "") || err != nil && !strings.HasSuffix(err.Error(), `"`+c.wants+`"`) {
			t.Errorf("%s: %v, want %q", c.name, err, c.wants)
		}
	}
}

func TestTheIndexThatARefusalNamesServesTheQuery(t *testing.T) {
	q := docdb.Query{Collection: "c", Where: []docdb.Where{has("tags"), eq("b"), from("y")}, Order: []docdb.Order{down("z")}, Limit: 1}
	err := docdb.Check(nil, q)
	_, named, _ := strings.Cut(err.Error(), `"c: `)
	ix := docdb.On("c", strings.Split(strings.TrimSuffix(named, `"`), ", ")...)
	if err := docdb.Check([]docdb.Index{ix}, q); err != nil {
		t.Errorf("with %s: %v", ix, err)
	}
}

func TestAnIndexInShortFormSaysWhatItIs(t *testing.T) {
	ix := docdb.On("tickets", "audience array", "status", "updated desc")
	want := []docdb.Indexed{{Field: "audience", Mode: docdb.Array}, {Field: "status", Mode: docdb.Asc}, {Field: "updated", Mode: docdb.Desc}}
	if !slices.Equal(ix.Fields, want) || ix.String() != "tickets: audience array, status asc, updated desc" {
		t.Errorf("got %+v, %s", ix.Fields, ix)
	}
}

func TestACursorHoldsEverySortedFieldAndTheID(t *testing.T) {
	q := docdb.Query{Where: []docdb.Where{from("y"), from("x")}, Order: []docdb.Order{down("z")}}
	r := docdb.Record{Key: docdb.Key{Collection: "c", ID: "me"}, Fields: docdb.Fields{"x": "1", "y": "2", "z": "3", "w": "4"}}
	if got := q.Cursor(r); !slices.Equal(got, []any{"3", "1", "2", "me"}) {
		t.Errorf("got %v", got)
	}
	if got := q.Sorted(); !slices.Equal(got, []docdb.Order{down("z"), down("x"), down("y")}) || len(q.Order) != 1 {
		t.Errorf("got %v", got)
	}
}
