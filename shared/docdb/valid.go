package docdb

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"ticketsystem.example/shared/fault"
)

// The limits of Firestore, which hold for every store.
const (
	MaxWrites   = 500              // writes in a commit (Firestore's own limit is on size)
	MaxCommit   = 7 << 19          // bytes of all documents in a commit: 3.5 MiB, as the emulator takes messages of 4 MiB
	MaxDocument = 1 << 20          // bytes of a document, as Firestore counts them
	MaxValue    = MaxDocument - 89 // bytes of one string
	MaxID       = 1500             // bytes of an id, or of a field's name
	MaxDepth    = 20               // maps and arrays in one another
	maxAny      = 30               // values of a ContainsAny
	maxLimit    = 1000             // records of a query
	overhead    = 32               // bytes that a document or map costs on top of its content
)

// ValidKeys refuses keys that no document can have. Such a key may have come from
// outside, so the fault is NotFound.
func ValidKeys(keys []Key) error {
	for _, k := range keys {
		if err := validKey(k); err != nil {
			return fault.Wrap(err, fault.NotFound, "not_found", "There is no such document, or it isn't yours to see.")
		}
	}
	return nil
}

// ValidWrites refuses a commit that Firestore would refuse, whatever is stored: bad
// keys and names, values that it can't hold, too much at once, one key twice. Every
// Store calls it first, so that all of them refuse the same.
func ValidWrites(writes []Write) error {
	if len(writes) > MaxWrites {
		return fmt.Errorf("docdb: a commit holds at most %d writes, not %d", MaxWrites, len(writes))
	}
	total := 0
	seen := make(map[Key]bool, len(writes))
	for _, w := range writes {
		if err := validKey(w.Key); err != nil {
			return err
		}
		if seen[w.Key] {
			return fmt.Errorf("docdb: %s stands twice in one commit", w.Key)
		}
		seen[w.Key] = true
		size, err := w.check()
		if err != nil {
			return fmt.Errorf("docdb: %s: %w", w.Key, err)
		}
		total += size
	}
	if total > MaxCommit {
		return tooLarge("a commit of %d bytes", total)
	}
	return nil
}

// check refuses a bad write and returns how many bytes its document has.
func (w Write) check() (size int, err error) {
	if w.Op < OpPut || w.Op > OpAdd {
		return 0, fmt.Errorf("unknown write %d", w.Op)
	}
	if w.MustMiss && w.IfVersion != "" {
		return 0, errors.New("a write has one condition at most")
	}
	if w.Op == OpAdd && (w.MustMiss || w.IfVersion != "") {
		return 0, errors.New("adding takes no condition")
	}
	if w.Op != OpPut && !w.Expires.IsZero() {
		return 0, errors.New("only a put can set when the document expires")
	}
	size = overhead + len(w.Key.Collection) + len(w.Key.ID) + 18
	for name, v := range w.Fields {
		if err := validName(name); err != nil {
			return 0, err
		}
		if _, ok := v.(int64); w.Op == OpAdd && !ok {
			return 0, fmt.Errorf("%s: a delta is an int64", name)
		}
		n, err := measure(v, 0)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		size += len(name) + 1 + n
	}
	if size > MaxDocument {
		return 0, tooLarge("a document of %d bytes", size)
	}
	return size, nil
}

func tooLarge(format string, args ...any) error {
	return fault.Wrap(fmt.Errorf(format, args...), fault.Invalid, "too_large", "This is too large to be stored; please make it smaller.")
}

func validKey(k Key) error {
	switch {
	case badSegment(k.Collection):
		return fmt.Errorf("docdb: bad collection %q", k.Collection)
	case badSegment(k.ID):
		return fmt.Errorf("docdb: bad id in %q", k.Collection)
	}
	return nil
}

func badSegment(s string) bool {
	return s == "" || s == "." || s == ".." || len(s) > MaxID || reserved(s) ||
		strings.ContainsAny(s, "/\x00") || !utf8.ValidString(s)
}

// reserved reports names that Firestore keeps for itself.
func reserved(s string) bool {
	return len(s) >= 4 && strings.HasPrefix(s, "__") && strings.HasSuffix(s, "__")
}

