package tickets

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/serve"
)

// addMute adds what somebody wants to hear of a ticket.
func (h handlers) addMute(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/mute", ID: "showMute", Tag: "Notifications", Summary: "Show whether you have muted a ticket",
		Description: "Nobody else can see it."}, h.muted)
	serve.Add(a, serve.Operation{Method: http.MethodPut, Path: "/api/tickets/{id}/mute", ID: "muteTicket", Tag: "Notifications", Summary: "Mute a ticket for yourself",
		Description: "You hear no more of it, unless somebody calls you by name or it is assigned anew. What you may see and do stays as it is, nobody else can see it, and doing it again changes nothing."}, h.mute)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/tickets/{id}/mute", ID: "unmuteTicket", Tag: "Notifications", Summary: "Hear of a ticket again",
		Description: "If it isn't muted, it changes nothing.", Status: http.StatusNoContent}, h.unmute)
}

// Mute is whether a ticket is muted for the person who asks.
type Mute struct {
	Muted bool `json:"muted" doc:"True if you hear no more of the ticket but what is meant for you." example:"true"`
}

func (h handlers) muted(ctx context.Context, in *Ref) (*struct{ Body Mute }, error) {
	muted, err := notification.Muted(ctx, h.desk, serve.Actor(ctx), in.ID)
	return &struct{ Body Mute }{Mute{muted}}, err
}

func (h handlers) mute(ctx context.Context, in *Ref) (*struct{ Body Mute }, error) {
	thread, err := notification.Mute(ctx, h.desk, serve.Actor(ctx), in.ID, true)
	return &struct{ Body Mute }{Mute{thread.Muted}}, err
}

func (h handlers) unmute(ctx context.Context, in *Ref) (*struct{}, error) {
	_, err := notification.Mute(ctx, h.desk, serve.Actor(ctx), in.ID, false)
	return nil, err
}
