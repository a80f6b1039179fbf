package docdb

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

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
