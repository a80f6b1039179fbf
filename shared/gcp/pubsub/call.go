package pubsub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

// patience is how long one call may take, with its repetitions, and tries how often
// it is sent at most.
const (
	patience = 3 * time.Second
	tries    = 3
)

// connection is how the process is tied to the service: lean, and quick to notice that
// the other side is gone or back.
func connection(cfg config.Config) []option.ClientOption {
	dial := []grpc.DialOption{
		grpc.WithDisableServiceConfig(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: patience,
		}),
		// A connection that died in silence is found out within the first call's time.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: patience / 2}),
	}
	opts := []option.ClientOption{option.WithTelemetryDisabled(), option.WithGRPCConnectionPool(1)}
	if cfg.PubSubHost != "" {
		dial = append(dial, grpc.WithTransportCredentials(insecure.NewCredentials()))
		opts = append(opts, option.WithEndpoint(cfg.PubSubHost), option.WithoutAuthentication())
	}
	for _, d := range dial {
		opts = append(opts, option.WithGRPCDialOption(d))
	}
	return opts
}

// call runs fn until it succeeds or is not worth repeating.
func call(caller context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(caller, patience)
	defer cancel()
	err := fn(ctx)
	for sent := 1; sent < tries && status.Code(err) == codes.Unavailable && wait(ctx, sent); sent++ {
		err = fn(ctx)
	}
	return failure(caller, err)
}

// wait pauses before a repetition, and reports whether there is still time for one.
func wait(ctx context.Context, sent int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(50*time.Millisecond<<sent + rand.N(50*time.Millisecond)):
		return true
	}
}

// failure classifies an error. A caller that went away is no failure of Pub/Sub.
func failure(caller context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(caller.Err(), context.Canceled) {
		return fmt.Errorf("pubsub: %w", context.Canceled)
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal, codes.Canceled, codes.Aborted:
		return fault.Down(fmt.Errorf("pubsub: %w", err))
	}
	return fmt.Errorf("pubsub: %w", err)
}
