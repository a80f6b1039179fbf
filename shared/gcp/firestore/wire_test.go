package firestore

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"ticketsystem.example/shared/docdb"
)

// anything draws a value that a document can hold.
func anything(t *rapid.T, depth int) any {
	most := 6
	if depth == 0 {
		most = 4
	}
	switch rapid.IntRange(0, most).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.Int64().Draw(t, "int")
	case 3:
		return rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "float")
	case 4:
		return rapid.String().Draw(t, "string") + strings.Repeat("x", rapid.SampledFrom([]int{0, 100, 127, 128, 300, 20_000}).Draw(t, "padding"))
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			list = append(list, anything(t, depth-1))
		}
		return list
	}
	return object(t, depth-1)
}

func object(t *rapid.T, depth int) docdb.Fields {
	m := docdb.Fields{}
	for range rapid.IntRange(0, 5).Draw(t, "fields") {
		m["f"+rapid.String().Draw(t, "name")] = anything(t, max(depth, 0))
	}
	return m
}

// known says a value in protobuf's own types, which the wire format is compared with.
func known(v any) *firestorepb.Value {
	switch v := v.(type) {
	case bool:
		return &firestorepb.Value{ValueType: &firestorepb.Value_BooleanValue{BooleanValue: v}}
	case int64:
		return &firestorepb.Value{ValueType: &firestorepb.Value_IntegerValue{IntegerValue: v}}
	case float64:
		return &firestorepb.Value{ValueType: &firestorepb.Value_DoubleValue{DoubleValue: v}}
	case string:
		return &firestorepb.Value{ValueType: &firestorepb.Value_StringValue{StringValue: v}}
	case time.Time:
		return &firestorepb.Value{ValueType: &firestorepb.Value_TimestampValue{TimestampValue: timestamppb.New(v)}}
	case reference:
		return &firestorepb.Value{ValueType: &firestorepb.Value_ReferenceValue{ReferenceValue: string(v)}}
	case []any:
		list := &firestorepb.ArrayValue{}
		for _, x := range v {
			list.Values = append(list.Values, known(x))
		}
		return &firestorepb.Value{ValueType: &firestorepb.Value_ArrayValue{ArrayValue: list}}
	case docdb.Fields:
		return &firestorepb.Value{ValueType: &firestorepb.Value_MapValue{MapValue: &firestorepb.MapValue{Fields: knownFields(v)}}}
	}
	return &firestorepb.Value{ValueType: &firestorepb.Value_NullValue{}}
}

func knownFields(m docdb.Fields) map[string]*firestorepb.Value {
	out := map[string]*firestorepb.Value{}
	for name, v := range m {
		out[name] = known(v)
	}
	return out
}

func TestDocumentsAreWrittenAsProtobufWouldWriteThem(t *testing.T) {
	at := time.Date(1960, 1, 2, 3, 4, 5, 6000, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		fields := object(t, 4)
		wire, err := proto.Marshal(toDocument("x", fields, docdb.Fields{expiresField: at, priorField: int64(-1)}))
		if err != nil {
			t.Fatal(err)
		}
		var got firestorepb.Document
		if err := proto.Unmarshal(wire, &got); err != nil {
			t.Fatal(err)
		}
		want := &firestorepb.Document{Name: "x", Fields: knownFields(fields)}
		want.Fields[expiresField], want.Fields[priorField] = known(at), known(int64(-1))
		if !proto.Equal(&got, want) {
			t.Fatalf("got  %v\nwant %v", &got, want)
		}
	})
}

func TestDocumentsAreReadAsProtobufWroteThem(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		want := object(t, 4)
		stored := knownFields(want)
		stored["_foreign"] = known(at)
		wire, err := proto.Marshal(&firestorepb.RunQueryResponse{
			Document:       &firestorepb.Document{Name: "x", Fields: stored, CreateTime: timestamppb.New(at), UpdateTime: timestamppb.New(at)},
			ReadTime:       timestamppb.Now(),
			SkippedResults: 3,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got answer
		if err := newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(wire)}, &got); err != nil || got.err != nil {
			t.Fatal(err, got.err)
		}
		if !got.found || got.name != "x" || got.version != "2026-01-02T03:04:05.000006Z" || !reflect.DeepEqual(got.fields, want) {
			t.Fatalf("got  %#v\nwant %#v", got, want)
		}
	})
}

func TestValuesOfQueriesAreWrittenAsProtobufWouldWriteThem(t *testing.T) {
	for _, v := range []any{nil, true, int64(-1), 0.5, "x", reference("projects/p"), []any{"x", nil}, docdb.Fields{"k": []any{}}} {
		got, err := proto.Marshal(toValue(v))
		if err != nil {
			t.Fatal(err)
		}
		if want, err := proto.Marshal(known(v)); err != nil || string(got) != string(want) {
			t.Errorf("%v: %x, want %x (%v)", v, got, want, err)
		}
	}
}

func TestAnAnswerWithoutADocumentIsPassedOver(t *testing.T) {
	for _, m := range []proto.Message{
		&firestorepb.BatchGetDocumentsResponse{Result: &firestorepb.BatchGetDocumentsResponse_Missing{Missing: "x"}, ReadTime: timestamppb.Now()},
		&firestorepb.RunQueryResponse{ReadTime: timestamppb.Now()},
		&firestorepb.RunQueryResponse{ContinuationSelector: &firestorepb.RunQueryResponse_Done{Done: true}},
	} {
		wire, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var a answer
		if err := a.read(wire); err != nil || a.found {
			t.Errorf("%v: %+v, %v", m, a, err)
		}
	}
}

func TestABrokenAnswerIsAnErrorAndNoPanic(t *testing.T) {
	doc := &firestorepb.Document{Name: "x", Fields: knownFields(ticket()), UpdateTime: timestamppb.Now()}
	wire, err := proto.Marshal(&firestorepb.RunQueryResponse{Document: doc})
	if err != nil {
		t.Fatal(err)
	}
	for n := range wire[:len(wire)-1] {
		var a answer
		if err := a.read(wire[:n+1]); err == nil {
			t.Errorf("the first %d bytes of %d were read", n+1, len(wire))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		broken := append([]byte(nil), wire...)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			broken[rapid.IntRange(0, len(broken)-1).Draw(t, "where")] = rapid.Byte().Draw(t, "byte")
		}
		var a answer
		_ = a.read(broken) // any outcome but a panic
	})
}
