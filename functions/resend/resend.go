// Package resend is the function that sends what had to wait: for the end of somebody's
// quiet hours, for a mail server that failed, or because no fact told of it.
//
// Trigger: the schedule, every minute. Finds by an index the deliveries whose time has
// come, so that its cost does not grow with what waits, and makes an attempt of each as
// deliver does. Cut off anywhere, it goes on a minute later. Rights: Firestore documents,
// tying e-mail to tickets, sending e-mail.
package resend

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/carriers"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Resend", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		office, err := carriers.Open(cfg, d)
		if err != nil {
			return nil, err
		}
		return serve.Task(func(ctx context.Context) error {
			_, err := office.Due(ctx)
			return err
		}), nil
	})
}
