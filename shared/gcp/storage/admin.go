package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"ticketsystem.example/shared/config"
)

// Admin creates buckets and their notifications. All it does may be repeated.
type Admin struct {
	client  *storage.Client
	project string
}

// OpenAdmin prepares the client and returns at once.
func OpenAdmin(cfg config.Config) (*Admin, error) {
	client, err := newClient(cfg)
	return &Admin{client: client, project: cfg.Project}, err
}

// Close ends the connections.
func (a *Admin) Close() error { return a.client.Close() }

// CreateBucket makes sure that the bucket is there.
func (a *Admin) CreateBucket(ctx context.Context, name string) error {
	err := call(ctx, brief, func(ctx context.Context) error {
		err := a.client.Bucket(name).Create(ctx, a.project, &storage.BucketAttrs{UniformBucketLevelAccess: storage.UniformBucketLevelAccess{Enabled: true}})
		var answer *googleapi.Error
		if errors.As(err, &answer) && answer.Code == http.StatusConflict {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("bucket %s: %w", name, err)
	}
	return nil
}

// Notify makes sure that the topic is told of each new object in the bucket.
func (a *Admin) Notify(ctx context.Context, bucket, topic string) error {
	return call(ctx, brief, func(ctx context.Context) error {
		b := a.client.Bucket(bucket)
		there, err := b.Notifications(ctx)
		if err != nil {
			return err
		}
		for _, n := range there {
			if n.TopicID == topic && n.TopicProjectID == a.project {
				return nil
			}
		}
		_, err = b.AddNotification(ctx, &storage.Notification{
			TopicProjectID: a.project, TopicID: topic, EventTypes: []string{storage.ObjectFinalizeEvent}, PayloadFormat: storage.JSONPayload,
		})
		return err
	})
}
