package tickets

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/preset"
	"ticketsystem.example/shared/serve"
)

// addTeamwork adds how people share the work on a ticket.
func (h handlers) addTeamwork(a *serve.API) {
	serve.Add(a, action("claim", "claimTicket", "Take an unassigned ticket", "For staff of the ticket. Of several who claim it at once, one gets it; the others are answered with 409."), h.claim)
	serve.Add(a, action("escalate", "escalateTicket", "Ask for more help with a ticket", "For staff of the ticket. Marks it, hands it to a department or person if you name one, and tells its assignee, the department's managers and, if it is critical, the admins. The reason is for staff."), h.escalate)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/tickets/{id}/escalate", ID: "deescalateTicket", Tag: tag, Summary: "Take an escalation back",
		Description: "For staff of the ticket.", Status: http.StatusNoContent, Raises: []int{409, 412}}, h.deescalate)
	serve.Add(a, action("watchers", "watchTicket", "Add or remove watchers", "Whoever may see a ticket may watch it and stop watching it (`\"me\"`); staff of the ticket may add and remove others. A watcher may see the ticket."), h.watch)
	serve.Add(a, action("tags", "tagTicket", "Add or remove tags", "For staff of the ticket and its requester. Others that it has meanwhile stay."), h.tag)
	serve.Add(a, action("apply", "applyMacro", "Use a macro on a ticket", "For staff of the ticket. All that the macro says and changes happens at once or not at all, with your rights, and shows in the history as if you had done it by hand."), h.apply)
}

func (h handlers) claim(ctx context.Context, in *Condition) (*answer, error) {
	return perform(ctx, *in, "claim", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Claim(ctx, serve.Actor(ctx), in.ID, opt)
	})
}

type escalateInput struct {
	Condition
	Body struct {
		Reason     string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why; for staff only." example:"The vendor doesn't answer, and payday is tomorrow."`
		Department string `json:"department,omitempty" maxLength:"128" doc:"Department id, to hand it there." example:"it"`
		Person     string `json:"person,omitempty" maxLength:"128" doc:"Person id, to hand it to them." example:"mia"`
	}
}

func (h handlers) escalate(ctx context.Context, in *escalateInput) (*answer, error) {
	e := desk.Escalation{Reason: in.Body.Reason, Department: desk.DepartmentID(in.Body.Department), Person: desk.PersonID(in.Body.Person)}
	return perform(ctx, in.Condition, "escalate", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Escalate(ctx, serve.Actor(ctx), in.ID, e, opt)
	})
}

func (h handlers) deescalate(ctx context.Context, in *removeInput) (*struct{}, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	_, err = h.desk.Deescalate(ctx, serve.Actor(ctx), in.ID, desk.Options{IfVersion: version, Trace: serve.Trace(ctx)})
	return nil, err
}

type watchInput struct {
	Condition
	Body struct {
		Add    []string `json:"add,omitempty" maxItems:"50" doc:"Person ids, or \"me\"." example:"me"`
		Remove []string `json:"remove,omitempty" maxItems:"50" doc:"Person ids, or \"me\"."`
	}
}

func (h handlers) watch(ctx context.Context, in *watchInput) (*answer, error) {
	people := func(list []string) []desk.PersonID {
		out := ids[desk.PersonID](list)
		for i := range out {
			if out[i] == "me" {
				out[i] = serve.Actor(ctx).ID
			}
		}
		return out
	}
	return perform(ctx, in.Condition, "watchers", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Watch(ctx, serve.Actor(ctx), in.ID, people(in.Body.Add), people(in.Body.Remove), opt)
	})
}

type tagInput struct {
	Condition
	Body struct {
		Add    []string `json:"add,omitempty" maxItems:"50" doc:"Tags, up to 40 characters each." example:"smoke"`
		Remove []string `json:"remove,omitempty" maxItems:"50" doc:"Tags; one that it doesn't have is fine."`
	}
}

func (h handlers) tag(ctx context.Context, in *tagInput) (*answer, error) {
	return perform(ctx, in.Condition, "tags", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Tag(ctx, serve.Actor(ctx), in.ID, in.Body.Add, in.Body.Remove, opt)
	})
}

type applyInput struct {
	Condition
	Body struct {
		Macro    string `json:"macro" minLength:"1" maxLength:"128" doc:"The macro's id." example:"h2v9x2m4p8q1w7z5t6rb"`
		Language string `json:"language,omitempty" maxLength:"16" doc:"Of what it says, BCP 47; the ticket's or the requester's if you leave it out." example:"de"`
	}
}

func (h handlers) apply(ctx context.Context, in *applyInput) (*answer, error) {
	return perform(ctx, in.Condition, "apply", func(opt desk.Options) (desk.Ticket, error) {
		return preset.Apply(ctx, h.desk, serve.Actor(ctx), in.Body.Macro, in.ID, in.Body.Language, opt)
	})
}
