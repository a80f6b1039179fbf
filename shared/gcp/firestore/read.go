package firestore

import (
	"context"
	"errors"
	"io"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"ticketsystem.example/shared/docdb"
)

// Get implements docdb.Store.
func (s *Store) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	if err := docdb.ValidKeys(keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = s.name(k)
	}
	req := &firestorepb.BatchGetDocumentsRequest{Database: s.database, Documents: names}
	var found map[string]*firestorepb.Document
	err := s.read(ctx, func(ctx context.Context) error {
		found = make(map[string]*firestorepb.Document, len(keys))
		stream, err := s.client.BatchGetDocuments(ctx, req)
		if err != nil {
			return err
		}
		return each(stream.Recv, func(r *firestorepb.BatchGetDocumentsResponse) {
			if doc := r.GetFound(); doc != nil {
				found[doc.Name] = doc
			}
		})
	})
	if err != nil {
		return nil, err
	}
	recs := make([]docdb.Record, len(keys))
	for i, k := range keys { // a key may stand there twice; each position gets its own fields
		if recs[i], err = record(k, found[names[i]]); err != nil {
			return nil, err
		}
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
	var docs []*firestorepb.Document
	err := s.read(ctx, func(ctx context.Context) error {
		docs = docs[:0]
		stream, err := s.client.RunQuery(ctx, req)
		if err != nil {
			return err
		}
		return each(stream.Recv, func(r *firestorepb.RunQueryResponse) {
			if doc := r.GetDocument(); doc != nil {
				docs = append(docs, doc)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	recs := make([]docdb.Record, len(docs))
	prefix := len(s.root) + len(q.Collection) + 1
	for i, doc := range docs {
		k := docdb.Key{Collection: q.Collection, ID: doc.Name[prefix:]}
		if recs[i], err = record(k, doc); err != nil {
			return nil, err
		}
	}
	return recs, nil
}

// each hands every message of a stream to fn.
func each[T any](recv func() (T, error), fn func(T)) error {
	for {
		msg, err := recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		fn(msg)
	}
}

func (s *Store) name(k docdb.Key) string { return s.root + k.Collection + "/" + k.ID }

// record turns a document, nil for a missing one, into what docdb knows.
func record(k docdb.Key, doc *firestorepb.Document) (docdb.Record, error) {
	if doc == nil {
		return docdb.Record{Key: k}, nil
	}
	fields, err := fromFields(k, doc.Fields)
	if err != nil {
		return docdb.Record{}, err
	}
	return docdb.Record{Key: k, Fields: fields, Version: version(doc.UpdateTime)}, nil
}

// version is an update time as text; Firestore counts microseconds.
func version(at *timestamppb.Timestamp) docdb.Version {
	return docdb.Version(at.AsTime().Format(time.RFC3339Nano))
}

// updateTime is the opposite of version. ok is false for a text that version never gave.
func updateTime(v docdb.Version) (at *timestamppb.Timestamp, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, string(v))
	return timestamppb.New(t), err == nil
}
