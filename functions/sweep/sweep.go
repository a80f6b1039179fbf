// Package sweep is the function that removes files which nobody waits for.
//
// Trigger: the schedule, every hour. Finds by an index the attachments whose time is up:
// uploads that never came within a day, what was rejected a week ago, what was removed.
// Hides each, deletes its objects in both buckets, then its document; what could not be
// checked for a day it rejects. Cut off anywhere, it goes on an hour later. Rights:
// Firestore documents, files in both buckets.
package sweep

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/quarantine"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
	"ticketsystem.example/shared/start/files"
)

func init() {
	entry.Function("Sweep", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		if err := files.Open(cfg, d); err != nil {
			return nil, err
		}
		return serve.Task(func(ctx context.Context) error {
			_, err := quarantine.Sweep(ctx, d)
			return err
		}), nil
	})
}
