package docdb_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"ticketsystem.example/shared/docdb"
)

type sample struct {
	Name  string         `json:"name"`
	Large int64          `json:"large"`
	Ratio float64        `json:"ratio"`
	At    time.Time      `json:"at"`
	Due   *time.Time     `json:"due,omitempty"`
	Zero  time.Time      `json:"zero,omitzero"`
	Tags  []string       `json:"tags"`
	Notes map[string]int `json:"notes"`
	Raw   jsontext.Value `json:"raw,omitempty"`
	Inner *sample        `json:"inner,omitempty"`
}

func TestAStructComesBackAsItWas(t *testing.T) {
	at := time.Date(2026, 11, 23, 13, 5, 0, 120_000_000, time.UTC)
	want := sample{
		Name: "Grüße 🖨️\x00\n", Large: math.MaxInt64, Ratio: 0.1, At: at, Due: &at, Tags: []string{}, Notes: map[string]int{"a": -1},
		Raw: jsontext.Value(`{"n":9007199254740993}`), Inner: &sample{Large: math.MinInt64, Ratio: 3, Tags: []string{"x"}, Notes: map[string]int{}},
	}
	f, err := docdb.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	var got sample
	if err := docdb.Decode(docdb.Record{Fields: f}, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v (%v)", got, want, err)
	}
}

func TestTimesAreStoredAsTextOfFixedWidth(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 4_000_999, time.FixedZone("", 3*3600))
	f, err := docdb.Encode(sample{At: at, Due: &at})
	if want := "2026-11-22T22:02:03.004000Z"; err != nil || f["at"] != want || f["due"] != want || docdb.Stamp(at) != want {
		t.Errorf("got %v, %v, %v", f, docdb.Stamp(at), err)
	}
	if _, there := f["zero"]; there {
		t.Error("a zero time is stored though its tag says not to")
	}
}

func TestWholeNumbersAreStoredAsIntegers(t *testing.T) {
	f, err := docdb.Encode(map[string]any{
		"float": 3.0, "half": 2.5, "huge": 1e300, "large": int64(1<<53 + 1), "unsigned": uint64(math.MaxUint64), "minus zero": math.Copysign(0, -1),
		"raw": jsontext.Value(`[1.0, 1e2, -7, {"n": 2}]`),
	})
	want := docdb.Fields{
		"float": int64(3), "half": 2.5, "huge": 1e300, "large": int64(1<<53 + 1), "unsigned": float64(math.MaxUint64), "minus zero": int64(0),
		"raw": []any{int64(1), int64(100), int64(-7), docdb.Fields{"n": int64(2)}},
	}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("got  %#v\nwant %#v (%v)", f, want, err)
	}
}

func TestOlderProgramsReadNewerDocuments(t *testing.T) {
	var got sample
	err := docdb.Decode(docdb.Record{Fields: docdb.Fields{"name": "x", "invented_later": []any{int64(1)}}}, &got)
	if err != nil || got.Name != "x" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsNoDocumentIsNotEncoded(t *testing.T) {
	for _, v := range []any{nil, 1, "x", []string{"x"}, (*sample)(nil), make(chan int), "\xff", math.NaN()} {
		if f, err := docdb.Encode(v); err == nil {
			t.Errorf("%#v became %v", v, f)
		}
	}
}

func TestAFailedDecodingNamesTheDocument(t *testing.T) {
	r := docdb.Record{Key: docdb.Key{Collection: "tickets", ID: "t1"}, Fields: docdb.Fields{"name": int64(1)}}
	var got sample
	if err := docdb.Decode(r, &got); err == nil || !strings.Contains(err.Error(), "tickets/t1") {
		t.Errorf("got %v", err)
	}
}

func TestStoredJSONIsTheSameForTheSameValue(t *testing.T) {
	v := map[string]any{"b": 1, "a": map[string]int{"y": 1, "x": 2}}
	for range 20 {
		if data, err := docdb.Marshal(v); err != nil || string(data) != `{"a":{"x":2,"y":1},"b":1}` {
			t.Fatalf("got %s, %v", data, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	v := sample{Name: strings.Repeat("x", 300), Tags: []string{"a", "b", "c"}, Notes: map[string]int{"x": 1, "y": 2}, Inner: &sample{}}
	for b.Loop() {
		if _, err := docdb.Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	f, err := docdb.Encode(sample{Name: strings.Repeat("x", 300), Tags: []string{"a", "b", "c"}, Notes: map[string]int{"x": 1, "y": 2}, Inner: &sample{}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var v sample
		if err := docdb.Decode(docdb.Record{Fields: f}, &v); err != nil {
			b.Fatal(err)
		}
	}
}
