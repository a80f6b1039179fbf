package firestore

import (
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// raw reads a document as it lies in the database.
func raw(t *testing.T, s *Store, id string) *firestorepb.Document {
	t.Helper()
	doc, err := s.client.GetDocument(t.Context(), &firestorepb.GetDocumentRequest{Name: s.name(key(id))})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestADocumentExpiresByATimestampOfItsOwn(t *testing.T) {
	s := opened(t, settings(t))
	at := time.Date(2030, 1, 2, 3, 4, 5, 678_000, time.UTC)
	if err := s.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: one, Expires: at}}); err != nil {
		t.Fatal(err)
	}
	if got := raw(t, s, "a").Fields["_expires"].GetTimestampValue(); !got.AsTime().Equal(at) {
		t.Errorf("got %v", got.AsTime())
	}
	put(t, s, "a", one)
	if _, still := raw(t, s, "a").Fields["_expires"]; still {
		t.Error("a put without an end kept the old one")
	}
}

func TestAVersionIsTheUpdateTime(t *testing.T) {
	s := opened(t, settings(t))
	put(t, s, "a", one)
	at, ok := updateTime(get(t, s, "a").Version)
	if want := raw(t, s, "a").UpdateTime.AsTime(); !ok || !at.Equal(want) {
		t.Errorf("got %v, want %v", at, want)
	}
	for _, micros := range []int64{0, 1, 1_500_000, 1795442159_229543} {
		at := time.UnixMicro(micros)
		if back, ok := updateTime(version(at)); !ok || !back.Equal(at) {
			t.Errorf("%v became %v", at, back)
		}
	}
}

func TestAVersionOfAnotherStoreIsNeverTheCurrentOne(t *testing.T) {
	s := opened(t, settings(t))
	put(t, s, "a", one)
	err := s.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: two, IfVersion: "17"}})
	if !errors.Is(err, docdb.ErrConflict) || get(t, s, "a").Fields["n"] != int64(1) {
		t.Errorf("got %v", err)
	}
}

func TestAForeignTypeIsNotLostInSilence(t *testing.T) {
	s := opened(t, settings(t))
	for name, v := range map[string]*firestorepb.Value{
		"a timestamp": {ValueType: &firestorepb.Value_TimestampValue{TimestampValue: timestamppb.Now()}},
		"in a list":   {ValueType: &firestorepb.Value_ArrayValue{ArrayValue: &firestorepb.ArrayValue{Values: []*firestorepb.Value{{ValueType: &firestorepb.Value_BytesValue{}}}}}},
		"in a map":    {ValueType: &firestorepb.Value_MapValue{MapValue: &firestorepb.MapValue{Fields: map[string]*firestorepb.Value{"k": {ValueType: &firestorepb.Value_GeoPointValue{}}}}}},
	} {
		_, err := s.client.Commit(t.Context(), &firestorepb.CommitRequest{Database: s.database, Writes: []*firestorepb.Write{
			{Operation: &firestorepb.Write_Update{Update: &firestorepb.Document{Name: s.name(key("a")), Fields: map[string]*firestorepb.Value{"x": v}}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if recs, err := s.Get(t.Context(), []docdb.Key{key("a")}); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: get gave %v, %v", name, recs, err)
		}
		if recs, err := s.Query(t.Context(), docdb.Query{Collection: "things", Limit: 1}); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: query gave %v, %v", name, recs, err)
		}
	}
}

func TestFieldNamesAreQuotedWhereNeeded(t *testing.T) {
	for name, want := range map[string]string{
		"title": "title", "_x9": "_x9", "A_1": "A_1",
		"1st": "`1st`", "a.b": "`a.b`", "ü": "`ü`", "a b": "`a b`", "a`b": "`a\\`b`", `a\b`: "`a\\\\b`", "a-b": "`a-b`",
	} {
		if got := path(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestOpeningConnectsToNothing(t *testing.T) {
	s, err := Open(config.Config{Project: "p", Database: "(default)", FirestoreHost: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, cfg := range []config.Config{{Database: "d"}, {Project: "p"}} {
		if _, err := Open(cfg); err == nil {
			t.Errorf("%+v was opened", cfg)
		}
	}
}
