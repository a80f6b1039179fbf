package bench

import (
	"fmt"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
)

// recorded turns a write from the wire into one of the plain client.
func recorded(w *firestorepb.Write, ticket string) (write, error) {
	condition, is := w.GetCurrentDocument().GetConditionType().(*firestorepb.Precondition_Exists)
	out := write{create: is && !condition.Exists}
	switch op := w.Operation.(type) {
	case *firestorepb.Write_Delete:
		out.path, out.remove = relative(op.Delete, ticket), true
		return out, nil
	case *firestorepb.Write_Update:
		out.path = relative(op.Update.Name, ticket)
		for _, t := range w.UpdateTransforms {
			out.add = append(out.add, t.FieldPath)
		}
		if out.add != nil {
			return out, nil
		}
		var err error
		out.fields, err = plainFields(op.Update.Fields)
		return out, err
	}
	return out, fmt.Errorf("a write of the type %T is not known here", w.Operation)
}

// touched is the field that makes a repeated write a change, as the operation's is:
// the emulator does less for a write that changes nothing.
const touched = "touched"

// do adds the write to a transaction.
func (w write) do(db *firestore.Client, tx *firestore.Transaction, path string, i int) error {
	ref := db.Doc(path)
	switch {
	case w.remove:
		return tx.Delete(ref)
	case w.add != nil:
		deltas := map[string]any{}
		for _, field := range w.add {
			deltas[field] = firestore.Increment(1)
		}
		return tx.Set(ref, deltas, firestore.MergeAll)
	case w.create:
		return tx.Create(ref, w.fields)
	}
	fields := make(map[string]any, len(w.fields)+1)
	for name, v := range w.fields {
		fields[name] = v
	}
	fields[touched] = i
	return tx.Set(ref, fields)
}

func plainFields(fields map[string]*firestorepb.Value) (map[string]any, error) {
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		var err error
		if out[name], err = plainValue(v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// plainValue is a value as the plain client takes it.
func plainValue(v *firestorepb.Value) (any, error) {
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
	case *firestorepb.Value_TimestampValue:
		return v.TimestampValue.AsTime(), nil
	case *firestorepb.Value_MapValue:
		return plainFields(v.MapValue.GetFields())
	case *firestorepb.Value_ArrayValue:
		list := make([]any, len(v.ArrayValue.GetValues()))
		for i, x := range v.ArrayValue.GetValues() {
			var err error
			if list[i], err = plainValue(x); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("a value of the type %T is not known here", v.GetValueType())
}
