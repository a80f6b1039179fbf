package settings

import (
	"context"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// ManagedRule sends tickets somewhere: all conditions that are set must hold.
type ManagedRule struct {
	ID                  string      `json:"id" minLength:"1" maxLength:"128" example:"intrusion"`
	Name                string      `json:"name" minLength:"1" maxLength:"100" doc:"What it is about; shown as the reason." example:"Somebody else in the account"`
	Words               []string    `json:"words,omitempty" maxItems:"50" doc:"Any of these words or phrases is in the ticket." example:"phishing"`
	Category            string      `json:"category,omitempty" maxLength:"64" doc:"The requester chose this category." example:"identity"`
	Language            string      `json:"language,omitempty" maxLength:"16" doc:"The ticket's language, BCP 47." example:"de"`
	RequesterDepartment string      `json:"requester_department,omitempty" maxLength:"128" doc:"The requester is in this department." example:"finance"`
	Then                RuleOutcome `json:"then"`
}

// RuleOutcome is what a rule decides.
type RuleOutcome struct {
	Department string `json:"department" minLength:"1" maxLength:"128" doc:"Where the ticket goes: an active department." example:"accounts"`
	Priority   string `json:"priority,omitempty" enum:"critical,high,medium,low" doc:"Unless the requester named one." example:"critical"`
	Category   string `json:"category,omitempty" maxLength:"64" doc:"One of that department's, unless the requester named one." example:"identity"`
}

// ManagedRouting is how new tickets find their department.
type ManagedRouting struct {
	Triage string        `json:"triage" doc:"The department that takes what no rule decides." example:"service-desk"`
	Rules  []ManagedRule `json:"rules" doc:"In the order in which they are tried."`
}

func routingOf(org desk.Organisation) *oneAnswer[ManagedRouting] {
	out := ManagedRouting{string(org.Triage), []ManagedRule{}}
	for _, r := range org.Rules {
		out.Rules = append(out.Rules, ManagedRule{
			r.ID, r.Name, r.Words, r.Category, r.Language, string(r.RequesterDepartment),
			RuleOutcome{string(r.Then.Department), string(r.Then.Priority), r.Then.Category},
		})
	}
	return &oneAnswer[ManagedRouting]{serve.ETag(org.Version), out}
}

func (h handlers) routing(ctx context.Context, _ *struct{}) (*oneAnswer[ManagedRouting], error) {
	org, err := h.desk.ReadOrganisation(ctx, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return routingOf(org), nil
}

type updateRoutingInput struct {
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    struct {
		Triage serve.Opt[string]        `json:"triage,omitzero" doc:"An active department." example:"service-desk"`
		Rules  serve.Opt[[]ManagedRule] `json:"rules,omitzero" doc:"All of them, 200 at most."`
	}
}

func (h handlers) updateRouting(ctx context.Context, in *updateRoutingInput) (*oneAnswer[ManagedRouting], error) {
	org, err := h.reform(ctx, in.IfMatch, false, func(org *desk.Organisation) error {
		if in.Body.Triage.Set {
			org.Triage = desk.DepartmentID(in.Body.Triage.Value)
		}
		if in.Body.Rules.Set {
			org.Rules = rules(in.Body.Rules.Value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return routingOf(org), nil
}

func rules(list []ManagedRule) []desk.Rule {
	out := make([]desk.Rule, len(list))
	for i, r := range list {
		out[i] = desk.Rule{
			ID: r.ID, Name: r.Name, Words: append([]string{}, r.Words...), Category: r.Category, Language: r.Language, RequesterDepartment: desk.DepartmentID(r.RequesterDepartment),
			Then: desk.Outcome{Department: desk.DepartmentID(r.Then.Department), Priority: desk.Priority(r.Then.Priority), Category: r.Then.Category},
		}
	}
	return out
}
