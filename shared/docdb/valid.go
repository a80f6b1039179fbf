package docdb

import (
	"errors"
	"fmt"
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
		return fmt.Errorf("docdb: bad id %.60q in %q", k.ID, k.Collection)
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
