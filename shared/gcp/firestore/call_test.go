package firestore

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

var (
	one = docdb.Fields{"n": int64(1)}
	two = docdb.Fields{"n": int64(2)}
)

// disturbance makes the first calls over a connection fail: before they are sent, or
// after they were done, so that only the answer is lost.
type disturbance struct {
	unsent, lost int32 // how many of the first calls
	code         codes.Code
	calls        atomic.Int32
}

func (d *disturbance) disturb(do func() error) error {
	n := d.calls.Add(1)
	if n <= d.unsent {
		return status.Error(d.code, "not sent")
	}
	err := do()
	if n <= d.unsent+d.lost {
		return status.Error(d.code, "answer lost")
	}
	return err
}

func (d *disturbance) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return d.disturb(func() error { return invoke(ctx, method, req, reply, cc, opts...) })
}

func (d *disturbance) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, start grpc.Streamer, opts ...grpc.CallOption) (s grpc.ClientStream, err error) {
	err = d.disturb(func() error { s, err = start(ctx, desc, cc, method, opts...); return err })
	return s, err
}

func (d *disturbance) options() []option.ClientOption {
	return []option.ClientOption{
		option.WithGRPCDialOption(grpc.WithUnaryInterceptor(d.unary)),
		option.WithGRPCDialOption(grpc.WithStreamInterceptor(d.stream)),
	}
}

func TestReadsAreRepeatedWhenTheDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	put(t, opened(t, cfg), "a", one)
	for _, c := range []struct {
		code  codes.Code
		fails int32
		calls int32
		kind  fault.Kind
	}{
		{codes.Unavailable, 1, 2, ""},
		{codes.Unavailable, 2, 3, ""},
		{codes.Unavailable, 3, 3, fault.Unavailable},
		{codes.ResourceExhausted, 1, 1, fault.Unavailable},
		{codes.PermissionDenied, 1, 1, fault.Internal},
	} {
		d := &disturbance{unsent: c.fails, code: c.code}
		s := opened(t, cfg, d.options()...)
		_, err := s.Get(t.Context(), []docdb.Key{key("a")})
		if fault.KindOf(err) != c.kind || d.calls.Load() != c.calls {
			t.Errorf("get, %d × %v: %d calls, %v", c.fails, c.code, d.calls.Load(), err)
		}
		d.calls.Store(0)
		recs, err := s.Query(t.Context(), docdb.Query{Collection: "things", Limit: 5})
		if fault.KindOf(err) != c.kind || err == nil && len(recs) != 1 || d.calls.Load() != c.calls {
			t.Errorf("query, %d × %v: %d calls, %v, %v", c.fails, c.code, d.calls.Load(), recs, err)
		}
	}
}

// broken is a stream that ends early, as when the connection breaks.
type broken struct {
	grpc.ClientStream
	left int
}

func (s *broken) RecvMsg(m any) error {
	if s.left--; s.left < 0 {
		return status.Error(codes.Unavailable, "broken")
	}
	return s.ClientStream.RecvMsg(m)
}

func TestAStreamThatBreaksInTheMiddleIsReadAgainFromItsBeginning(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	plain := opened(t, cfg)
	for _, id := range []string{"a", "b", "c"} {
		put(t, plain, id, one)
	}
	first := true
	breakOnce := func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, start grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		s, err := start(ctx, desc, cc, method, opts...)
		if first && err == nil {
			first = false
			return &broken{s, 2}, nil
		}
		return s, err
	}
	s := opened(t, cfg, option.WithGRPCDialOption(grpc.WithStreamInterceptor(breakOnce)))
	recs, err := s.Query(t.Context(), docdb.Query{Collection: "things", Limit: 10})
	if err != nil || len(recs) != 3 || recs[0].Key.ID != "a" || first {
		t.Errorf("query: %v, %v", recs, err)
	}
	first = true
	recs, err = s.Get(t.Context(), []docdb.Key{key("c"), key("b"), key("a")})
	if err != nil || len(recs) != 3 || recs[0].Key.ID != "c" || !recs[2].Exists() || first {
		t.Errorf("get: %v, %v", recs, err)
	}
}