// validName refuses field names. Those that begin with an underscore belong to the
// store, which keeps its own notes beside the document's fields.
func validName(name string) error {
	if name == "" || name[0] == '_' || len(name) > MaxID || !utf8.ValidString(name) {
		return fmt.Errorf("bad field name %q", name)
	}
	return nil
}

// measure returns a value's size as Firestore counts it, and refuses what Firestore
// can't hold: other Go types, arrays in arrays, text that isn't UTF-8.
func measure(v any, depth int) (int, error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("deeper than %d levels", MaxDepth)
	}
	switch v := v.(type) {
	case nil, bool:
		return 1, nil
	case int64:
		return 8, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, errors.New("not a finite number")
		}
		return 8, nil
	case string:
		if !utf8.ValidString(v) {
			return 0, errors.New("text that is not UTF-8")
		}
		if len(v) > MaxValue {
			return 0, tooLarge("a text of %d bytes", len(v))
		}
		return len(v) + 1, nil
	case []any:
		return measureArray(v, depth)
	case map[string]any:
		return measureMap(v, depth)
	}
	return 0, fmt.Errorf("a %T can't be stored", v)
}

func measureArray(list []any, depth int) (int, error) {
	size := 0
	for _, x := range list {
		if _, nested := x.([]any); nested {
			return 0, errors.New("an array directly in an array can't be stored")
		}
		n, err := measure(x, depth+1)
		if err != nil {
			return 0, err
		}
		size += n
	}
	return size, nil
}

func measureMap(m map[string]any, depth int) (int, error) {
	size := overhead
	for name, x := range m {
		if name == "" || reserved(name) || !utf8.ValidString(name) {
			return 0, fmt.Errorf("bad name %q in a map", name)
		}
		n, err := measure(x, depth+1)
		if err != nil {
			return 0, err
		}
		size += len(name) + 1 + n
	}
	return size, nil
}

// Valid refuses a malformed query, in the same way for every store. A bad position
// may have come from outside, so it is fault.Invalid.
func (q Query) Valid() error {
	arrays := 0
	for _, w := range q.Where {
		if err := w.valid(); err != nil {
			return err
		}
		if w.Cmp == Contains || w.Cmp == ContainsAny {
			arrays++
		}
	}
	for _, o := range q.Order {
		if err := validName(o.Field); err != nil {
			return fmt.Errorf("docdb: sorted by a %w", err)
		}
	}
	switch {
	case badSegment(q.Collection):
		return fmt.Errorf("docdb: bad collection %q", q.Collection)
	case arrays > 1:
		return fmt.Errorf("docdb: a query has at most one array clause")
	case q.Limit < 1 || q.Limit > maxLimit:
		return fmt.Errorf("docdb: a query's limit is 1 to %d, not %d", maxLimit, q.Limit)
	}
	return q.validPosition()
}

func (q Query) validPosition() error {
	if len(q.After) == 0 {
		return nil
	}
	last := len(q.After) - 1
	id, ok := q.After[last].(string)
	ok = ok && last == len(q.Sorted()) && !badSegment(id)
	for _, v := range q.After[:last] {
		_, err := measure(v, 0)
		ok = ok && err == nil
	}
	if !ok {
		return fault.Bad("cursor", "The list can't be continued from here; start again from its first page.")
	}
	return nil
}

func (w Where) valid() error {
	if err := validName(w.Field); err != nil {
		return fmt.Errorf("docdb: compared with a %w", err)
	}
	values := []any{w.Value}
	switch {
	case w.Cmp == ContainsAny:
		list, ok := w.Value.([]any)
		if !ok || len(list) == 0 || len(list) > maxAny {
			return fmt.Errorf("docdb: %s on %s takes 1 to %d values", w.Cmp, w.Field, maxAny)
		}
		values = list
	case w.Cmp == Contains, w.Cmp == Equal:
	case !w.Cmp.ranges():
		return fmt.Errorf("docdb: unknown comparison %q", w.Cmp)
	case w.Value == nil:
		return fmt.Errorf("docdb: %s is compared by range with nothing", w.Field)
	}
	element := w.Cmp == Contains || w.Cmp == ContainsAny // what an array is asked for
	for _, v := range values {
		_, list := v.([]any)
		if _, err := measure(v, 0); err != nil || element && (list || v == nil) {
			return fmt.Errorf("docdb: %s can't be compared with a %T", w.Field, v)
		}
	}
	return nil
}
