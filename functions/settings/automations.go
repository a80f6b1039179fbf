package settings

import (
	"context"
	"net/http"
	"strings"
	"time"

	"ticketsystem.example/shared/automation"
	"ticketsystem.example/shared/condition"
	"ticketsystem.example/shared/serve"
)

// automate adds the operations on automations.
func automate(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/automations", ID: "listAutomations", Tag: tag, Summary: "List what happens by itself, in the order in which it does",
		Description: "All of them, 100 at most."}, h.automations)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/admin/automations", ID: "createAutomation", Tag: tag, Summary: "Let something happen by itself",
		Description: "When one of the facts in `on` happens to a ticket and `condition` holds, `macro` is used on it, as by hand. " + conditions(), Status: http.StatusCreated, Raises: []int{409}}, h.addAutomation)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/automations/{id}", ID: "showAutomation", Tag: tag, Summary: "Show an automation",
		Description: "Its ETag is for a change of it."}, h.automation)
	serve.Add(a, serve.Operation{Method: http.MethodPut, Path: "/api/admin/automations/{id}", ID: "replaceAutomation", Tag: tag, Summary: "Replace what an automation does",
		Description: "Needs `If-Match`. It holds from the next fact on.", Raises: []int{412, 428}}, h.replaceAutomation)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/admin/automations/{id}", ID: "deleteAutomation", Tag: tag, Summary: "Delete an automation",
		Description: "What it did stays done.", Status: http.StatusNoContent, Raises: []int{412}}, h.deleteAutomation)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/automations/{id}/runs", ID: "listAutomationRuns", Tag: tag, Summary: "List what an automation did, last first",
		Description: "Each time its condition held or gave no answer, for 90 days: `done`, `refused` where the macro can't be used on that ticket, `failed` where the condition gave no answer, `looped` where too many automations followed from one another."}, h.automationRuns)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/admin/automations/dry-run", ID: "tryAutomation", Tag: tag, Summary: "Ask a condition about the latest tickets, and change nothing",
		Description: "It is asked of the 100 tickets that were opened last, as they are now, as if the fact had just happened to each by the hand of its requester."}, h.tryAutomation)
}

// conditions is how conditions are written, in Markdown.
func conditions() string {
	var b strings.Builder
	b.WriteString("Conditions are written in CEL, the Common Expression Language (cel.dev), such as `ticket.priority == \"critical\" && !(\"vip\" in ticket.tags)`. They are checked when you save them. What they see:\n\n| value | type | what it is |\n|---|---|---|\n")
	for _, v := range condition.Variables {
		b.WriteString("| `" + v.Name + "` | " + v.Kind() + " | " + v.About + " |\n")
	}
	b.WriteString("\nWhat an automation does can set off others, three steps far.")
	return b.String()
}

// NewAutomation is an automation as it is set.
type NewAutomation struct {
	Name      string   `json:"name" minLength:"1" maxLength:"80" example:"Tell the on-call engineer of critical tickets"`
	On        []string `json:"on" minItems:"1" maxItems:"8" enum:"ticket.created,ticket.routed,ticket.updated,ticket.replied,ticket.noted,ticket.escalated,ticket.alarm,ticket.rated" doc:"What sets it off." example:"[\"ticket.created\"]"`
	Condition string   `json:"condition,omitempty" maxLength:"2000" doc:"When it applies, in CEL; left out, always." example:"ticket.priority == \"critical\""`
	Macro     string   `json:"macro" minLength:"1" maxLength:"128" doc:"The id of the macro that is used." example:"h2v9x2m4p8q1w7z5t6rb"`
	Active    *bool    `json:"active,omitempty" doc:"Left out, it is." example:"true"`
}

func (n NewAutomation) draft() automation.Draft {
	return automation.Draft{Name: n.Name, On: n.On, Condition: n.Condition, Macro: n.Macro, Active: n.Active == nil || *n.Active}
}

// Automation is an automation as administrators see it.
type Automation struct {
	ID        string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	Name      string    `json:"name" example:"Tell the on-call engineer of critical tickets"`
	On        []string  `json:"on" doc:"What sets it off." example:"[\"ticket.created\"]"`
	Condition string    `json:"condition" doc:"In CEL; empty for always." example:"ticket.priority == \"critical\""`
	Macro     string    `json:"macro" example:"h2v9x2m4p8q1w7z5t6rb"`
	Active    bool      `json:"active" example:"true"`
	By        string    `json:"by" doc:"Who made it: a person's id." example:"ada"`
	CreatedAt time.Time `json:"created_at" example:"2026-11-23T09:15:00.000Z"`
	UpdatedAt time.Time `json:"updated_at" example:"2026-11-23T09:15:00.000Z"`
}

func viewAutomation(a automation.Automation) Automation {
	return Automation{a.ID, a.Name, a.On, a.Condition, a.Macro, a.Active, string(a.By), a.CreatedAt, a.UpdatedAt}
}

