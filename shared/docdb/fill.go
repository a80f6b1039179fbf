package docdb

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

func setTime(to reflect.Value, v any) error {
	text, ok := v.(string)
	if !ok {
		return mismatch(to, v)
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err == nil {
		*to.Addr().Interface().(*time.Time) = at
	}
	return err
}

func setScalar(to reflect.Value, v any) error {
	kind := to.Kind()
	switch v := v.(type) {
	case string:
		if kind == reflect.String {
			to.SetString(v)
			return nil
		}
	case bool:
		if kind == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	case int64:
		if kind == reflect.Float64 {
			to.SetFloat(float64(v))
			return nil
		}
		if to.CanInt() && !to.OverflowInt(v) {
			to.SetInt(v)
			return nil
		}
	case float64:
		if kind == reflect.Float64 {
			to.SetFloat(v)
			return nil
		}
		return setByJSON(to, v) // whole ones are stored as int64, so this is rare
	}
	return mismatch(to, v)
}

func setPointer(to reflect.Value, v any) error {
	if to.IsNil() {
		to.Set(reflect.New(to.Type().Elem()))
	}
	return setterFor(to.Type().Elem())(to.Elem(), v)
}

func setSlice(to reflect.Value, v any) error {
	list, ok := v.([]any)
	if !ok {
		return mismatch(to, v)
	}
	out := reflect.MakeSlice(to.Type(), len(list), len(list))
	set := setterFor(to.Type().Elem())
	for i, x := range list {
		if err := set(out.Index(i), x); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	to.Set(out)
	return nil
}

func setMap(to reflect.Value, v any) error {
	entries, ok := v.(Fields)
	if !ok {
		return mismatch(to, v)
	}
	t := to.Type()
	if to.IsNil() {
		to.Set(reflect.MakeMapWithSize(t, len(entries)))
	}
	set := setterFor(t.Elem())
	for name, x := range entries {
		value := reflect.New(t.Elem()).Elem()
		if err := set(value, x); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		to.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), value)
	}
	return nil
}

// structField is a field of a struct and its name in documents.
type structField struct {
	name  string
	index int
}

// fieldsOf lists a struct's fields, by their json tags. plain is false for a struct
// whose tags say more than a name and what to leave out on the way in.
func fieldsOf(t reflect.Type) (fields []structField, plain bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
			continue
		case f.Anonymous || !f.IsExported() && tagged || strings.ContainsAny(name, `'"\`):
			return nil, false
		case !f.IsExported():
			continue
		}
		for option := range strings.SplitSeq(options, ",") {
			if !slices.Contains([]string{"", "omitzero", "omitempty"}, option) {
				return nil, false
			}
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, structField{name, i})
	}
	return fields, true
}

func setStruct(to reflect.Value, v any, fields []structField) error {
	entries, ok := v.(Fields)
	if !ok {
		return mismatch(to, v)
	}
	for _, f := range fields {
		x, there := entries[f.name]
		if !there {
			continue
		}
		value := to.Field(f.index)
		if err := setterFor(value.Type())(value, x); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}
