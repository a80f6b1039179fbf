package firestore

import (
	"math"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"

	"ticketsystem.example/shared/docdb"
)

// Values travel between docdb and the wire without protobuf's generated types for
// them: those cost one map and two objects per value and much reflection, which was
// two fifths of the CPU of a query. A message that holds values carries them as bytes
// that protobuf does not look into.

// The field numbers of google.firestore.v1: firestore.proto (both answers have their
// document first) and document.proto.
const (
	answerDocument     = 1
	documentName       = 1
	documentFields     = 2
	documentUpdateTime = 4
	entryKey           = 1
	entryValue         = 2
	arrayValues        = 1
	mapFields          = 1

	valueBoolean   = 1
	valueInteger   = 2
	valueDouble    = 3
	valueReference = 5
	valueMap       = 6
	valueArray     = 9
	valueTimestamp = 10
	valueNull      = 11
	valueString    = 17

	timestampSeconds = 1
	timestampNanos   = 2
)

// reference is a value that names a document, and occurs in positions only.
type reference string

// toDocument is a document with its fields and the store's own.
func toDocument(name string, fields, own docdb.Fields) *firestorepb.Document {
	b := appendFields(make([]byte, 0, 1024), documentFields, fields)
	doc := &firestorepb.Document{Name: name}
	doc.ProtoReflect().SetUnknown(appendFields(b, documentFields, own))
	return doc
}

// toValue is a value for a query or an increment.
func toValue(v any) *firestorepb.Value {
	out := &firestorepb.Value{}
	out.ProtoReflect().SetUnknown(appendValue(nil, v))
	return out
}

// appendFields appends the entries of a map as the fields with number num.
func appendFields(b []byte, num protowire.Number, fields docdb.Fields) []byte {
	for name, v := range fields {
		b = protowire.AppendTag(b, num, protowire.BytesType)
		b = append(b, 0)
		entry := len(b)
		b = protowire.AppendTag(b, entryKey, protowire.BytesType)
		b = protowire.AppendString(b, name)
		b = appendMessage(b, entryValue, v)
		b = seal(b, entry)
	}
	return b
}

// appendMessage appends v as a message with number num.
func appendMessage(b []byte, num protowire.Number, v any) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	b = append(b, 0)
	start := len(b)
	return seal(appendValue(b, v), start)
}

// seal writes the length of the message that begins at start in front of it. One byte
// was left for it; a longer length moves the message.
func seal(b []byte, start int) []byte {
	n := len(b) - start
	if more := protowire.SizeVarint(uint64(n)) - 1; more > 0 {
		b = append(b, "\x00\x00\x00\x00\x00\x00\x00\x00\x00"[:more]...)
		copy(b[start+more:], b[start:start+n])
	}
	protowire.AppendVarint(b[:start-1], uint64(n))
	return b
}

// appendValue appends the content of a value that docdb found valid.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		b = protowire.AppendTag(b, valueBoolean, protowire.VarintType)
		return protowire.AppendVarint(b, protowire.EncodeBool(v))
	case int64:
		b = protowire.AppendTag(b, valueInteger, protowire.VarintType)
		return protowire.AppendVarint(b, uint64(v))
	case float64:
		b = protowire.AppendTag(b, valueDouble, protowire.Fixed64Type)
		return protowire.AppendFixed64(b, math.Float64bits(v))
	case string:
		b = protowire.AppendTag(b, valueString, protowire.BytesType)
		return protowire.AppendString(b, v)
	case []any:
		return appendArray(b, v)
	case docdb.Fields:
		b = append(protowire.AppendTag(b, valueMap, protowire.BytesType), 0)
		start := len(b)
		return seal(appendFields(b, mapFields, v), start)
	case reference:
		b = protowire.AppendTag(b, valueReference, protowire.BytesType)
		return protowire.AppendString(b, string(v))
	case time.Time:
		return appendTimestamp(b, v)
	}
	b = protowire.AppendTag(b, valueNull, protowire.VarintType)
	return protowire.AppendVarint(b, 0)
}

func appendArray(b []byte, list []any) []byte {
	b = append(protowire.AppendTag(b, valueArray, protowire.BytesType), 0)
	start := len(b)
	for _, x := range list {
		b = appendMessage(b, arrayValues, x)
	}
	return seal(b, start)
}

func appendTimestamp(b []byte, t time.Time) []byte {
	b = append(protowire.AppendTag(b, valueTimestamp, protowire.BytesType), 0)
	start := len(b)
	b = protowire.AppendVarint(protowire.AppendTag(b, timestampSeconds, protowire.VarintType), uint64(t.Unix()))
	b = protowire.AppendVarint(protowire.AppendTag(b, timestampNanos, protowire.VarintType), uint64(t.Nanosecond()))
	return seal(b, start)
}
