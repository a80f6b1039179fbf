package bench

import (
	"errors"
	"io"
	"net"
	"path"
	"sync"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// recorder is a proxy in front of the Firestore emulator that notes every call. A
// function that talks to it does what it always does, so what is noted is true
// whatever the code says; it costs time, so what is timed goes past it.
type recorder struct {
	address  string
	server   *grpc.Server
	upstream *grpc.ClientConn

	mu    sync.Mutex
	calls []call
}

// call is one call to Firestore.
type call struct {
	method string               // e.g. "Commit"
	gets   []string             // full names of the documents that were asked for by name
	query  []byte               // the whole RunQueryRequest, as sent
	writes []*firestorepb.Write // in order
	reads  int                  // documents that Firestore bills as read
}

// startRecorder begins to pass calls on to the emulator at the address.
func startRecorder(emulator string) (*recorder, error) {
	upstream, err := grpc.NewClient(emulator, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, upstream.Close())
	}
	r := &recorder{address: l.Addr().String(), upstream: upstream}
	r.server = grpc.NewServer(grpc.UnknownServiceHandler(r.pass), grpc.ForceServerCodecV2(raw{}))
	go func() { _ = r.server.Serve(l) }() // ends with stop
	return r, nil
}

func (r *recorder) stop() error {
	r.server.Stop()
	return r.upstream.Close()
}

// take returns the calls since it was called last.
func (r *recorder) take() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

// pass hands one call on and its answers back. All calls of ours send one message, so
// there is no need to look both ways at once.
func (r *recorder) pass(_ any, down grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(down)
	headers, _ := metadata.FromIncomingContext(down.Context())
	ctx := metadata.NewOutgoingContext(down.Context(), headers)
	up, err := r.upstream.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method, grpc.ForceCodecV2(raw{}))
	if err != nil {
		return err
	}
	var message []byte
	if err := down.RecvMsg(&message); err != nil {
		return err
	}
	made, err := requested(path.Base(method), message)
	if err != nil {
		return err
	}
	if err := errors.Join(up.SendMsg(&message), up.CloseSend()); err != nil {
		return err
	}
	for {
		var answer []byte
		err := up.RecvMsg(&answer)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := errors.Join(made.answered(answer), down.SendMsg(&answer)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, made.billed())
	return nil
}

// requested reads what a request asks for.
func requested(method string, message []byte) (*call, error) {
	c := &call{method: method}
	switch method {
	case "BatchGetDocuments":
		var m firestorepb.BatchGetDocumentsRequest
		if err := proto.Unmarshal(message, &m); err != nil {
			return nil, err
		}
		c.gets, c.reads = m.Documents, len(m.Documents)
	case "RunQuery":
		c.query = message
	case "Commit":
		var m firestorepb.CommitRequest
		if err := proto.Unmarshal(message, &m); err != nil {
			return nil, err
		}
		c.writes = m.Writes
	}
	return c, nil
}

// answered counts what a query found.
func (c *call) answered(message []byte) error {
	if c.query == nil {
		return nil
	}
	var m firestorepb.RunQueryResponse
	err := proto.Unmarshal(message, &m)
	if m.Document != nil {
		c.reads++
	}
	return err
}

// billed is the call with at least one read for a query, as Firestore counts.
func (c *call) billed() call {
	if c.query != nil {
		c.reads = max(c.reads, 1)
	}
	return *c
}

// raw hands messages over as they are on the wire.
type raw struct{}

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// Name is that of the codec which both sides believe to speak with.
func (raw) Name() string { return "proto" }
