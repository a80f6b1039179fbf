package docdb

import (
	"encoding"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Decode fills v, a pointer, from a record's fields: what Unmarshal would make of
// their JSON, without making it, since the way by text was a fifth of the CPU of a
// list. Types that this does not know take that way still.
func Decode(r Record, v any) error {
	to := reflect.ValueOf(v)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("docdb: decode %s: %T is no pointer to fill", r.Key, v)
	}
	if err := setterFor(to.Type().Elem())(to.Elem(), r.Fields); err != nil {
		return fmt.Errorf("docdb: decode %s as %T: %w", r.Key, v, err)
	}
	return nil
}

// setter fills a Go value of one type from a stored value.
type setter func(to reflect.Value, v any) error

// setters has a setter for each type that was decoded before.
var setters sync.Map

func setterFor(t reflect.Type) setter {
	if s, ok := setters.Load(t); ok {
		return s.(setter)
	}
	s, _ := setters.LoadOrStore(t, newSetter(t))
	return s.(setter)
}

// orNull lets null become the zero value, as JSON's null does.
func orNull(s setter) setter {
	return func(to reflect.Value, v any) error {
		if v == nil {
			to.SetZero()
			return nil
		}
		return s(to, v)
	}
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	ownUnmarshalers = []reflect.Type{
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}
)

func newSetter(t reflect.Type) setter {
	if t == timeType {
		return orNull(setTime)
	}
	for _, u := range ownUnmarshalers {
		if t.Implements(u) || reflect.PointerTo(t).Implements(u) {
			return setByJSON
		}
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float64:
		return orNull(setScalar)
	case reflect.Pointer:
		return orNull(setPointer)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // bytes are base64 in JSON
			return orNull(setSlice)
		}
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return orNull(setMap)
		}
	case reflect.Struct:
		if fields, plain := fieldsOf(t); plain {
			return orNull(func(to reflect.Value, v any) error { return setStruct(to, v, fields) })
		}
	}
	return setByJSON
}

func setByJSON(to reflect.Value, v any) error {
	data, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	return Unmarshal(data, to.Addr().Interface())
}

func mismatch(to reflect.Value, v any) error {
	return fmt.Errorf("a stored %T can't become a %s", v, to.Type())
}
