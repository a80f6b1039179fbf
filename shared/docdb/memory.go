package docdb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Memory is the strict twin of the real database: everything lives in maps, versions
// count up, and whatever Firestore would refuse is refused. It is safe for
// concurrent use. It is for tests and simulation; it never forgets expired
// documents by itself.
type Memory struct {
	mu    sync.Mutex
	docs  map[Key]stored
	clock uint64
	// Before, when set, is called before every operation ("get", "query",
	// "commit"); an error it returns is the operation's. Tests inject faults here.
	Before func(op string) error
	// After, when set, is called after a commit took effect; an error it returns
	// reaches the caller although the writes are there: a lost answer.
	After func(op string) error
}

type stored struct {
	fields  Fields
	version uint64
	expires time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{docs: map[Key]stored{}} }

// Get implements Store.
func (m *Memory) Get(ctx context.Context, keys []Key) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter(ctx, "get"); err != nil {
		return nil, err
	}
	out := make([]Record, len(keys))
	for i, k := range keys {
		if err := validKey(k); err != nil {
			return nil, err
		}
		out[i] = m.record(k)
	}
	return out, nil
}

// Query implements Store.
func (m *Memory) Query(ctx context.Context, q Query) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := q.valid(); err != nil {
		return nil, err
	}
	if err := m.enter(ctx, "query"); err != nil {
		return nil, err
	}
	var out []Record
	for k, d := range m.docs {
		if k.Collection == q.Collection && q.matches(k, d.fields) {
			out = append(out, m.record(k))
		}
	}
	slices.SortFunc(out, func(a, b Record) int { return compareCursors(q, q.Cursor(a), q.Cursor(b)) })
	return out[:min(len(out), q.Limit)], nil
}

// Commit implements Store.
func (m *Memory) Commit(ctx context.Context, writes []Write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter(ctx, "commit"); err != nil {
		return err
	}
	if err := m.check(writes); err != nil {
		return err
	}
	for _, w := range writes {
		m.apply(w)
	}
	if m.After != nil {
		return m.After("commit")
	}
	return nil
}

// Dump returns every record of a collection by id, for tests that compare states.
func (m *Memory) Dump(collection string) []Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Record
	for k := range m.docs {
		if k.Collection == collection {
			out = append(out, m.record(k))
		}
	}
	slices.SortFunc(out, func(a, b Record) int { return cmp.Compare(a.Key.ID, b.Key.ID) })
	return out
}

func (m *Memory) enter(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.Before != nil {
		return m.Before(op)
	}
	return nil
}

func (m *Memory) record(k Key) Record {
	d, ok := m.docs[k]
	if !ok {
		return Record{Key: k}
	}
	return Record{Key: k, Fields: clone(d.fields).(map[string]any), Version: Version(strconv.FormatUint(d.version, 10))}
}

func (m *Memory) check(writes []Write) error {
	seen := map[Key]bool{}
	for _, w := range writes {
		if err := validWrite(w); err != nil {
			return err
		}
		if seen[w.Key] {
			return fmt.Errorf("docdb: %s stands twice in one commit", w.Key)
		}
		seen[w.Key] = true
		now := m.record(w.Key)
		if (w.MustMiss && now.Exists()) || (w.IfVersion != "" && now.Version != w.IfVersion) {
			return fmt.Errorf("%w: %s", ErrConflict, w.Key)
		}
		for f := range w.Fields {
			if w.Op != OpAdd || now.Fields[f] == nil {
				continue
			}
			if _, ok := now.Fields[f].(int64); !ok {
				return fmt.Errorf("docdb: can't add to %s.%s: not a whole number", w.Key, f)
			}
		}
	}
	return nil
}

func (m *Memory) apply(w Write) {
	m.clock++
	switch w.Op {
	case OpDelete:
		delete(m.docs, w.Key)
	case OpPut:
		m.docs[w.Key] = stored{fields: clone(w.Fields).(map[string]any), version: m.clock, expires: w.Expires}
	case OpAdd:
		d := m.docs[w.Key]
		d.fields, d.version = maps.Clone(d.fields), m.clock
		if d.fields == nil {
			d.fields = Fields{}
		}
		for f, delta := range w.Fields {
			old, _ := d.fields[f].(int64)
			d.fields[f] = old + delta.(int64)
		}
		m.docs[w.Key] = d
	}
}

func validKey(k Key) error {
	if k.Collection == "" || k.ID == "" || k.ID == "." || k.ID == ".." || len(k.ID) > 1500 || strings.ContainsAny(k.Collection+k.ID, "/\x00") {
		return fmt.Errorf("docdb: bad key %q", k)
	}
	return nil
}

func validWrite(w Write) error {
	if err := validKey(w.Key); err != nil {
		return err
	}
	if w.Op == OpAdd && (w.MustMiss || w.IfVersion != "") {
		return fmt.Errorf("docdb: adding to %s takes no condition", w.Key)
	}
	for name, v := range w.Fields {
		if _, ok := v.(int64); w.Op == OpAdd && !ok {
			return fmt.Errorf("docdb: %s.%s: a delta is an int64", w.Key, name)
		}
		if err := storable(v); err != nil {
			return fmt.Errorf("docdb: %s.%s: %w", w.Key, name, err)
		}
	}
	return nil
}

// storable refuses what Firestore can't hold: other Go types, and arrays in arrays.
func storable(v any) error {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return nil
	case []any:
		for _, x := range v {
			if _, nested := x.([]any); nested {
				return fmt.Errorf("an array directly in an array can't be stored")
			}
			if err := storable(x); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		for _, x := range v {
			if err := storable(x); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("a %T can't be stored", v)
}

func clone(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = clone(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = clone(v[k])
		}
		return out
	}
	return v
}