// AutomationRun is a line of an automation's log.
type AutomationRun struct {
	Ticket  string    `json:"ticket" doc:"The ticket's id." example:"h2v9x2m4p8q1w7z5t6rb"`
	Number  string    `json:"number" example:"TKT-202611-0042"`
	Type    string    `json:"type" doc:"What set it off." example:"ticket.created"`
	Outcome string    `json:"outcome" enum:"done,refused,failed,looped" example:"done"`
	Reason  string    `json:"reason" doc:"Why it wasn't done; empty if it was." example:"A ticket that is closed can't be put on hold."`
	At      time.Time `json:"at" example:"2026-11-23T09:15:00.000Z"`
}

func viewRun(r automation.Run) AutomationRun {
	return AutomationRun{string(r.Ticket), r.Number, r.Type, string(r.Outcome), r.Reason, r.At}
}

// automationAnswer is one automation with its validator.
type automationAnswer struct {
	ETag     string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Of a new one: its address."`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     Automation
}

func answered(a automation.Automation, err error) (*automationAnswer, error) {
	if err != nil {
		return nil, err
	}
	return &automationAnswer{ETag: serve.ETag(a.Version), Body: viewAutomation(a)}, nil
}

// AutomationRef is the automation in a path.
type AutomationRef struct {
	ID string `path:"id" doc:"The automation's id." example:"h2v9x2m4p8q1w7z5t6rb" maxLength:"128"`
}

func (h handlers) automations(ctx context.Context, _ *struct{}) (*struct{ Body serve.Page[Automation] }, error) {
	list, err := automation.List(ctx, h.desk, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Automation] }{serve.PageOf(list, "", viewAutomation)}, nil
}

func (h handlers) addAutomation(ctx context.Context, in *struct {
	Body NewAutomation
	Key  string `header:"Idempotency-Key" doc:"The same key with the same body makes one, however often it is sent."`
}) (*automationAnswer, error) {
	opt := serve.Options(ctx, "createAutomation")
	made, err := automation.Create(ctx, h.desk, serve.Actor(ctx), in.Body.draft(), opt)
	out, err := answered(made, err)
	if err == nil {
		out.Location, out.Replayed = "/api/admin/automations/"+made.ID+"/", serve.Replayed(opt)
	}
	return out, err
}

func (h handlers) automation(ctx context.Context, in *AutomationRef) (*automationAnswer, error) {
	return answered(automation.Show(ctx, h.desk, serve.Actor(ctx), in.ID))
}

func (h handlers) replaceAutomation(ctx context.Context, in *struct {
	AutomationRef
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; required."`
	Body    NewAutomation
}) (*automationAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, true)
	if err != nil {
		return nil, err
	}
	return answered(automation.Replace(ctx, h.desk, serve.Actor(ctx), in.ID, version, in.Body.draft()))
}

func (h handlers) deleteAutomation(ctx context.Context, in *struct {
	AutomationRef
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
}) (*struct{}, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	return nil, automation.Delete(ctx, h.desk, serve.Actor(ctx), in.ID, version)
}

func (h handlers) automationRuns(ctx context.Context, in *struct {
	AutomationRef
	serve.PageInput
}) (*struct{ Body serve.Page[AutomationRun] }, error) {
	list, next, err := automation.Runs(ctx, h.desk, serve.Actor(ctx), in.ID, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[AutomationRun] }{serve.PageOf(list, next, viewRun)}, nil
}

// DryRun is what a condition would have matched.
type DryRun struct {
	Tried   int      `json:"tried" doc:"How many tickets were asked about." example:"100"`
	Numbers []string `json:"numbers" doc:"Those for which it holds, the latest first." example:"[\"TKT-202611-0042\"]"`
}

func (h handlers) tryAutomation(ctx context.Context, in *struct {
	Body struct {
		Condition string `json:"condition" maxLength:"2000" doc:"In CEL; empty for always." example:"ticket.priority == \"critical\""`
		On        string `json:"on,omitempty" enum:"ticket.created,ticket.routed,ticket.updated,ticket.replied,ticket.noted,ticket.escalated,ticket.alarm,ticket.rated" doc:"What is to have happened; left out, that they were created." example:"ticket.created"`
	}
}) (*struct{ Body DryRun }, error) {
	kind := in.Body.On
	if kind == "" {
		kind = "ticket.created"
	}
	tried, matched, err := automation.DryRun(ctx, h.desk, serve.Actor(ctx), in.Body.Condition, kind)
	if err != nil {
		return nil, err
	}
	out := DryRun{Tried: tried, Numbers: []string{}}
	for _, t := range matched {
		out.Numbers = append(out.Numbers, t.Number)
	}
	return &struct{ Body DryRun }{out}, nil
}
