package pubsub

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

func TestMain(m *testing.M) { emulator.Main(m) }

// settings are those of a project of the test's own, with the topic "facts" and a
// subscription "watch" to pull from.
func settings(t *testing.T) (config.Config, *Admin) {
	t.Helper()
	suite := emulator.Use(t, emulator.PubSub)
	cfg := config.Config{Project: emulator.Project(t), Topic: "facts", PubSubHost: suite.PubSub}
	return cfg, provisioned(t, cfg)
}

func provisioned(t *testing.T, cfg config.Config) *Admin {
	t.Helper()
	admin, err := OpenAdmin(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, func() error { return admin.CreateTopic(t.Context(), "facts") }) // it may have just started
	subscribe(t, admin, Subscription{Name: "watch", Topic: "facts", AckDeadline: time.Minute})
	return admin
}

func create(t *testing.T, a *Admin, topics ...string) {
	t.Helper()
	for _, topic := range topics {
		if err := a.CreateTopic(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
	}
}

func subscribe(t *testing.T, a *Admin, s Subscription) {
	t.Helper()
	if err := a.CreateSubscription(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func opened(t *testing.T, cfg config.Config, extra ...option.ClientOption) *Topic {
	t.Helper()
	topic, err := open(cfg, extra...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := topic.Close(); err != nil {
			t.Error(err)
		}
	})
	return topic
}

// pull takes n messages from a subscription and no more than are there.
func pull(t *testing.T, a *Admin, subscription string, n int) []*pubsubpb.PubsubMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out []*pubsubpb.PubsubMessage
	for len(out) < n {
		res, err := a.subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: a.subscription(subscription), MaxMessages: int32(n)})
		if err != nil {
			t.Fatalf("after %d of %d messages: %v", len(out), n, err)
		}
		for _, m := range res.ReceivedMessages {
			out = append(out, m.Message)
			ack := &pubsubpb.AcknowledgeRequest{Subscription: a.subscription(subscription), AckIds: []string{m.AckId}}
			if err := a.subs.Acknowledge(ctx, ack); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

func fact(n int) event.Event {
	at := time.Date(2026, 11, 23, 12, 0, n, 0, time.UTC)
	return event.Event{Schema: event.Schema, ID: fmt.Sprint("e", n), Type: "ticket.changed", Subject: fmt.Sprint("t", n%2), Sequence: int64(n), At: at, Actor: "uma"}
}

func TestAFactArrivesWithItsTypeAndTicket(t *testing.T) {
	cfg, admin := settings(t)
	e := fact(7)
	e.Data = jsontext.Value(`{"to":"größe"}`)
	if err := opened(t, cfg).Publish(t.Context(), []event.Event{e}); err != nil {
		t.Fatal(err)
	}
	m := pull(t, admin, "watch", 1)[0]
	got, err := event.Decode(m.Data)
	if err != nil || got.ID != "e7" || string(got.Data) != string(e.Data) || !got.At.Equal(e.At) {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(m.Attributes) != 2 || m.Attributes["type"] != "ticket.changed" || m.Attributes["ticket"] != "t1" || m.OrderingKey != "" {
		t.Errorf("got %v, %q", m.Attributes, m.OrderingKey)
	}
}

func TestALargePublicationIsSplitAndArrivesWhole(t *testing.T) {
	cfg, admin := settings(t)
	var want []string
	var facts []event.Event
	for n := range 12 { // 9.6 MB, more than one call may hold
		e := fact(n)
		e.Data = jsontext.Value(`"` + strings.Repeat("x", 800_000) + `"`)
		facts = append(facts, e)
		want = append(want, e.ID)
	}
	if err := opened(t, cfg).Publish(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range pull(t, admin, "watch", len(want)) {
		e, err := event.Decode(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestMessagesAreSplitByNumberAndSize(t *testing.T) {
	of := func(sizes ...int) (out []*pubsubpb.PubsubMessage) {
		for _, n := range sizes {
			out = append(out, &pubsubpb.PubsubMessage{Data: make([]byte, n)})
		}
		return out
	}
	for _, c := range []struct {
		messages []*pubsubpb.PubsubMessage
		want     int
	}{
		{of(1), 1}, {of(1, 2, 3), 3}, {of(maxBytes), 1}, {of(maxBytes, 1), 1}, {of(maxBytes+1, 1), 1}, {of(maxBytes-1, 1, 1), 2},
		{make([]*pubsubpb.PubsubMessage, maxMessages), maxMessages}, {make([]*pubsubpb.PubsubMessage, maxMessages+1), maxMessages},
	} {
		for i := range c.messages {
			if c.messages[i] == nil {
				c.messages[i] = &pubsubpb.PubsubMessage{}
			}
		}
		if got := portion(c.messages); got != c.want {
			t.Errorf("%d of %d messages, want %d", got, len(c.messages), c.want)
		}
	}
}

func TestARelayEmptiesTheOutboxIntoTheTopic(t *testing.T) {
	cfg, admin := settings(t)
	db := docdb.Open(docdb.NewMemory(), event.Indexes())
	for n := range 5 {
		if err := db.Run(t.Context(), func(tx *docdb.Tx) error { return event.Append(tx, fact(n)) }); err != nil {
			t.Fatal(err)
		}
	}
	relay := event.Relay{DB: db, To: opened(t, cfg)}
	if n, err := relay.Drain(t.Context()); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := pull(t, admin, "watch", 5); len(got) != 5 {
		t.Errorf("%d messages", len(got))
	}
}

func TestNothingToPublishIsNoCall(t *testing.T) {
	topic := opened(t, config.Config{Project: "p", Topic: "t", PubSubHost: "127.0.0.1:1"})
	if err := topic.Publish(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestAMissingTopicIsOurMistakeAndNoOutage(t *testing.T) {
	cfg, _ := settings(t)
	cfg.Topic = "nowhere"
	if err := opened(t, cfg).Publish(t.Context(), []event.Event{fact(1)}); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
	for _, bad := range []config.Config{{Topic: "t"}, {Project: "p"}} {
		if _, err := Open(bad); err == nil {
			t.Errorf("%+v was opened", bad)
		}
	}
}

func TestAPublicationIsRepeatedWhenPubSubIsUnavailable(t *testing.T) {
	cfg, admin := settings(t)
	for _, c := range []struct {
		code  codes.Code
		fails int32
		calls int32
		kind  fault.Kind
	}{
		{codes.Unavailable, 2, 3, ""},
		{codes.Unavailable, 3, 3, fault.Unavailable},
		{codes.ResourceExhausted, 1, 1, fault.Unavailable},
		{codes.PermissionDenied, 1, 1, fault.Internal},
	} {
		var calls atomic.Int32
		fail := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			if calls.Add(1) <= c.fails {
				return status.Error(c.code, "not sent")
			}
			return invoke(ctx, method, req, reply, cc, opts...)
		}
		err := opened(t, cfg, option.WithGRPCDialOption(grpc.WithUnaryInterceptor(fail))).Publish(t.Context(), []event.Event{fact(1)})
		if fault.KindOf(err) != c.kind || calls.Load() != c.calls {
			t.Errorf("%d × %v: %d calls, %v", c.fails, c.code, calls.Load(), err)
		}
	}
	if got := pull(t, admin, "watch", 1); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}
