package docdb

import (
	"fmt"
	"slices"

	"ticketsystem.example/shared/fault"
)

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
	for i, o := range q.Order {
		if err := validName(o.Field); err != nil {
			return fmt.Errorf("docdb: sorted by a %w", err)
		}
		if slices.ContainsFunc(q.Order[:i], func(x Order) bool { return x.Field == o.Field }) {
			return fmt.Errorf("docdb: sorted by %s twice", o.Field)
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
