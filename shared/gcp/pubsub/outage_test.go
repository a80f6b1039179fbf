package pubsub

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// back is how soon all must work again. Most of it is for an emulator that has just
// started on a busy machine; we look for it every second.
const back = 20 * time.Second

// fragile starts an emulator of the test's own, which it may kill.
func fragile(t *testing.T) (*emulator.Suite, config.Config) {
	t.Helper()
	suite, err := emulator.Start(t.Context(), emulator.Options{Only: []emulator.Kind{emulator.PubSub}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return suite, config.Config{Project: suite.Project, Topic: "facts", PubSubHost: suite.PubSub}
}

func failsFast(t *testing.T, topic *Topic) {
	t.Helper()
	begin := time.Now()
	err := topic.Publish(t.Context(), []event.Event{fact(1)})
	if took := time.Since(begin); !fault.Is(err, fault.Unavailable) || took > patience+time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

// eventually expects that try succeeds soon.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(back); ; {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not back after %v: %v", back, err)
		}
	}
}

func recovers(t *testing.T, topic *Topic) {
	t.Helper()
	eventually(t, func() error { return topic.Publish(t.Context(), []event.Event{fact(2)}) })
}

func TestPubSubThatDiesIsNoticedAtOnceAndUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	suite, cfg := fragile(t)
	admin := provisioned(t, cfg)
	topic := opened(t, cfg)
	recovers(t, topic)
	if err := suite.Kill(emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	failsFast(t, topic)
	if err := suite.Restart(t.Context(), emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { return admin.CreateTopic(t.Context(), "facts") }) // it came back empty
	recovers(t, topic)
}

func TestPubSubThatHangsDoesNotHangUs(t *testing.T) {
	t.Parallel()
	suite, cfg := fragile(t)
	provisioned(t, cfg)
	topic := opened(t, cfg)
	recovers(t, topic)
	if err := suite.Pause(emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	failsFast(t, topic)
	if err := suite.Resume(emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	recovers(t, topic)
}

func TestFailuresAreClassified(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		code codes.Code
		want fault.Kind
	}{
		{t.Context(), codes.OK, ""},
		{t.Context(), codes.Unavailable, fault.Unavailable},
		{t.Context(), codes.DeadlineExceeded, fault.Unavailable},
		{t.Context(), codes.Internal, fault.Unavailable},
		{t.Context(), codes.NotFound, fault.Internal},
		{t.Context(), codes.InvalidArgument, fault.Internal},
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
