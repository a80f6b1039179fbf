package dbtest

import (
	"context"
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

var reads = []test{
	{"AMissingDocumentHasNoVersionAndIsNoError", func(t *testing.T, f *fixture) {
		if r := f.get("nobody"); r.Exists() || r.Fields != nil || r.Key != key("nobody") {
			t.Errorf("got %+v", r)
		}
	}},
	{"RecordsComeInTheOrderOfTheirKeys", func(t *testing.T, f *fixture) {
		for _, id := range []string{"a", "b", "c"} {
			f.put(id, docdb.Fields{"id": id})
		}
		wanted := []string{"c", "nobody", "a", "c", "b", "nobody"}
		keys := make([]docdb.Key, len(wanted))
		for i, id := range wanted {
			keys[i] = key(id)
		}
		recs, err := f.Get(t.Context(), keys)
		if err != nil || len(recs) != len(wanted) {
			t.Fatalf("%d records, %v", len(recs), err)
		}
		for i, r := range recs {
			if r.Key.ID != wanted[i] || r.Exists() != (wanted[i] != "nobody") {
				t.Errorf("record %d is %+v, want %s", i, r, wanted[i])
			}
			if r.Exists() && r.Fields["id"] != wanted[i] {
				t.Errorf("record %d holds %v", i, r.Fields)
			}
		}
	}},
	{"NoKeysGiveNoRecords", func(t *testing.T, f *fixture) {
		if recs, err := f.Get(t.Context(), nil); err != nil || len(recs) != 0 {
			t.Errorf("%d records, %v", len(recs), err)
		}
	}},
	{"WhatWasReadBelongsToTheReader", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"list": []any{"x"}, "map": docdb.Fields{"k": "v"}})
		r := f.get("a")
		r.Fields["new"] = true
		r.Fields["list"].([]any)[0] = "spoiled"
		r.Fields["map"].(docdb.Fields)["k"] = "spoiled"
		again := f.get("a").Fields
		if again["new"] != nil || again["list"].([]any)[0] != "x" || again["map"].(docdb.Fields)["k"] != "v" {
			t.Errorf("the reader changed what is stored: %v", again)
		}
	}},
	{"TheSameIdInTwoCollectionsIsTwoDocuments", func(t *testing.T, f *fixture) {
		other := docdb.Key{Collection: "others", ID: "a"}
		f.put("a", docdb.Fields{"n": int64(1)})
		f.commit(docdb.Write{Key: other, Fields: docdb.Fields{"n": int64(2)}})
		recs, err := f.Get(t.Context(), []docdb.Key{other, key("a")})
		if err != nil || recs[0].Fields["n"] != int64(2) || recs[1].Fields["n"] != int64(1) {
			t.Errorf("%v, %v", recs, err)
		}
		f.equal("things", f.find(docdb.Query{}), []string{"a"})
	}},
	{"IdsMayHoldAnyUnicodeButTheReserved", func(t *testing.T, f *fixture) {
		good := []string{"x", "ä ö", "日本", "a~b", "%2F", "a.b", "..a", "__a", "TKT-202611-0042", "🖨️", "a\\b`c\"", strings.Repeat("x", docdb.MaxID)}
		for _, id := range good {
			f.put(id, docdb.Fields{"id": id})
			if f.get(id).Fields["id"] != id {
				t.Errorf("%q did not come back", id)
			}
		}
		for _, r := range f.records(docdb.Query{}) {
			if r.Fields["id"] != r.Key.ID {
				t.Errorf("a query calls %q %q", r.Fields["id"], r.Key.ID)
			}
		}
		for _, id := range []string{"", ".", "..", "a/b", "__a__", "____", "a\x00b", "\xff", strings.Repeat("x", docdb.MaxID+1)} {
			if _, err := f.Get(t.Context(), []docdb.Key{key(id)}); !fault.Is(err, fault.NotFound) {
				t.Errorf("get %q: %v, want not found", id, err)
			}
			f.refuses("put "+id, docdb.Write{Key: key(id)})
		}
	}},
	{"ACancelledCallFails", func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Get(ctx, []docdb.Key{key("a")}); err == nil {
			t.Error("get went on")
		}
		if _, err := f.Store.Query(ctx, docdb.Query{Collection: things, Limit: 1}); err == nil {
			t.Error("query went on")
		}
		if err := f.Commit(ctx, []docdb.Write{{Key: key("a")}}); err == nil {
			t.Error("commit went on")
		}
		f.absent("a")
	}},
}
