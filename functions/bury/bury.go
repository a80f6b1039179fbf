// Package bury is the function that keeps dead letters: facts that another function
// failed to handle on every delivery.
//
// Trigger: the dead-letter topics of all event functions. Writes dead_letters, keyed by
// subscription and message, so that a repeated delivery is kept once. If it fails,
// Pub/Sub delivers again. Rights: Firestore documents.
package bury

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Bury", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		keep := func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, d.DB, l) }
		return serve.DeadLetters(keep, d.Now), nil
	})
}
