package firestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"

	"ticketsystem.example/shared/docdb"
)

// Get implements docdb.Store.
func (s *Store) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	if err := docdb.ValidKeys(keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	req := &firestorepb.BatchGetDocumentsRequest{Database: s.database, Documents: make([]string, len(keys))}
	for i, k := range keys {
		req.Documents[i] = s.name(k)
	}
	found := make(map[docdb.Key]docdb.Record, len(keys))
	err := s.read(ctx, func(ctx context.Context) error {
		stream, err := s.client.BatchGetDocuments(ctx, req)
		if err != nil {
			return err
		}
		return s.each(stream, func(r docdb.Record) { found[r.Key] = r })
	})
	if err != nil {
		return nil, err
	}
	recs := make([]docdb.Record, len(keys))
	for i, k := range keys {
		recs[i] = found[k]
		recs[i].Key = k
	}
	return recs, nil
}

// Query implements docdb.Store.
func (s *Store) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	if err := q.Valid(); err != nil {
		return nil, err
	}
	req := &firestorepb.RunQueryRequest{
		Parent:    s.root[:len(s.root)-1],
		QueryType: &firestorepb.RunQueryRequest_StructuredQuery{StructuredQuery: s.structured(q)},
	}
	var recs []docdb.Record
	err := s.read(ctx, func(ctx context.Context) error {
		recs = recs[:0]
		stream, err := s.client.RunQuery(ctx, req)
		if err != nil {
			return err
		}
		return s.each(stream, func(r docdb.Record) { recs = append(recs, r) })
	})
	return recs, err
}

// each hands every document of a stream to fn.
func (s *Store) each(stream grpc.ClientStream, fn func(docdb.Record)) error {
	for {
		var a answer
		err := stream.RecvMsg(&a)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case a.err != nil:
			return fmt.Errorf("%s can't be read: %w", a.name, a.err)
		case a.found:
			collection, id, _ := strings.Cut(strings.TrimPrefix(a.name, s.root), "/")
			fn(docdb.Record{Key: docdb.Key{Collection: collection, ID: id}, Fields: a.fields, Version: a.version})
		}
	}
}

func (s *Store) name(k docdb.Key) string { return s.root + k.Collection + "/" + k.ID }

// version is an update time as text; Firestore counts microseconds.
func version(at time.Time) docdb.Version {
	return docdb.Version(at.UTC().Format(time.RFC3339Nano))
}

// updateTime is the opposite of version. ok is false for a text that version never gave.
func updateTime(v docdb.Version) (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339Nano, string(v))
	return at, err == nil
}
