// Package scan is the function that checks each file that was uploaded: its size, its
// SHA-256, its real type, and for malware. Package quarantine decides.
//
// Trigger: Cloud Storage's notification of each object that arrives in the bucket
// quarantine, by the topic uploads. Reads that object and asks ClamAV's clamd; copies a
// good file and its small picture to the bucket clean, removes it from quarantine, and
// writes the attachment, the ticket, its act and the fact in one transaction. The file's
// state makes a notification that comes again change nothing. While clamd, a bucket or the
// database is down nothing is let through, and Pub/Sub delivers again; what stays so for a
// day is rejected by the function sweep. Rights: Firestore documents, invoking relay, files
// in both buckets.
package scan

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/quarantine"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
	"ticketsystem.example/shared/start/files"
)

func init() {
	entry.Function("Scan", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		if err := files.Open(cfg, d); err != nil {
			return nil, err
		}
		checker := quarantine.Checker{Desk: d, Scan: quarantine.Clamd(cfg.Scanner)}
		return serve.Uploads{
			Name: "scan", Handle: checker.Arrived, Now: d.Now, Wake: invoke.NewRelay(cfg),
			Bury: func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, d.DB, l) },
		}, nil
	})
}
