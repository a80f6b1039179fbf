package tickets

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// An action is a change with a name. It says the same as a PATCH, in one word.
func (h handlers) addActions(a *serve.API) {
	serve.Add(a, action("assign", "assignTicket", "Give a ticket to somebody, or take it from them", "For staff of the ticket. `\"me\"` claims it, null leaves it to nobody."), h.assign)
	serve.Add(a, action("hold", "holdTicket", "Put a ticket on hold, with the reason", "For staff of the ticket, while it waits for something that they can't speed up."), h.hold)
	serve.Add(a, action("resolve", "resolveTicket", "Resolve a ticket", "For staff of the ticket. It must say what solved it, here or already, and have the values of custom fields that its category requires by then. Its requester can still reopen it."), h.resolve)
	serve.Add(a, action("close", "closeTicket", "Close a ticket", "For staff of the ticket and for its requester."), h.close)
	serve.Add(a, action("rate", "rateTicket", "Say how content you were with the help", "For its requester, once it is resolved. Rating it again replaces the first rating."), h.rate)
	serve.Add(a, action("reopen", "reopenTicket", "Reopen a resolved or closed ticket", "For staff of the ticket and for its requester, who has 30 days for it after closing."), h.reopen)
}

// Condition is what every action may carry.
type Condition struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Key     string `header:"Idempotency-Key" doc:"The same key with the same body acts once, however often it is sent."`
}

// action describes an act on a ticket.
func action(name, id, summary, description string) serve.Operation {
	return serve.Operation{Method: http.MethodPost, Path: "/api/tickets/{id}/" + name, ID: id, Tag: tag, Summary: summary, Description: description, Raises: []int{409, 412}}
}

// act does a change that is a patch with a name.
func (h handlers) act(ctx context.Context, c Condition, name string, p desk.Patch) (*answer, error) {
	return perform(ctx, c, name, func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Update(ctx, serve.Actor(ctx), c.ID, p, opt)
	})
}

// perform does a change that a client may repeat under its key.
func perform(ctx context.Context, c Condition, name string, do func(desk.Options) (desk.Ticket, error)) (*answer, error) {
	version, err := serve.IfMatch(c.IfMatch, false)
	if err != nil {
		return nil, err
	}
	opt := serve.Options(ctx, name+" "+c.ID)
	opt.IfVersion = version
	t, err := do(opt)
	if err != nil {
		return nil, err
	}
	out := reply(ctx, t)
	out.Replayed = serve.Replayed(opt)
	return out, nil
}

type assignInput struct {
	Condition
	Body struct {
		Assignee *string `json:"assignee" nullable:"true" doc:"Person id, \"me\", or null for nobody." example:"me"`
	}
}

func (h handlers) assign(ctx context.Context, in *assignInput) (*answer, error) {
	who := desk.PersonID(or(in.Body.Assignee))
	if who == "me" {
		who = serve.Actor(ctx).ID
	}
	return h.act(ctx, in.Condition, "assign", desk.Patch{Assignee: &who})
}

type holdInput struct {
	Condition
	Body struct {
		Reason string    `json:"reason" minLength:"1" doc:"What the ticket waits for." example:"A spare part."`
		Until  time.Time `json:"until,omitzero" doc:"When to look at it again."`
	}
}

func (h handlers) hold(ctx context.Context, in *holdInput) (*answer, error) {
	return h.act(ctx, in.Condition, "hold", desk.Patch{Status: to(desk.StatusOnHold), HoldReason: &in.Body.Reason, HoldUntil: &in.Body.Until})
}

type resolveInput struct {
	Condition
	Body *struct {
		Resolution string         `json:"resolution,omitempty" maxLength:"2000" doc:"What solved it, for the requester and for the next one with the same trouble." example:"A new fuser, and a new fire extinguisher."`
		Values     map[string]any `json:"values,omitempty" maxProperties:"50" doc:"Values of custom fields to set, by id."`
	}
}

func (h handlers) resolve(ctx context.Context, in *resolveInput) (*answer, error) {
	var r desk.Resolution
	if in.Body != nil {
		r = desk.Resolution{Text: in.Body.Resolution, Values: in.Body.Values}
	}
	return perform(ctx, in.Condition, "resolve", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Resolve(ctx, serve.Actor(ctx), in.ID, r, opt)
	})
}

func (h handlers) close(ctx context.Context, in *Condition) (*answer, error) {
	return h.act(ctx, *in, "close", desk.Patch{Status: to(desk.StatusClosed)})
}

func (h handlers) reopen(ctx context.Context, in *Condition) (*answer, error) {
	return h.act(ctx, *in, "reopen", desk.Patch{Status: to(desk.StatusReopened)})
}

type rateInput struct {
	Condition
	Body struct {
		Rating int    `json:"rating" minimum:"1" maximum:"5" doc:"1 (not at all) to 5 (very); 4 and 5 count as content." example:"5"`
		Text   string `json:"text,omitempty" maxLength:"2000" doc:"In your own words, for staff of the ticket." example:"Quick and kind."`
	}
}

func (h handlers) rate(ctx context.Context, in *rateInput) (*answer, error) {
	return perform(ctx, in.Condition, "rate", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Rate(ctx, serve.Actor(ctx), in.ID, in.Body.Rating, in.Body.Text, opt)
	})
}

func to(s desk.Status) *desk.Status { return &s }
