package inbox

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addThreads(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/notifications/tickets", ID: "listNotifiedTickets", Tag: tag, Summary: "List your notifications by ticket",
		Description: "One item for each ticket that you were told of, with the latest of its notifications and how many there are; the ticket with the latest news first."}, h.threads)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/notifications/tickets/{ticket}/read", ID: "readTicketNotifications", Tag: tag, Summary: "Mark all of one ticket as read",
		Description: "What you were told of other tickets stays as it is. Marking it again changes nothing.", Status: http.StatusNoContent}, h.readThread)
}

// NotifiedTicket is what a person was told of one ticket.
type NotifiedTicket struct {
	Ticket string       `json:"ticket" doc:"Ticket id." example:"k3v9x2m4p8q1w7z5t6rb"`
	Count  int64        `json:"count" doc:"How many notifications there were." example:"4"`
	Unread int64        `json:"unread" doc:"How many of them are unread." example:"1"`
	Muted  bool         `json:"muted" doc:"You have muted the ticket." example:"false"`
	Latest Notification `json:"latest"`
}

// NotifiedTicketPage is a part of the tickets that a person was told of.
type NotifiedTicketPage struct {
	serve.Page[NotifiedTicket]
	Unread int64 `json:"unread" doc:"How many notifications are unread in all." example:"1"`
}

func viewThread(t notification.Thread) NotifiedTicket {
	latest := *t.Latest
	latest.Read = t.Unread == 0 || latest.Read
	return NotifiedTicket{Ticket: string(t.Ticket), Count: t.Count, Unread: t.Unread, Muted: t.Muted, Latest: view(latest)}
}

func (h handlers) threads(ctx context.Context, in *serve.PageInput) (*struct{ Body NotifiedTicketPage }, error) {
	found, next, unread, err := notification.Threads(ctx, h.desk, serve.Actor(ctx), in.Page())
	if err != nil {
		return nil, err
	}
	out := &struct{ Body NotifiedTicketPage }{}
	out.Body.Page, out.Body.Unread = serve.PageOf(found, next, viewThread), unread
	return out, nil
}

type readThreadInput struct {
	Ticket string `path:"ticket" doc:"The ticket's id or number." example:"k3v9x2m4p8q1w7z5t6rb" maxLength:"128"`
}

func (h handlers) readThread(ctx context.Context, in *readThreadInput) (*struct{}, error) {
	return nil, notification.MarkTicketRead(ctx, h.desk, serve.Actor(ctx), in.Ticket)
}
