// Package train is the function by which routing learns from the tickets that people
// settled; package routing decides what becomes of a model.
//
// Trigger: the schedule, every night. Reads the newest tickets (up to 10,000) and the
// models that are there; writes a new model, or what became of the one that is watched,
// in one transaction. A model that isn't better beyond chance never routes. Done twice it
// changes nothing; what fails is tried again the next night. Rights: Firestore documents.
package train

import (
	"context"
	"log/slog"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Train", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		return serve.Task(func(ctx context.Context) error {
			said, err := routing.Train(ctx, d)
			if err == nil {
				slog.InfoContext(ctx, "trained", "outcome", said)
			}
			return err
		}), nil
	})
}
