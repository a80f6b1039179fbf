package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

func asc(field string) docdb.Order  { return docdb.Order{Field: field} }
func desc(field string) docdb.Order { return docdb.Order{Field: field, Desc: true} }

// grid is 60 documents with few distinct values, so that most are equal in any order.
func (f *fixture) grid() {
	var all []docdb.Write
	for i := range 60 {
		all = append(all, docdb.Write{Key: key(fmt.Sprintf("%02d", (i*37)%60)), Fields: docdb.Fields{
			"group": string(rune('a' + i%3)),
			"rank":  int64(i % 4),
			"size":  float64(i%2) + 0.5,
			"tags":  []any{"all", string(rune('a' + i%5))},
		}})
	}
	f.commit(all...)
}

// pages collects a query page by page.
func (f *fixture) pages(q docdb.Query, size int) []string {
	f.Helper()
	q.Limit = size
	var all []string
	for range 100 {
		recs := f.records(q)
		for _, r := range recs {
			all = append(all, r.Key.ID)
		}
		if len(recs) < size {
			return all
		}
		q.Collection = things
		q.After = q.Cursor(recs[len(recs)-1])
	}
	f.Fatalf("paging does not end: %v", q)
	return nil
}

var orders = []test{
	{"TypesSortInFirestoresOrder", func(t *testing.T, f *fixture) {
		ids := f.zoo()
		f.equal("ascending", f.find(docdb.Query{Order: []docdb.Order{asc("v")}}), ids)
		slices.Reverse(ids)
		f.equal("descending", f.find(docdb.Query{Order: []docdb.Order{desc("v")}}), ids)
	}},
	{"ValuesOfEveryTypeCanBeAPosition", func(t *testing.T, f *fixture) {
		ids := f.zoo()
		f.equal("ascending", f.pages(docdb.Query{Order: []docdb.Order{asc("v")}}, 1), ids)
		slices.Reverse(ids)
		f.equal("descending", f.pages(docdb.Query{Order: []docdb.Order{desc("v")}}, 1), ids)
	}},
	{"TiesAreBrokenByIdInTheDirectionOfTheLastField", func(t *testing.T, f *fixture) {
		for _, id := range []string{"b", "ä", "a", "B", "a2", "a10"} {
			f.put(id, docdb.Fields{"group": "x", "rank": int64(len(id))})
		}
		up, down := []string{"B", "a", "a10", "a2", "b", "ä"}, []string{"ä", "b", "a2", "a10", "a", "B"}
		f.equal("unsorted", f.find(docdb.Query{}), up)
		f.equal("ascending", f.find(docdb.Query{Order: []docdb.Order{asc("group")}}), up)
		f.equal("descending", f.find(docdb.Query{Order: []docdb.Order{desc("group")}}), down)
		f.equal("mixed", f.find(docdb.Query{Order: []docdb.Order{desc("group"), asc("rank")}}), []string{"B", "a", "b", "a2", "ä", "a10"})
	}},
	{"ARangeSortsByItsFieldWithoutBeingTold", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"rank": int64(3), "size": int64(1)})
		f.put("b", docdb.Fields{"rank": int64(2), "size": int64(2)})
		f.put("c", docdb.Fields{"rank": int64(2), "size": int64(1)})
		f.put("d", docdb.Fields{"rank": int64(1)})
		rank := docdb.Where{Field: "rank", Cmp: docdb.More, Value: int64(0)}
		size := docdb.Where{Field: "size", Cmp: docdb.More, Value: int64(0)}
		for what, c := range map[string]struct {
			q    docdb.Query
			want []string
		}{
			"by itself":           {docdb.Query{Where: []docdb.Where{rank}}, []string{"d", "b", "c", "a"}},
			"two, by name":        {docdb.Query{Where: []docdb.Where{size, rank}}, []string{"c", "b", "a"}},
			"after the told":      {docdb.Query{Where: []docdb.Where{rank}, Order: []docdb.Order{asc("size")}}, []string{"c", "a", "b"}},
			"in its direction":    {docdb.Query{Where: []docdb.Where{rank, size}, Order: []docdb.Order{desc("rank")}}, []string{"a", "b", "c"}},
			"told, the other way": {docdb.Query{Where: []docdb.Where{rank}, Order: []docdb.Order{desc("rank")}}, []string{"a", "c", "b", "d"}},
		} {
			f.equal(what, f.find(c.q), c.want)
			f.equal(what+", paged", f.pages(c.q, 1), c.want)
		}
	}},
	{"PagesShowEverythingExactlyOnce", func(t *testing.T, f *fixture) {
		f.grid()
		b := docdb.Where{Field: "group", Cmp: docdb.Equal, Value: "b"}
		for what, q := range map[string]docdb.Query{
			"unsorted":            {},
			"one field":           {Order: []docdb.Order{asc("rank")}},
			"descending":          {Order: []docdb.Order{desc("rank")}},
			"two fields":          {Order: []docdb.Order{desc("rank"), desc("size")}},
			"two ways":            {Order: []docdb.Order{desc("group"), asc("rank")}},
			"in a group":          {Where: []docdb.Where{b}, Order: []docdb.Order{desc("rank")}},
			"a range":             {Where: []docdb.Where{b, {Field: "rank", Cmp: docdb.Less, Value: int64(3)}}},
			"any of several tags": {Where: []docdb.Where{{Field: "tags", Cmp: docdb.ContainsAny, Value: []any{"all", "a", "b"}}}, Order: []docdb.Order{asc("rank")}},
		} {
			whole := f.find(q)
			if len(whole) < 10 || len(whole) != len(slices.Compact(slices.Sorted(slices.Values(whole)))) {
				t.Errorf("%s: %d records, %q", what, len(whole), whole)
			}
			for _, size := range []int{1, 4, 7, len(whole), 1000} {
				f.equal(fmt.Sprintf("%s by %d", what, size), f.pages(q, size), whole)
			}
		}
	}},
	{"APositionNeedsNoDocument", func(t *testing.T, f *fixture) {
		f.grid()
		q := docdb.Query{Order: []docdb.Order{asc("rank"), asc("size")}}
		recs := f.records(q)
		q.After = q.Cursor(recs[29])
		f.commit(docdb.Write{Key: recs[29].Key, Op: docdb.OpDelete})
		if got := f.records(q); len(got) != 30 || got[0].Key != recs[30].Key {
			t.Errorf("%d records from %v, want 30 from %v", len(got), got[0].Key, recs[30].Key)
		}
		q.After = []any{1.0, int64(-1), "x"} // as JSON might bring it back
		if got := f.records(q); len(got) == 0 || got[0].Fields["rank"] != int64(1) {
			t.Errorf("got %v", got)
		}
	}},
	{"ALimitCutsTheOrder", func(t *testing.T, f *fixture) {
		f.grid()
		q := docdb.Query{Order: []docdb.Order{desc("group"), asc("rank")}}
		whole := f.find(q)
		for _, n := range []int{1, 2, 59, 60, 61} {
			q.Limit = n
			f.equal(fmt.Sprint(n), f.find(q), whole[:min(n, 60)])
		}
	}},
	{"ABadPositionIsTheCallersMistake", func(t *testing.T, f *fixture) {
		f.grid()
		for _, after := range [][]any{{}, {"x"}, {int64(1), "x"}, {int64(1), "x", int64(2)}, {int64(1), "x", "a/b"}, {int64(1), "x", ""}, {int64(1), []string{"x"}, "a"}, {int64(1), "x", "y", "z"}} {
			q := docdb.Query{Collection: things, Order: []docdb.Order{asc("rank"), asc("size")}, After: after, Limit: 5}
			_, err := f.Store.Query(t.Context(), q)
			if len(after) == 0 && err != nil || len(after) > 0 && !fault.Is(err, fault.Invalid) {
				t.Errorf("after %v: %v", after, err)
			}
		}
	}},
	{"AnUndeclaredIndexIsRefused", func(t *testing.T, f *fixture) {
		db := docdb.Open(f.Store, Indexes())
		_, err := db.Query(t.Context(), docdb.Query{Collection: things, Order: []docdb.Order{asc("group"), desc("size")}, Limit: 1})
		if err == nil || !strings.Contains(err.Error(), "things: group asc, size desc") {
			t.Errorf("got %v, want the missing index", err)
		}
	}},
}
