// Package alarm is the function that lets things happen to tickets at their time:
// warnings before deadlines, breaches, escalations, ends of holds, and the closing of
// what was resolved.
//
// Trigger: the schedule, every minute. Reads tickets whose next alarm is due, by an
// index, so that its cost does not grow with the number of open tickets; writes each
// ticket, its act and the fact together, so that an alarm fires once however often the
// function dies. What fails is tried again a minute later. Rights: Firestore documents,
// invoking relay.
package alarm

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Alarm", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		relay := invoke.NewRelay(cfg)
		return serve.Task(func(ctx context.Context) error {
			fired, err := d.Alarms(ctx)
			if fired > 0 {
				relay.Nudge(context.WithoutCancel(ctx))
			}
			return err
		}), nil
	})
}
