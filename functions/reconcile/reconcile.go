// Package reconcile is the function that compares facts with their effects, and seals the
// history of each day that has ended; package ledger says how.
//
// Trigger: the schedule, every ten minutes. Reads the archive of facts from where it was
// last, their markers, and what was missing; writes what is missing, facts to be sent again
// and how far it is, each page in one transaction, so that it goes on wherever it dies; and
// in the same way it reads the acts of the day before and writes its seal. It ends with the line "events without confirmed effects: N", an error where N is not 0, which
// an alert waits for. Rights: Firestore documents, invoking relay.
package reconcile

import (
	"context"
	"fmt"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/effects"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Reconcile", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		r, relay := ledger.Reconciler{Desk: d, Effects: effects.All}, invoke.NewRelay(cfg)
		return serve.Task(func(ctx context.Context) error {
			s, err := r.Run(ctx)
			if err != nil {
				return err
			}
			if s.Unconfirmed > 0 {
				relay.Nudge(context.WithoutCancel(ctx))
			}
			if _, err := ledger.SealDays(ctx, d); err != nil {
				return err
			}
			serve.Figure(ctx, fmt.Sprintf("events without confirmed effects: %d", s.Unconfirmed), s.Unconfirmed > 0,
				map[string]int64{"unconfirmed": int64(s.Unconfirmed), "dead_letters": int64(s.Buried), "checked": s.Checked, "repaired": s.Repaired})
			return nil
		}), nil
	})
}
