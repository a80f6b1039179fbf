// Package inbox is the HTTP function for a person's notifications.
//
// Trigger: HTTPS, /api/notifications/. Reads and writes notices, inboxes, threads,
// preferences and the feed of the person who asks, never of anybody else. If the database is down the caller is told
// to come back. Rights: Firestore documents, looking up accounts.
package inbox

import (
	"context"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Inbox", Routes) }

const tag = "Notifications"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/notifications", ID: "listNotifications", Tag: tag, Summary: "List your notifications, newest first", Description: "Only what concerns you is here, and never what you did yourself."}, h.list)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/notifications/{id}/read", ID: "readNotification", Tag: tag, Summary: "Mark one as read", Description: "Marking it again changes nothing."}, h.read)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/notifications/read", ID: "readAllNotifications", Tag: tag, Summary: "Mark all as read", Description: "Those that come meanwhile stay unread.", Status: http.StatusNoContent}, h.readAll)
	h.addThreads(a)
	h.addPreferences(a)
}

type handlers struct{ desk *desk.Desk }

// Notification is a notice as its person sees it.
type Notification struct {
	ID        string    `json:"id" example:"uma-b6n3m9k2j8h4g1f7d5s0"`
	Type      string    `json:"type" enum:"assignment,comment,status_change,escalation,sla_breach,mention" doc:"Why you are told." example:"comment"`
	Ticket    string    `json:"ticket" doc:"Ticket id." example:"k3v9x2m4p8q1w7z5t6rb"`
	Number    string    `json:"number" doc:"Ticket number." example:"TKT-202611-0042"`
	Title     string    `json:"title" doc:"The ticket's title." example:"Printer on fire"`
	Text      string    `json:"text" doc:"What happened, in a sentence." example:"Priya Nair replied."`
	Actor     string    `json:"actor" doc:"Who did it: a person id, or \"robot:<function>\"." example:"priya"`
	ActorName string    `json:"actor_name" example:"Priya Nair"`
	CreatedAt time.Time `json:"created_at"`
	Read      bool      `json:"read"`
}

func view(n notification.Notice) Notification {
	return Notification{ID: n.ID, Type: string(n.Type), Ticket: string(n.Ticket), Number: n.Number, Title: n.Title, Text: n.Text, Actor: string(n.Actor), ActorName: n.ActorName, CreatedAt: n.At, Read: n.Read}
}

type listInput struct {
	serve.PageInput
	Unread bool `query:"unread" doc:"Only those that are not read."`
}

// NotificationPage is a part of a person's notifications.
type NotificationPage struct {
	serve.Page[Notification]
	Unread int64 `json:"unread" doc:"How many are unread in all." example:"1"`
}

type listAnswer struct{ Body NotificationPage }

func (h handlers) list(ctx context.Context, in *listInput) (*listAnswer, error) {
	found, next, unread, err := notification.List(ctx, h.desk, serve.Actor(ctx), in.Unread, in.Page())
	if err != nil {
		return nil, err
	}
	out := &listAnswer{}
	out.Body.Page, out.Body.Unread = serve.PageOf(found, next, view), unread
	return out, nil
}

type readInput struct {
	ID string `path:"id" doc:"The notification's id." example:"uma-b6n3m9k2j8h4g1f7d5s0" maxLength:"300"`
}

func (h handlers) read(ctx context.Context, in *readInput) (*struct{ Body Notification }, error) {
	n, err := notification.MarkRead(ctx, h.desk, serve.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Notification }{view(n)}, nil
}

func (h handlers) readAll(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, notification.MarkAllRead(ctx, h.desk, serve.Actor(ctx))
}
