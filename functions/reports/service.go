package reports

import (
	"context"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/serve"
)

// Spread says how durations are spread, in seconds, each exact to 1 %.
type Spread struct {
	Count int64    `json:"count" doc:"How many there were." example:"31"`
	P50   *float64 `json:"p50" doc:"Half took no longer; null if there were none." example:"1800"`
	P90   *float64 `json:"p90" doc:"Nine of ten took no longer." example:"10800"`
	P95   *float64 `json:"p95" example:"14400"`
}

// Service says how soon and how well tickets were served.
type Service struct {
	Created            int64    `json:"created" example:"40"`
	Resolved           int64    `json:"resolved" example:"37"`
	Reopened           int64    `json:"reopened" example:"2"`
	FirstResponse      Spread   `json:"first_response" doc:"From opening to the first reply of staff."`
	Resolution         Spread   `json:"resolution" doc:"From opening to each resolution."`
	FirstResponseInSLA *float64 `json:"first_response_in_sla_percent" doc:"First responses before they were due; null without any." example:"92.5"`
	ResolutionInSLA    *float64 `json:"resolution_in_sla_percent" doc:"Resolutions before they were due; null without any." example:"88.1"`
	ReopenRate         *float64 `json:"reopen_rate_percent" doc:"Reopenings for each hundred resolutions; null without any." example:"5.4"`
	Rated              int64    `json:"rated" doc:"Tickets that their requesters rated." example:"20"`
	Satisfaction       *float64 `json:"satisfaction_percent" doc:"Ratings of 4 and 5, of all; null without any." example:"95"`
}

// AgentReport is an agent's load and service.
type AgentReport struct {
	Agent string `json:"agent" doc:"Person id; empty for what nobody was assigned to." example:"priya"`
	Open  int64  `json:"open" doc:"Assigned and open now." example:"6"`
	Handled
}

// Handled is what an agent did.
type Handled struct {
	Resolved           int64    `json:"resolved" example:"37"`
	FirstResponse      Spread   `json:"first_response" doc:"Of the tickets that the agent was first to answer."`
	Resolution         Spread   `json:"resolution" doc:"Of the tickets that were the agent's when they were resolved."`
	FirstResponseInSLA *float64 `json:"first_response_in_sla_percent" example:"92.5"`
	ResolutionInSLA    *float64 `json:"resolution_in_sla_percent" example:"88.1"`
	Rated              int64    `json:"rated" doc:"Tickets that were the agent's when they were rated." example:"20"`
	Satisfaction       *float64 `json:"satisfaction_percent" example:"95"`
}

// DepartmentReport is a department's load and service.
type DepartmentReport struct {
	Department string `json:"department" doc:"Department id." example:"network"`
	Open       int64  `json:"open" doc:"Now." example:"12"`
	Breached   int64  `json:"breached" doc:"Open and overdue now." example:"1"`
	Service
}

// CategoryReport is what happened in a category.
type CategoryReport struct {
	Department      string   `json:"department" doc:"Department id." example:"network"`
	Category        string   `json:"category" doc:"Category id; empty for tickets without one." example:"wireless"`
	Created         int64    `json:"created" example:"14"`
	Resolved        int64    `json:"resolved" example:"11"`
	Resolution      Spread   `json:"resolution"`
	ResolutionInSLA *float64 `json:"resolution_in_sla_percent" example:"88.1"`
}

func (h handlers) performance(ctx context.Context, in *rangeInput) (*struct{ Body Service }, error) {
	return show(ctx, in, h.desk, analytics.Performance, service)
}

func (h handlers) agents(ctx context.Context, in *rangeInput) (*struct{ Body serve.Page[AgentReport] }, error) {
	return show(ctx, in, h.desk, analytics.ByAgent, pageOf(func(g analytics.Group) AgentReport {
		return AgentReport{string(g.Agent), g.Open, Handled{g.Resolved, spread(g.FirstResponse), spread(g.Resolution), g.FirstResponseInSLA, g.ResolutionInSLA, g.Rated, g.Satisfaction}}
	}))
}

func (h handlers) departments(ctx context.Context, in *rangeInput) (*struct{ Body serve.Page[DepartmentReport] }, error) {
	return show(ctx, in, h.desk, analytics.ByDepartment, pageOf(func(g analytics.Group) DepartmentReport {
		return DepartmentReport{string(g.Department), g.Open, g.Overdue, service(g.Service)}
	}))
}

func (h handlers) categories(ctx context.Context, in *rangeInput) (*struct{ Body serve.Page[CategoryReport] }, error) {
	return show(ctx, in, h.desk, analytics.ByCategory, pageOf(func(g analytics.Group) CategoryReport {
		return CategoryReport{string(g.Department), g.Category, g.Created, g.Resolved, spread(g.Resolution), g.ResolutionInSLA}
	}))
}

func pageOf[B any](view func(analytics.Group) B) func([]analytics.Group) serve.Page[B] {
	return func(groups []analytics.Group) serve.Page[B] { return serve.PageOf(groups, "", view) }
}

func service(s analytics.Service) Service {
	return Service{
		Created: s.Created, Resolved: s.Resolved, Reopened: s.Reopened, FirstResponse: spread(s.FirstResponse), Resolution: spread(s.Resolution),
		FirstResponseInSLA: s.FirstResponseInSLA, ResolutionInSLA: s.ResolutionInSLA, ReopenRate: s.ReopenRate, Rated: s.Rated, Satisfaction: s.Satisfaction,
	}
}

func spread(s analytics.Spread) Spread {
	if s.Count == 0 {
		return Spread{}
	}
	return Spread{s.Count, &s.P50, &s.P90, &s.P95}
}
