// Package pubsub publishes facts to Cloud Pub/Sub: it is event.Publisher over the
// low-level client. Admin sets up topics and subscriptions where Pulumi doesn't: on a
// laptop and in tests.
//
// Ideas:
//
//   - One publication is one call, or a few when it is large, and returns when Pub/Sub
//     has taken every message: no batching in the background that could die with the
//     process.
//   - A message is the event as event.Encode writes it. Its attributes repeat the type,
//     for the subscriptions' filters, and the ticket (the event's subject).
//   - There are no ordering keys: events carry their own sequence, and with ordering a
//     message that can't be handled would hold up its whole ticket.
//
// Retries: a publication is repeated twice when Pub/Sub is unavailable, within a few
// seconds in all. That may publish a fact twice, which consumers expect (event.Once).
// Then it is fault.Unavailable, the facts stay in the outbox, and the relay's next
// run publishes them.
//
// Rights needed: roles/pubsub.publisher on the topic. It does not receive: pushes
// arrive as HTTP requests.
package pubsub

import (
	"context"
	"errors"
	"fmt"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
)

// Attributes of every message.
const (
	TypeAttribute   = "type"   // the event's type
	TicketAttribute = "ticket" // the event's subject
)

// The most that one call publishes. Pub/Sub takes 10 MB, but the emulator 4 MiB.
const (
	maxMessages = 1000
	maxBytes    = 7 << 19 // of data
)

// Topic is where facts are published. It is safe for concurrent use.
type Topic struct {
	client *pubsub.TopicAdminClient
	name   string // projects/P/topics/T
}

// Open prepares the connection to cfg.Topic and returns at once; the first call
// connects. With cfg.PubSubHost it talks to the emulator there.
func Open(cfg config.Config) (*Topic, error) { return open(cfg) }

// open lets tests add options, to disturb the connection.
func open(cfg config.Config, extra ...option.ClientOption) (*Topic, error) {
	if cfg.Project == "" || cfg.Topic == "" {
		return nil, errors.New("pubsub: no project or no topic is configured")
	}
	client, err := pubsub.NewTopicAdminClient(context.Background(), append(connection(cfg), extra...)...)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	client.CallOptions = &pubsub.TopicAdminCallOptions{} // retries and deadlines are ours
	return &Topic{client: client, name: topicName(cfg.Project, cfg.Topic)}, nil
}

// Publish implements event.Publisher.
func (t *Topic) Publish(ctx context.Context, events []event.Event) error {
	messages := make([]*pubsubpb.PubsubMessage, len(events))
	for i, e := range events {
		data, err := event.Encode(e)
		if err != nil {
			return fmt.Errorf("pubsub: event %s: %w", e.ID, err)
		}
		messages[i] = &pubsubpb.PubsubMessage{Data: data, Attributes: map[string]string{TypeAttribute: e.Type, TicketAttribute: e.Subject}}
	}
	for len(messages) > 0 {
		n := portion(messages)
		if err := t.send(ctx, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

// portion is how many of the messages fit into one call, at least one.
func portion(messages []*pubsubpb.PubsubMessage) int {
	size := 0
	for i, m := range messages {
		size += len(m.Data)
		if i > 0 && (i == maxMessages || size > maxBytes) {
			return i
		}
	}
	return len(messages)
}

func (t *Topic) send(ctx context.Context, messages []*pubsubpb.PubsubMessage) error {
	return call(ctx, func(ctx context.Context) error {
		res, err := t.client.Publish(ctx, &pubsubpb.PublishRequest{Topic: t.name, Messages: messages})
		if err == nil && len(res.MessageIds) != len(messages) {
			err = fmt.Errorf("%d of %d messages were taken", len(res.MessageIds), len(messages))
		}
		return err
	})
}

// Close ends the connection.
func (t *Topic) Close() error { return t.client.Close() }

func topicName(project, topic string) string { return "projects/" + project + "/topics/" + topic }
