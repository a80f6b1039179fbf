// Package receive is the function to which mail servers and providers push the mails that
// come for the desk.
//
// Trigger: HTTPS, /api/mail/, with a secret or a signature of the pusher's (MAIL_SECRETS,
// MAIL_PUSH). The body is the whole mail, or a form with it. It is written to the bucket
// mail under its SHA-256 before anything else; then its record and the fact that it came, in
// one transaction; then the answer is 202. While the bucket or the database is down the
// answer is 503, so that the sender's server keeps the mail and tries again; the same mail
// again changes nothing. Rights: Firestore documents, invoking relay, mails as they came.
package receive

import (
	"context"
	"net/http"
	"strings"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
	"ticketsystem.example/shared/start/files"
)

func init() {
	entry.Function("Receive", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		if err := files.Open(cfg, d); err != nil {
			return nil, err
		}
		return serve.Intake{
			Take: func(ctx context.Context, raw []byte) (string, error) {
				m, err := inbound.Take(ctx, d, raw, "push")
				return m.ID, err
			},
			Most: inbound.MaxSize, Secrets: strings.Fields(cfg.MailSecrets), Signed: cfg.MailPush == "signed",
			Wake: invoke.NewRelay(cfg), Now: d.Now,
		}, nil
	})
}
