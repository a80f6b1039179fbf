// Package pubsub publishes events to Cloud Pub/Sub, and sets up topics and
// subscriptions for a local system.
//
// Ideas: a batch of events is one Publish call that either was taken or not, without
// queues or goroutines of our own; the outbox is the queue. Attributes carry what
// subscriptions filter by. Ordering keys are not used: each event carries its own
// sequence, and consumers don't rely on order.
//
// Retries: a publication is tried again within a few seconds when the service does not
// answer; after that the caller hears fault.Unavailable, and the events stay in the
// outbox for the next drain.
//
// In production topics and subscriptions come from the infrastructure, not from Admin.
package pubsub

import (
	"context"
	"errors"
	"fmt"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// patience is how long one publication may take, with its repetitions.
const patience = 5 * time.Second

// Publisher publishes to one topic. It is safe for concurrent use.
type Publisher struct {
	client *pubsub.TopicAdminClient
	topic  string // projects/P/topics/T
}

// Open prepares the connection to cfg.Topic and returns at once; the first
// publication connects. With cfg.PubSubHost it talks to the emulator there.
func Open(cfg config.Config) (*Publisher, error) {
	client, err := pubsub.NewTopicAdminClient(context.Background(), options(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	return &Publisher{client: client, topic: topicName(cfg.Project, cfg.Topic)}, nil
}

// options tie the process to the service, or to the emulator, lean and quick to notice
// that the other side is back.
func options(cfg config.Config) []option.ClientOption {
	opts := []option.ClientOption{
		option.WithTelemetryDisabled(),
		option.WithGRPCConnectionPool(1),
		option.WithGRPCDialOption(grpc.WithDisableServiceConfig()),
		option.WithGRPCDialOption(grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: patience,
		})),
	}
	if cfg.PubSubHost != "" {
		opts = append(opts,
			option.WithEndpoint(cfg.PubSubHost),
			option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	return opts
}

// Publish implements event.Publisher. An event of more than Pub/Sub's 10 MB can't
// occur: events carry no texts.
func (p *Publisher) Publish(ctx context.Context, events []event.Event) error {
	req := &pubsubpb.PublishRequest{Topic: p.topic}
	for _, e := range events {
		data, err := event.Encode(e)
		if err != nil {
			return err
		}
		req.Messages = append(req.Messages, &pubsubpb.PubsubMessage{
			Data:       data,
			Attributes: map[string]string{"type": e.Type, "ticket": e.Subject},
		})
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := p.client.Publish(ctx, req)
	return failure(err)
}

// Close ends the connection.
func (p *Publisher) Close() error { return p.client.Close() }

func failure(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal, codes.Aborted, codes.Unknown:
		return fault.Down(fmt.Errorf("pubsub: %w", err))
	}
	return fmt.Errorf("pubsub: %w", err)
}

func topicName(project, topic string) string { return "projects/" + project + "/topics/" + topic }

func subscriptionName(project, subscription string) string {
	return "projects/" + project + "/subscriptions/" + subscription
}
