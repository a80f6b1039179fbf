package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/gcp/pubsub"
	"ticketsystem.example/shared/gcp/storage"
	"ticketsystem.example/shared/start"
)

// longestBackoff bounds the pauses between deliveries here: the emulator lengthens
// them for a whole subscription rather than for one message, so that a function that
// was down for a moment would hear nothing for minutes.
const longestBackoff = 5 * time.Second

// openData connects the stack itself to its documents and to Pub/Sub.
func (s *Stack) openData() error {
	store, err := firestore.Open(s.settings)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.closers = append(s.closers, store.Close)
	s.DB = docdb.Open(store, start.Indexes())
	if s.admin, err = pubsub.OpenAdmin(s.settings); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.closers = append(s.closers, s.admin.Close)
	return nil
}

// provision creates the topics, subscriptions and buckets that the catalogue asks for.
func (s *Stack) provision(ctx context.Context) error {
	s.topics, s.subs = topology(functions.Catalogue, s.prefix)
	s.pushes = newPushes(s.subs, s.urls(), s.settings.Project)
	for _, topic := range s.topics {
		if err := s.admin.CreateTopic(ctx, topic); err != nil {
			return fmt.Errorf("stack: %w", err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.createBuckets(ctx) })
	for _, sub := range s.subs {
		group.Go(func() error {
			return s.admin.CreateSubscription(ctx, s.subscription(sub, true))
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	return nil
}

// subscription is what Pub/Sub is told of a subscription: to push to the internal door, or
// to keep what comes.
func (s *Stack) subscription(sub Subscription, pushes bool) pubsub.Subscription {
	out := pubsub.Subscription{
		Name:        sub.Name,
		Topic:       sub.Topic,
		Filter:      sub.Filter,
		AckDeadline: functions.AckDeadlineSec * time.Second,
		MinBackoff:  functions.MinBackoffSec * time.Second,
		MaxBackoff:  min(functions.MaxBackoffSec*time.Second, longestBackoff),
		DeadLetters: sub.Dead,
		MaxAttempts: functions.MaxAttempts,
	}
	if pushes {
		out.Endpoint = "http://" + s.innerDoor.Addr().String() + "/push/" + sub.Name
	}
	return out
}

// Interrupt takes the push endpoint from a subscription for a while, which then keeps what
// comes, and gives it back.
func (s *Stack) Interrupt(ctx context.Context, sub Subscription, while time.Duration) error {
	if err := s.admin.CreateSubscription(ctx, s.subscription(sub, false)); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	time.Sleep(while)
	if err := s.admin.CreateSubscription(context.WithoutCancel(ctx), s.subscription(sub, true)); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	return nil
}

// createBuckets makes the catalogue's buckets and their notifications.
func (s *Stack) createBuckets(ctx context.Context) error {
	admin, err := storage.OpenAdmin(s.settings)
	if err != nil {
		return err
	}
	for _, b := range functions.Buckets {
		if err == nil {
			err = admin.CreateBucket(ctx, s.bucket(b.Name))
		}
		if err == nil && b.Notify != "" {
			err = admin.Notify(ctx, s.bucket(b.Name), s.prefix+b.Notify)
		}
	}
	return errors.Join(err, admin.Close())
}

// deprovision ends the deliveries to this stack from emulators that go on, even when
// ctx has ended. Topics stay: without subscriptions they hold nothing.
func (s *Stack) deprovision(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), politely)
	defer cancel()
	var failures []error
	for _, sub := range s.subs {
		failures = append(failures, s.admin.DeleteSubscription(ctx, sub.Name))
	}
	return errors.Join(failures...)
}