func TestACommitIsRepeatedOnlyWhereThatDoesNoHarm(t *testing.T) {
	t.Parallel()
	put := docdb.Write{Key: key("a"), Fields: two}
	create := docdb.Write{Key: key("new"), Fields: one, MustMiss: true}
	remove := docdb.Write{Key: key("a"), Op: docdb.OpDelete}
	add := docdb.Write{Key: key("count"), Op: docdb.OpAdd, Fields: one}
	for _, c := range []struct {
		name         string
		unsent, lost int32
		writes       []docdb.Write
		kind         fault.Kind
		calls        int32
		count        any // how often add happened
	}{
		{"a set, not sent", 2, 0, []docdb.Write{put}, "", 3, nil},
		{"a set, answer lost", 0, 2, []docdb.Write{put}, "", 3, nil},
		{"a deletion, answer lost", 0, 1, []docdb.Write{remove}, "", 2, nil},
		{"a creation, not sent", 1, 0, []docdb.Write{create, add}, "", 2, int64(1)},
		{"a creation, answer lost", 0, 1, []docdb.Write{create, add}, fault.Unavailable, 2, int64(1)},
		{"adding, not sent", 1, 0, []docdb.Write{add}, fault.Unavailable, 1, nil},
		{"adding, answer lost", 0, 1, []docdb.Write{add}, fault.Unavailable, 1, int64(1)},
		{"adding beside a set, answer lost", 0, 1, []docdb.Write{put, add}, fault.Unavailable, 1, int64(1)},
		{"never an answer", 0, 9, []docdb.Write{put}, fault.Unavailable, 3, nil},
	} {
		d := &disturbance{unsent: c.unsent, lost: c.lost, code: codes.Unavailable}
		cfg := settings(t)
		plain := opened(t, cfg)
		err := opened(t, cfg, d.options()...).Commit(t.Context(), c.writes)
		if fault.KindOf(err) != c.kind || d.calls.Load() != c.calls || get(t, plain, "count").Fields["n"] != c.count {
			t.Errorf("%s: %d calls, count %v, %v", c.name, d.calls.Load(), get(t, plain, "count").Fields["n"], err)
		}
		if err != nil && errors.Is(err, docdb.ErrConflict) {
			t.Errorf("%s: its own success is taken for somebody else's", c.name)
		}
	}
}

func TestATransactionWhoseAnswerWasLostIsNotRunAgain(t *testing.T) {
	cfg := settings(t)
	plain := opened(t, cfg)
	put(t, plain, "a", one)
	d := &disturbance{code: codes.Unavailable}
	s := opened(t, cfg, d.options()...)
	runs := 0
	err := docdb.Open(s).Run(t.Context(), func(tx *docdb.Tx) error {
		runs++
		recs, err := tx.Read(t.Context(), key("a"))
		if err != nil {
			return err
		}
		d.calls.Store(0)
		d.lost = 1 // the commit's
		return tx.Put(key("a"), map[string]int64{"n": recs[0].Fields["n"].(int64) + 1})
	})
	if !fault.Is(err, fault.Unavailable) || runs != 1 || get(t, plain, "a").Fields["n"] != int64(2) {
		t.Errorf("%d runs, holds %v, %v", runs, get(t, plain, "a").Fields, err)
	}
}

func TestACallSaysWhereItGoes(t *testing.T) {
	cfg := settings(t)
	var sent []metadata.MD
	watch := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		md, _ := metadata.FromOutgoingContext(ctx)
		sent = append(sent, md)
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	s := opened(t, cfg, option.WithGRPCDialOption(grpc.WithUnaryInterceptor(watch)))
	for range 2 { // the header must not grow from call to call
		put(t, s, "a", one)
	}
	md := sent[1]
	params := strings.Join(md["x-goog-request-params"], "&")
	for _, want := range []string{"project_id=" + cfg.Project, "database_id=" + cfg.Database} {
		if strings.Count(params, want) != 1 {
			t.Errorf("%s is not once in %q", want, params)
		}
	}
	if got := md["google-cloud-resource-prefix"]; len(got) != 1 || got[0] != "projects/"+cfg.Project+"/databases/"+cfg.Database {
		t.Errorf("prefix %q", got)
	}
	if got := md["authorization"]; len(got) != 1 || got[0] != "Bearer owner" {
		t.Errorf("authorization %q", got)
	}
}

func TestFailuresAreClassified(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, c := range []struct {
		ctx  context.Context
		code codes.Code
		want fault.Kind
	}{
		{t.Context(), codes.OK, ""},
		{t.Context(), codes.Unavailable, fault.Unavailable},
		{t.Context(), codes.DeadlineExceeded, fault.Unavailable},
		{t.Context(), codes.ResourceExhausted, fault.Unavailable},
		{t.Context(), codes.Internal, fault.Unavailable},
		{t.Context(), codes.Canceled, fault.Unavailable},
		{t.Context(), codes.InvalidArgument, fault.Internal},
		{t.Context(), codes.FailedPrecondition, fault.Internal}, // of a query: an index is missing
		{t.Context(), codes.PermissionDenied, fault.Internal},
		{late, codes.DeadlineExceeded, fault.Unavailable},
		{gone, codes.Canceled, fault.Internal},
	} {
		if got := fault.KindOf(failure(c.ctx, status.Error(c.code, "x"))); got != c.want {
			t.Errorf("%v is %q, want %q", c.code, got, c.want)
		}
	}
	if err := failure(gone, status.Error(codes.Canceled, "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
