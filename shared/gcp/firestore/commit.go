package firestore

import (
	"context"
	"fmt"
	"math/bits"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"ticketsystem.example/shared/docdb"
)

// The store's own fields.
const (
	expiresField = "_expires" // timestamp; the field of the time-to-live policy
	priorField   = "_prior"   // which version a put replaced
)

// Commit implements docdb.Store.
func (s *Store) Commit(ctx context.Context, writes []docdb.Write) error {
	if err := docdb.ValidWrites(writes); err != nil || len(writes) == 0 {
		return err
	}
	req := &firestorepb.CommitRequest{Database: s.database, Writes: make([]*firestorepb.Write, len(writes))}
	for i, w := range writes {
		out, err := s.write(w)
		if err != nil {
			return err
		}
		req.Writes[i] = out
	}
	return s.commit(ctx, repeatable(writes), func(ctx context.Context) error {
		_, err := s.client.Commit(ctx, req)
		return err
	})
}

// repeatable reports whether a commit whose answer was lost may be sent again: if
// it has nothing that adds up, or a condition that its own success makes false.
func repeatable(writes []docdb.Write) bool {
	adds := false
	for _, w := range writes {
		if w.IfVersion != "" || w.MustMiss && w.Op == docdb.OpPut {
			return true
		}
		adds = adds || w.Op == docdb.OpAdd
	}
	return !adds
}

// write says a valid write in Firestore's words.
func (s *Store) write(w docdb.Write) (*firestorepb.Write, error) {
	out := &firestorepb.Write{}
	if w.MustMiss {
		out.CurrentDocument = &firestorepb.Precondition{ConditionType: &firestorepb.Precondition_Exists{Exists: false}}
	}
	own := docdb.Fields{}
	if !w.Expires.IsZero() {
		own[expiresField] = w.Expires
	}
	if w.IfVersion != "" {
		at, ok := updateTime(w.IfVersion)
		if !ok {
			return nil, fmt.Errorf("%w: %s never had version %q", docdb.ErrConflict, w.Key, w.IfVersion)
		}
		out.CurrentDocument = &firestorepb.Precondition{ConditionType: &firestorepb.Precondition_UpdateTime{UpdateTime: timestamppb.New(at)}}
		own[priorField] = scattered(at)
	}
	name := s.name(w.Key)
	switch w.Op {
	case docdb.OpDelete:
		out.Operation = &firestorepb.Write_Delete{Delete: name}
	case docdb.OpAdd:
		out.Operation = &firestorepb.Write_Update{Update: &firestorepb.Document{Name: name}}
		out.UpdateMask = &firestorepb.DocumentMask{} // empty, not absent: all fields stay
		out.UpdateTransforms = increments(w.Fields)
	case docdb.OpPut:
		out.Operation = &firestorepb.Write_Update{Update: toDocument(name, w.Fields, own)}
	}
	return out, nil
}

// scattered is a time as a number that doesn't grow with it: a value that grows
// steadily would make its index a hot spot.
func scattered(t time.Time) int64 { return int64(bits.Reverse64(uint64(t.UnixMicro()))) }

func increments(deltas docdb.Fields) []*firestorepb.DocumentTransform_FieldTransform {
	out := make([]*firestorepb.DocumentTransform_FieldTransform, 0, len(deltas))
	for name, delta := range deltas {
		out = append(out, &firestorepb.DocumentTransform_FieldTransform{
			FieldPath:     path(name),
			TransformType: &firestorepb.DocumentTransform_FieldTransform_Increment{Increment: toValue(delta)},
		})
	}
	return out
}
