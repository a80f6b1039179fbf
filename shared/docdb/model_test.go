package docdb_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/docdb/dbtest"
)

// model is the contract said as simply as it can be: a list of documents, and text
// that sorts. It is slow and trusts its caller.
type model struct {
	docs map[docdb.Key]docdb.Record
	n    int
}

func (m *model) Get(_ context.Context, keys []docdb.Key) (out []docdb.Record, _ error) {
	for _, k := range keys {
		r := m.docs[k]
		r.Key = k
		out = append(out, r)
	}
	return out, nil
}

func (m *model) Commit(_ context.Context, writes []docdb.Write) error {
	for _, w := range writes {
		now := m.docs[w.Key].Version
		if w.MustMiss && now != "" || w.IfVersion != "" && w.IfVersion != now {
			return docdb.ErrConflict
		}
	}
	for _, w := range writes {
		m.n++
		fields := docdb.Fields{}
		if w.Op == docdb.OpAdd {
			for name, v := range m.docs[w.Key].Fields {
				fields[name] = v
			}
			n, _ := fields["n"].(int64)
			fields["n"] = n + w.Fields["n"].(int64)
		} else {
			for name, v := range w.Fields {
				fields[name] = v
			}
		}
		m.docs[w.Key] = docdb.Record{Key: w.Key, Fields: fields, Version: docdb.Version(fmt.Sprint("v", m.n))}
		if w.Op == docdb.OpDelete {
			delete(m.docs, w.Key)
		}
	}
	return nil
}

func (m *model) Query(_ context.Context, q docdb.Query) ([]docdb.Record, error) {
	if err := q.Valid(); err != nil {
		return nil, err
	}
	var out []docdb.Record
	for k, r := range m.docs {
		if k.Collection == q.Collection && complete(r, q) && !slices.ContainsFunc(q.Where, func(w docdb.Where) bool { return !holds(r, w) }) {
			out = append(out, r)
		}
	}
	less := func(a, b []any) bool {
		desc := false
		for i := range a {
			if i < len(q.Sorted()) {
				desc = q.Sorted()[i].Desc
			}
			if x, y := text(a[i]), text(b[i]); x != y {
				return x < y != desc
			}
		}
		return false
	}
	sort.Slice(out, func(i, j int) bool { return less(q.Cursor(out[i]), q.Cursor(out[j])) })
	if len(q.After) > 0 {
		out = slices.DeleteFunc(out, func(r docdb.Record) bool { return !less(q.After, q.Cursor(r)) })
	}
	return out[:min(len(out), q.Limit)], nil
}

func complete(r docdb.Record, q docdb.Query) bool {
	return !slices.ContainsFunc(q.Sorted(), func(o docdb.Order) bool { _, ok := r.Fields[o.Field]; return !ok })
}

func holds(r docdb.Record, w docdb.Where) bool {
	v, ok := r.Fields[w.Field]
	if w.Cmp == docdb.Contains {
		list, _ := v.([]any)
		return slices.ContainsFunc(list, func(x any) bool { return text(x) == text(w.Value) })
	}
	x, y := text(v), text(w.Value)
	if !ok || x[0] != y[0] {
		return false
	}
	return map[docdb.Cmp]bool{docdb.Equal: x == y, docdb.Less: x < y, docdb.LessEqual: x <= y, docdb.More: x > y, docdb.MoreEqual: x >= y}[w.Cmp]
}

// text writes the small values of the suite such that they sort as text: type first.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "0"
	case bool:
		return map[bool]string{false: "1f", true: "1t"}[v]
	case int64:
		return fmt.Sprintf("2%08.3f", float64(v)+100)
	case float64:
		return fmt.Sprintf("2%08.3f", v+100)
	case string:
		return "3" + v + "\x00"
	case []any:
		s := "4"
		for _, x := range v {
			s += text(x)
		}
		return s
	}
	s := "5"
	for _, name := range slices.Sorted(maps.Keys(v.(docdb.Fields))) {
		s += name + text(v.(docdb.Fields)[name])
	}
	return s
}

func TestMemoryDoesWhatASimpleModelDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) }
		dbtest.Agree(t, draw, 20, docdb.NewMemory(), &model{docs: map[docdb.Key]docdb.Record{}})
	})
}
