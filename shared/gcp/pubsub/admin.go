package pubsub

import (
	"context"
	"errors"
	"fmt"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"ticketsystem.example/shared/config"
)

// Admin creates topics and subscriptions of a project. All it does may be repeated.
type Admin struct {
	project string
	topics  *pubsub.TopicAdminClient
	subs    *pubsub.SubscriptionAdminClient
}

// OpenAdmin prepares the connections and returns at once.
func OpenAdmin(cfg config.Config) (*Admin, error) {
	if cfg.Project == "" {
		return nil, errors.New("pubsub: no project is configured")
	}
	topics, err := pubsub.NewTopicAdminClient(context.Background(), connection(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	subs, err := pubsub.NewSubscriptionAdminClient(context.Background(), connection(cfg)...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pubsub: %w", err), topics.Close())
	}
	topics.CallOptions = &pubsub.TopicAdminCallOptions{}
	subs.CallOptions = &pubsub.SubscriptionAdminCallOptions{}
	return &Admin{project: cfg.Project, topics: topics, subs: subs}, nil
}

// Close ends the connections.
func (a *Admin) Close() error { return errors.Join(a.topics.Close(), a.subs.Close()) }

// CreateTopic makes sure that the topic is there.
func (a *Admin) CreateTopic(ctx context.Context, topic string) error {
	return call(ctx, func(ctx context.Context) error {
		_, err := a.topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName(a.project, topic)})
		return unless(err, codes.AlreadyExists)
	})
}

// Subscription is how messages of a topic are delivered.
type Subscription struct {
	Name     string
	Topic    string
	Endpoint string // where messages are pushed to; "" means that they are pulled
	Filter   string // over attributes; the emulator keeps it and doesn't apply it

	AckDeadline time.Duration // until a message that wasn't answered is sent again: 10 to 600 s
	MinBackoff  time.Duration // between deliveries of a message that was refused: 0 to 600 s
	MaxBackoff  time.Duration // and at most; zero for both means at once

	DeadLetters string // topic for messages that were refused MaxAttempts times; "" for none
	MaxAttempts int    // 5 to 100
}

// CreateSubscription makes sure that the subscription is there and is as told. Topic
// and filter of one that exists can't change; a difference in them is an error.
func (a *Admin) CreateSubscription(ctx context.Context, s Subscription) error {
	want := s.proto(a.project)
	return call(ctx, func(ctx context.Context) error {
		_, err := a.subs.CreateSubscription(ctx, want)
		if status.Code(err) != codes.AlreadyExists {
			return err
		}
		now, err := a.subs.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
		if err != nil {
			return err
		}
		if now.Topic != want.Topic || now.Filter != want.Filter {
			return fmt.Errorf("subscription %s exists with topic %s and filter %q", s.Name, now.Topic, now.Filter)
		}
		_, err = a.subs.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
			Subscription: want,
			UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"push_config", "ack_deadline_seconds", "retry_policy", "dead_letter_policy"}},
		})
		return err
	})
}

// DeleteSubscription makes sure that the subscription isn't there, nor the messages
// that it holds.
func (a *Admin) DeleteSubscription(ctx context.Context, name string) error {
	return call(ctx, func(ctx context.Context) error {
		err := a.subs.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: a.subscription(name)})
		return unless(err, codes.NotFound)
	})
}

func (a *Admin) subscription(name string) string {
	return "projects/" + a.project + "/subscriptions/" + name
}

func (s Subscription) proto(project string) *pubsubpb.Subscription {
	out := &pubsubpb.Subscription{
		Name:               "projects/" + project + "/subscriptions/" + s.Name,
		Topic:              topicName(project, s.Topic),
		Filter:             s.Filter,
		AckDeadlineSeconds: int32(s.AckDeadline / time.Second),
		PushConfig:         &pubsubpb.PushConfig{PushEndpoint: s.Endpoint},
	}
	if s.MinBackoff > 0 || s.MaxBackoff > 0 {
		out.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(s.MinBackoff), MaximumBackoff: durationpb.New(s.MaxBackoff)}
	}
	if s.DeadLetters != "" {
		out.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(project, s.DeadLetters), MaxDeliveryAttempts: int32(s.MaxAttempts)}
	}
	return out
}

// unless forgives one kind of error: what should be so is so already.
func unless(err error, forgiven codes.Code) error {
	if status.Code(err) == forgiven {
		return nil
	}
	return err
}
