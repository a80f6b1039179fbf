package docdb_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"ticketsystem.example/shared/docdb"
)

type (
	word  string
	level int8
)

// every has a field of each kind of type that documents are decoded into.
type every struct {
	Text    string              `json:"text"`
	Word    word                `json:"word,omitzero"`
	Yes     bool                `json:"yes"`
	Whole   int                 `json:"whole,omitempty"`
	Small   level               `json:"small"`
	Part    float64             `json:"part"`
	Single  float32             `json:"single"`
	Count   uint16              `json:"count"`
	At      time.Time           `json:"at,omitzero"`
	Pointer *every              `json:"pointer"`
	List    []word              `json:"list"`
	Structs []struct{ A *bool } `json:"structs"`
	Table   map[word][]int      `json:"table"`
	Any     any                 `json:"any"`
	Raw     jsontext.Value      `json:"raw"`
	Bytes   []byte              `json:"bytes"`
	Hidden  string              `json:"-"`
	Plain   string
	//lint:ignore U1000 decoding must pass over it
	private string
}

// odd has what makes a struct take the way by JSON as a whole.
type odd struct {
	Inner struct {
		Part int `json:"part"`
	} `json:",inline"`
	Text string `json:"text"`
}

// TestDecodingIsWhatJSONWouldMakeOfIt compares with the way by text, for documents
// whose values have all types, fitting ones and others.
func TestDecodingIsWhatJSONWouldMakeOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"text", "word", "yes", "whole", "small", "part", "single", "count", "at", "pointer", "list", "structs", "table", "any", "raw", "bytes", "Hidden", "Plain", "private", "unknown", "A"}
		fields := rapid.MapOfN(rapid.SampledFrom(names), storedValue(names, 3), 0, 8).Draw(t, "fields")
		compareWithJSON[every](t, fields)
		compareWithJSON[odd](t, fields)
		compareWithJSON[map[string]any](t, fields)
	})
}

func compareWithJSON[T any](t *rapid.T, fields docdb.Fields) {
	var got, want T
	text, err := json.Marshal(fields, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	refused := docdb.Unmarshal(text, &want)
	err = docdb.Decode(docdb.Record{Fields: fields}, &got)
	if (err == nil) != (refused == nil) {
		t.Fatalf("%s as %T: got %v, JSON says %v", text, got, err, refused)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\ngot  %+v\nwant %+v", text, got, want)
	}
}

// storedValue draws what a document's field can hold.
func storedValue(names []string, depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just(any(nil)),
		rapid.Bool().AsAny(),
		rapid.OneOf(rapid.Int64Range(-200, 200), rapid.Int64()).AsAny(),
		rapid.OneOf(rapid.Float64Range(-1e17, 1e17), rapid.SampledFrom([]float64{0.5, 3, 1e300})).AsAny(),
		rapid.OneOf(rapid.StringMatching(`[a-zé]{0,5}`), rapid.SampledFrom([]string{"2026-11-23T13:05:00.120000Z", "2026-11-23T13:05:00+03:00", "2026-11-23", "aGk="})).AsAny(),
	}
	if depth > 0 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return storedValue(names, depth-1) })
		kinds = append(kinds, rapid.SliceOfN(inner, 0, 3).AsAny(), rapid.MapOfN(rapid.SampledFrom(names), inner, 0, 4).AsAny())
	}
	return rapid.OneOf(kinds...)
}

func TestOnlyAPointerCanBeFilled(t *testing.T) {
	for _, v := range []any{nil, sample{}, (*sample)(nil)} {
		if err := docdb.Decode(docdb.Record{Fields: docdb.Fields{}}, v); err == nil {
			t.Errorf("%#v was filled", v)
		}
	}
}
