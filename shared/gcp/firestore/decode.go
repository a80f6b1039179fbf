package firestore

import (
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the usual codec, which ours is based on
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"ticketsystem.example/shared/docdb"
)

// codec reads answers by hand and leaves all other messages to the usual codec.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	a, ours := v.(*answer)
	if !ours {
		return c.CodecV2.Unmarshal(data, v)
	}
	buf := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buf.Free()
	*a = answer{}
	a.err = a.read(buf.ReadOnlyData())
	return nil
}

// answer is one message of the stream of a Get or a Query: a document, or nothing of
// interest.
type answer struct {
	found   bool
	name    string
	fields  docdb.Fields
	version docdb.Version
	err     error // the document can't be read; the stream is in order
}

func (a *answer) read(data []byte) error {
	m := message{data, string(data)}
	return m.each(func(f field) error {
		if f.num != answerDocument {
			return nil
		}
		a.found = true
		return a.document(f.message)
	})
}

func (a *answer) document(m message) error {
	a.fields = make(docdb.Fields, 24) // most documents have fewer; growing costs more than room
	return m.each(func(f field) (err error) {
		switch f.num {
		case documentName:
			a.name = f.text
		case documentFields:
			err = f.entry(a.fields, true)
		case documentUpdateTime:
			a.version, err = f.version()
		}
		return err
	})
}

// message is a message on the wire in two forms: strings are cut from text, so that
// all strings of a document are one allocation.
type message struct {
	bytes []byte
	text  string
}

// field is one field of a message: itself a message or a string, or else a number.
type field struct {
	num protowire.Number
	message
	bits uint64
}

// each calls fn with every field.
func (m message) each(fn func(field) error) error {
	for len(m.bytes) > 0 {
		num, typ, head := protowire.ConsumeTag(m.bytes)
		if head < 0 {
			return protowire.ParseError(head)
		}
		f, rest, n := field{num: num}, m.bytes[head:], 0
		switch typ {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(rest)
			if n >= 0 {
				f.text = m.text[head+n-len(f.bytes) : head+n]
			}
		case protowire.VarintType:
			f.bits, n = protowire.ConsumeVarint(rest)
		case protowire.Fixed64Type:
			f.bits, n = protowire.ConsumeFixed64(rest)
		default:
			n = protowire.ConsumeFieldValue(num, typ, rest)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := fn(f); err != nil {
			return err
		}
		m.bytes, m.text = m.bytes[head+n:], m.text[head+n:]
	}
	return nil
}

// entry reads one entry of a map into fields. At the top of a document, the store's
// own fields are passed over.
func (m message) entry(fields docdb.Fields, top bool) error {
	var name string
	var content message
	err := m.each(func(f field) error {
		switch f.num {
		case entryKey:
			name = f.text
		case entryValue:
			content = f.message
		}
		return nil
	})
	if err != nil || top && name != "" && name[0] == '_' {
		return err
	}
	v, err := content.value()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fields[name] = v
	return nil
}

// errForeign refuses types that docdb doesn't have: somebody else wrote them, and
// passing over them would lose them with the next put.
var errForeign = errors.New("the value has a type that is none of ours")

func (m message) value() (v any, err error) {
	known := false
	err = m.each(func(f field) (err error) {
		known = true
		switch f.num {
		case valueNull:
			v = nil
		case valueBoolean:
			v = f.bits != 0
		case valueInteger:
			v = int64(f.bits)
		case valueDouble:
			v = math.Float64frombits(f.bits)
		case valueString:
			v = f.text
		case valueArray:
			v, err = f.array()
		case valueMap:
			v, err = f.entries()
		default:
			known = false
		}
		return err
	})
	if err == nil && !known {
		err = errForeign
	}
	return v, err
}

func (m message) array() ([]any, error) {
	out := []any{}
	err := m.each(func(f field) error {
		v, err := f.value()
		out = append(out, v)
		return err
	})
	return out, err
}

func (m message) entries() (docdb.Fields, error) {
	out := docdb.Fields{}
	err := m.each(func(f field) error { return f.entry(out, false) })
	return out, err
}

// version reads a timestamp.
func (m message) version() (docdb.Version, error) {
	var seconds, nanos int64
	err := m.each(func(f field) error {
		switch f.num {
		case timestampSeconds:
			seconds = int64(f.bits)
		case timestampNanos:
			nanos = int64(f.bits)
		}
		return nil
	})
	return version(time.Unix(seconds, nanos)), err
}
