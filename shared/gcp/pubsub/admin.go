package pubsub

import (
	"context"
	"fmt"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"ticketsystem.example/shared/config"
)

// Admin sets up topics and subscriptions of a local system.
type Admin struct {
	project       string
	topics        *pubsub.TopicAdminClient
	subscriptions *pubsub.SubscriptionAdminClient
}

// OpenAdmin connects to the service, or to the emulator at cfg.PubSubHost.
func OpenAdmin(cfg config.Config) (*Admin, error) {
	topics, err := pubsub.NewTopicAdminClient(context.Background(), options(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	subscriptions, err := pubsub.NewSubscriptionAdminClient(context.Background(), options(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	return &Admin{project: cfg.Project, topics: topics, subscriptions: subscriptions}, nil
}

// Close ends the connections.
func (a *Admin) Close() error {
	if err := a.topics.Close(); err != nil {
		return err
	}
	return a.subscriptions.Close()
}

// CreateTopic creates a topic; one that is there already is fine.
func (a *Admin) CreateTopic(ctx context.Context, topic string) error {
	_, err := a.topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName(a.project, topic)})
	return created(err, "topic "+topic)
}

// Subscription is how messages of a topic are delivered.
type Subscription struct {
	Name        string
	Topic       string
	Endpoint    string // URL that messages are pushed to; "" for pulling
	Filter      string // in Pub/Sub's language; the emulator ignores it
	AckDeadline time.Duration
	MinBackoff  time.Duration // between deliveries after a failure; 0 for the service's default
	MaxBackoff  time.Duration
	DeadLetters string // topic that takes what failed too often; "" for none
	MaxAttempts int    // deliveries before that, 5 to 100
}

// CreateSubscription creates a subscription; one that is there already is fine and
// stays as it is.
func (a *Admin) CreateSubscription(ctx context.Context, s Subscription) error {
	sub := &pubsubpb.Subscription{
		Name:               subscriptionName(a.project, s.Name),
		Topic:              topicName(a.project, s.Topic),
		Filter:             s.Filter,
		AckDeadlineSeconds: int32(s.AckDeadline / time.Second),
	}
	if s.Endpoint != "" {
		sub.PushConfig = &pubsubpb.PushConfig{PushEndpoint: s.Endpoint}
	}
	if s.MaxBackoff > 0 {
		sub.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(s.MinBackoff), MaximumBackoff: durationpb.New(s.MaxBackoff)}
	}
	if s.DeadLetters != "" {
		sub.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(a.project, s.DeadLetters), MaxDeliveryAttempts: int32(s.MaxAttempts)}
	}
	_, err := a.subscriptions.CreateSubscription(ctx, sub)
	return created(err, "subscription "+s.Name)
}

// DeleteSubscription removes a subscription; one that is gone already is fine.
func (a *Admin) DeleteSubscription(ctx context.Context, name string) error {
	err := a.subscriptions.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subscriptionName(a.project, name)})
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return failure(err)
}

// Message is a message that was pulled.
type Message struct {
	ID         string
	Data       []byte
	Attributes map[string]string
}

// Pull takes up to most messages from a pull subscription and acknowledges them. It
// returns at once when there are none.
func (a *Admin) Pull(ctx context.Context, name string, most int) ([]Message, error) {
	full := subscriptionName(a.project, name)
	//lint:ignore SA1019 returning at once is what a console and tests want
	resp, err := a.subscriptions.Pull(ctx, &pubsubpb.PullRequest{Subscription: full, MaxMessages: int32(most), ReturnImmediately: true})
	if err != nil || len(resp.GetReceivedMessages()) == 0 {
		return nil, failure(err)
	}
	var out []Message
	ack := &pubsubpb.AcknowledgeRequest{Subscription: full}
	for _, m := range resp.GetReceivedMessages() {
		out = append(out, Message{ID: m.GetMessage().GetMessageId(), Data: m.GetMessage().GetData(), Attributes: m.GetMessage().GetAttributes()})
		ack.AckIds = append(ack.AckIds, m.GetAckId())
	}
	return out, failure(a.subscriptions.Acknowledge(ctx, ack))
}

func created(err error, what string) error {
	if err == nil || status.Code(err) == codes.AlreadyExists {
		return nil
	}
	return fmt.Errorf("create %s: %w", what, failure(err))
}
