package dbtest

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

var values = []test{
	{"EveryValueComesBackAsItWas", func(t *testing.T, f *fixture) {
		fields := docdb.Fields{
			"null": nil, "yes": true, "no": false,
			"zero": int64(0), "large": int64(math.MaxInt64), "small": int64(math.MinInt64),
			"three": int64(3), "three as float": 3.0, "half": 0.5, "huge": 1e300, "tiny": 5e-324,
			"empty": "", "text": "Grüße, 世界 🖨️ e\u0301 \u202eabc", "nul": "a\x00b", "lines": "a\r\n\tb",
			"no elements": []any{}, "mixed": []any{nil, true, int64(1), 1.0, "x", docdb.Fields{"deep": []any{"y"}}},
			"no entries": docdb.Fields{}, "map": docdb.Fields{"a.b": int64(1), "ü `": docdb.Fields{"c": nil}},
		}
		f.put("a", fields)
		if got := f.get("a").Fields; !reflect.DeepEqual(got, fields) {
			t.Errorf("got  %#v\nwant %#v", got, fields)
		}
		if got := f.records(docdb.Query{})[0].Fields; !reflect.DeepEqual(got, fields) {
			t.Errorf("query got %#v\nwant %#v", got, fields)
		}
	}},
	{"ADocumentWithoutFieldsExists", func(t *testing.T, f *fixture) {
		f.put("a", nil)
		f.put("b", docdb.Fields{})
		for _, id := range []string{"a", "b"} {
			if r := f.get(id); !r.Exists() || r.Fields == nil || len(r.Fields) != 0 {
				t.Errorf("%s: %+v", id, r)
			}
		}
	}},
	{"WhatFirestoreCannotHoldIsRefused", func(t *testing.T, f *fixture) {
		deep := any("x")
		for range docdb.MaxDepth + 2 {
			deep = docdb.Fields{"d": deep}
		}
		bad := map[string]any{
			"an array in an array": []any{[]any{"x"}},
			"one further down":     docdb.Fields{"m": []any{docdb.Fields{"a": []any{[]any{}}}}},
			"not a number":         math.NaN(),
			"infinity":             math.Inf(1),
			"broken text":          "\xff",
			"an int":               1,
			"a time":               time.Now(),
			"a typed list":         []string{"x"},
			"too deep":             deep,
			"a nameless entry":     docdb.Fields{"": "x"},
			"a reserved entry":     docdb.Fields{"__x__": "x"},
		}
		for _, what := range slices.Sorted(maps.Keys(bad)) {
			f.refuses(what, docdb.Write{Key: key("a"), Fields: docdb.Fields{"x": bad[what]}})
		}
		for _, name := range []string{"", "_x", "__x__", "\xff", strings.Repeat("x", docdb.MaxID+1)} {
			f.refuses("the name "+name, docdb.Write{Key: key("a"), Fields: docdb.Fields{name: "x"}})
		}
		f.absent("a")
	}},
	{"ADocumentOfNearlyAMebibyteIsStored", func(t *testing.T, f *fixture) {
		big := strings.Repeat("ä", 1_000_000/2)
		f.put("a", docdb.Fields{"x": big, "y": strings.Repeat("y", 40_000)})
		if f.get("a").Fields["x"] != big {
			t.Error("it came back different")
		}
	}},
	{"ADocumentOfAMebibyteIsRefusedAndSaysSo", func(t *testing.T, f *fixture) {
		half := strings.Repeat("x", docdb.MaxDocument/2)
		tooBig := []docdb.Fields{
			{"x": strings.Repeat("x", docdb.MaxDocument)},
			{"x": half, "y": half},
			{"x": []any{docdb.Fields{"y": half}, docdb.Fields{"y": half}}},
		}
		for _, fields := range tooBig {
			if err := f.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: fields}}); !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want invalid", err)
			}
		}
		f.absent("a")
	}},
	{"ACommitOfTooManyBytesIsRefusedAndSaysSo", func(t *testing.T, f *fixture) {
		var all []docdb.Write
		for _, id := range []string{"a", "b", "c", "d"} {
			all = append(all, docdb.Write{Key: key(id), Fields: docdb.Fields{"x": strings.Repeat("x", 1_000_000)}})
		}
		if err := f.Commit(t.Context(), all); !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
		f.absent("a")
		f.commit(all[:3]...)
	}},
	{"TimesSortAsText", func(t *testing.T, f *fixture) {
		at := time.Date(2026, 3, 29, 0, 59, 59, 999_999_000, time.UTC)
		steps := []time.Duration{0, time.Microsecond, time.Second, time.Minute, time.Hour, 365 * 24 * time.Hour}
		want := []string{"a", "b", "c", "d", "e", "f"}
		for i, step := range steps {
			zone := time.FixedZone("", 3600*(i-3)) // the zone must not matter
			f.put(want[i], docdb.Fields{"at": docdb.Stamp(at.Add(step).In(zone))})
		}
		f.equal("by time", f.find(docdb.Query{Order: []docdb.Order{{Field: "at"}}}), want)
		f.equal("from c", f.find(docdb.Query{Where: []docdb.Where{{Field: "at", Cmp: docdb.MoreEqual, Value: docdb.Stamp(at.Add(time.Second))}}}), want[2:])
	}},
}
