package dbtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// T is the part of testing.T that Agree needs; a property-testing library has one too.
type T interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// Draw makes a choice from 0 to n-1. A property-testing library or a seeded random
// generator stands behind it.
type Draw func(what string, n int) int

// Agree does the same random commits and queries on two empty stores and fails where
// they differ: in what they hold, in what they find, in which order, in which commits
// they take, and in why they don't. Versions may differ; what they protect may not.
func Agree(t T, draw Draw, steps int, one, other docdb.Store) {
	a := &agreement{T: t, draw: draw, stores: [2]docdb.Store{one, other}, versions: map[docdb.Key][][2]docdb.Version{}}
	for a.step = range steps {
		if draw("read or write", 3) == 0 {
			a.query()
		} else {
			a.commit()
		}
	}
	a.compareAll()
}

type agreement struct {
	T
	draw     Draw
	step     int
	stores   [2]docdb.Store
	versions map[docdb.Key][][2]docdb.Version // every pair seen so far, the current one last
}

// few makes collisions of keys likely.
var few = []docdb.Key{key("a"), key("ä"), key("b"), key("B~1"), {Collection: "others", ID: "a"}}

// pool holds the values that documents and queries are made of.
var pool = []any{nil, false, true, int64(-1), int64(0), int64(2), 2.0, 2.5, "", "a", "ab", "ä",
	[]any{}, []any{"a"}, []any{"a", int64(2)}, docdb.Fields{}, docdb.Fields{"k": "a"}, docdb.Fields{"k": []any{int64(2)}}}

var names = []string{"f", "g", "h.i"}

func (a *agreement) commit() {
	keys := few[a.draw("first key", len(few)):]
	keys = keys[:min(len(keys), 1+a.draw("writes", 3))]
	var writes [2][]docdb.Write
	for _, k := range keys {
		w, pair := a.write(k)
		for i := range writes {
			w.IfVersion = pair[i]
			writes[i] = append(writes[i], w)
		}
	}
	var outcome [2]string
	for i, s := range a.stores {
		outcome[i] = class(s.Commit(a.Context(), writes[i]))
	}
	if outcome[0] != outcome[1] {
		a.Fatalf("step %d: commit %+v: %s and %s", a.step, writes[0], outcome[0], outcome[1])
	}
	a.compareAll()
}

// write draws one write, and a pair of versions for its condition.
func (a *agreement) write(k docdb.Key) (w docdb.Write, pair [2]docdb.Version) {
	w = docdb.Write{Key: k, Op: docdb.Op(a.draw("op", 3))}
	if w.Op == docdb.OpAdd {
		w.Fields = docdb.Fields{"n": int64(a.draw("delta", 5) + 1)}
		return w, pair
	}
	if w.Op == docdb.OpPut {
		// The step is in it because a put that changes nothing may or may not make a
		// new version.
		w.Fields = docdb.Fields{"step": int64(a.step)}
		for _, name := range names {
			if i := a.draw("value of "+name, len(pool)+1); i < len(pool) {
				w.Fields[name] = pool[i]
			}
		}
	}
	known := a.versions[k]
	switch a.draw("condition", 3) {
	case 1:
		w.MustMiss = true
	case 2:
		if len(known) > 0 { // the current one as often as all stale ones
			last := len(known) - 1
			pair = known[max(0, last-max(0, a.draw("version", 2*len(known))-last))]
		}
	}
	return w, pair
}

func (a *agreement) query() {
	q := docdb.Query{Collection: things, Limit: 1 + a.draw("limit", 4)}
	for range a.draw("conditions", 3) {
		w := docdb.Where{Field: names[a.draw("field", len(names))], Value: pool[a.draw("value", len(pool))]}
		w.Cmp = []docdb.Cmp{docdb.Equal, docdb.Less, docdb.LessEqual, docdb.More, docdb.MoreEqual, docdb.Contains}[a.draw("cmp", 6)]
		q.Where = append(q.Where, w)
	}
	for _, name := range names[a.draw("first order", len(names)):] {
		if a.draw("order", 2) == 0 {
			q.Order = append(q.Order, docdb.Order{Field: name, Desc: a.draw("desc", 2) == 0})
		}
	}
	for {
		recs := a.both("query", q, func(s docdb.Store) ([]docdb.Record, error) { return s.Query(a.Context(), q) })
		if len(recs) < q.Limit {
			return
		}
		q.After = q.Cursor(recs[len(recs)-1])
	}
}

// compareAll reads every key from both stores and notes the versions.
func (a *agreement) compareAll() {
	recs := a.both("get", few, func(s docdb.Store) ([]docdb.Record, error) { return s.Get(a.Context(), few) })
	other, err := a.stores[1].Get(a.Context(), few)
	if err != nil {
		a.Fatalf("step %d: %v", a.step, err)
	}
	for i, r := range recs {
		pair := [2]docdb.Version{r.Version, other[i].Version}
		known := a.versions[r.Key]
		if r.Exists() && (len(known) == 0 || known[len(known)-1] != pair) {
			a.versions[r.Key] = append(known, pair)
		}
	}
}

// both reads from both stores and compares all but the versions.
func (a *agreement) both(what string, arg any, read func(docdb.Store) ([]docdb.Record, error)) []docdb.Record {
	a.Helper()
	first, err1 := read(a.stores[0])
	second, err2 := read(a.stores[1])
	if class(err1) != class(err2) {
		a.Fatalf("step %d: %s %+v: %v and %v", a.step, what, arg, err1, err2)
	}
	if x, y := plain(first), plain(second); !reflect.DeepEqual(x, y) {
		a.Fatalf("step %d: %s %+v:\n%v\n%v", a.step, what, arg, x, y)
	}
	return first
}

func plain(recs []docdb.Record) []string {
	out := make([]string, len(recs))
	for i, r := range recs {
		out[i] = fmt.Sprintf("%s %t %#v", r.Key, r.Exists(), r.Fields)
	}
	return out
}

func class(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, docdb.ErrConflict):
		return "conflict"
	case fault.Is(err, fault.Unavailable):
		return "unavailable: " + err.Error()
	}
	return "refused"
}
