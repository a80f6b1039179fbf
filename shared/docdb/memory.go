package docdb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
	if err := ValidKeys(keys); err != nil {
		return nil, err
	}
	out := make([]Record, len(keys))
	for i, k := range keys {
		out[i] = m.record(k)
	}
	return out, nil
}

// Query implements Store.
func (m *Memory) Query(ctx context.Context, q Query) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter(ctx, "query"); err != nil {
		return nil, err
	}
	if err := q.Valid(); err != nil {
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
	if err := ValidWrites(writes); err != nil {
		return err
	}
	for _, w := range writes {
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
