package firestore

import (
	"fmt"

	"cloud.google.com/go/firestore/apiv1/firestorepb"

	"ticketsystem.example/shared/docdb"
)

type value = firestorepb.Value

// toFields converts a document's fields. There is room for the store's own.
func toFields(fields docdb.Fields) map[string]*value {
	out := make(map[string]*value, len(fields)+2)
	for name, v := range fields {
		out[name] = toValue(v)
	}
	return out
}

// toValue converts a value that docdb found valid.
func toValue(v any) *value {
	switch v := v.(type) {
	case bool:
		return &value{ValueType: &firestorepb.Value_BooleanValue{BooleanValue: v}}
	case int64:
		return &value{ValueType: &firestorepb.Value_IntegerValue{IntegerValue: v}}
	case float64:
		return &value{ValueType: &firestorepb.Value_DoubleValue{DoubleValue: v}}
	case string:
		return &value{ValueType: &firestorepb.Value_StringValue{StringValue: v}}
	case []any:
		return &value{ValueType: &firestorepb.Value_ArrayValue{ArrayValue: &firestorepb.ArrayValue{Values: toValues(v)}}}
	case docdb.Fields:
		return &value{ValueType: &firestorepb.Value_MapValue{MapValue: &firestorepb.MapValue{Fields: toFields(v)}}}
	}
	return &value{ValueType: &firestorepb.Value_NullValue{}}
}

func toValues(list []any) []*value {
	out := make([]*value, len(list), len(list)+1)
	for i, v := range list {
		out[i] = toValue(v)
	}
	return out
}

// fromFields converts a document's fields, without the store's own.
func fromFields(k docdb.Key, fields map[string]*value) (docdb.Fields, error) {
	out := make(docdb.Fields, len(fields))
	for name, v := range fields {
		if name[0] == '_' {
			continue
		}
		x, err := fromValue(v)
		if err != nil {
			return nil, fmt.Errorf("firestore: %s.%s: %w", k, name, err)
		}
		out[name] = x
	}
	return out, nil
}

// fromValue refuses types that docdb doesn't have: somebody else wrote them, and
// passing over them would lose them with the next put.
func fromValue(v *value) (any, error) {
	switch v := v.GetValueType().(type) {
	case *firestorepb.Value_NullValue:
		return nil, nil
	case *firestorepb.Value_BooleanValue:
		return v.BooleanValue, nil
	case *firestorepb.Value_IntegerValue:
		return v.IntegerValue, nil
	case *firestorepb.Value_DoubleValue:
		return v.DoubleValue, nil
	case *firestorepb.Value_StringValue:
		return v.StringValue, nil
	case *firestorepb.Value_ArrayValue:
		return fromArray(v.ArrayValue.GetValues())
	case *firestorepb.Value_MapValue:
		return fromMap(v.MapValue.GetFields())
	default:
		return nil, fmt.Errorf("a %T is no value of ours", v)
	}
}

func fromArray(list []*value) (any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		var err error
		if out[i], err = fromValue(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func fromMap(fields map[string]*value) (any, error) {
	out := make(docdb.Fields, len(fields))
	for name, v := range fields {
		var err error
		if out[name], err = fromValue(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
