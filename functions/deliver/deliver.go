// Package deliver is the function that sends people what they are to be told outside the
// application; package delivery decides whether it still may, and how often to try.
//
// Trigger: the fact that notices were addressed. Reads each delivery, its person, their
// preferences, the ticket and the comment; writes the delivery before and after the
// attempt. Mail goes by SMTP. A mail server that fails costs no delivery of the fact: the
// function resend tries again. If the database fails, Pub/Sub delivers the fact again, and
// what was sent stays sent. Rights: Firestore documents, tying e-mail to tickets, sending
// e-mail.
package deliver

import (
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/carriers"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Deliver", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		office, err := carriers.Open(cfg, d)
		if err != nil {
			return nil, err
		}
		return start.Consumer(cfg, d, delivery.Consumer, delivery.Kinds, office.Handle), nil
	})
}
