// Package unpack is the function that makes of each received mail what it is: a reply on
// its ticket, a new ticket, or a placeholder for what can't be read. The shared
// package of the same name decides.
//
// Trigger: the fact mail.received. Reads the mail as it came from the bucket mail, the
// sender and the ticket that it names; writes the ticket or reply with its act and fact in
// one transaction with the mark that this mail was handled, then its files into quarantine
// and the mail's record. Broken off anywhere, it goes on where it was. While a bucket or the
// database is down, Pub/Sub delivers again; a mail whose original is gone is buried. Rights:
// Firestore documents, invoking relay, files in both buckets, tying e-mail to tickets, mails
// as they came.
package unpack

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/entry"
	"ticketsystem.example/shared/start/post"
)

func init() {
	entry.Function("Unpack", func(cfg config.Config) (http.Handler, error) {
		box, err := post.Box(cfg)
		if err != nil {
			return nil, err
		}
		return serve.Consumer{
			Name: inbound.Consumer, Kinds: inbound.Kinds, Handle: box.Handle, Now: box.Desk.Now, Wake: invoke.NewRelay(cfg),
			Bury: func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, box.Desk.DB, l) },
		}, nil
	})
}
