package tickets

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addClocks(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/sla", ID: "explainDeadlines", Tag: tag, Summary: "Explain a ticket's deadlines",
		Description: "What counted for the first response and for the resolution, and what did not: hours of the department's calendar, holidays, time on hold. For staff of the ticket.", Raises: []int{409}}, h.clocks)
}

// Clock explains one deadline.
type Clock struct {
	Name          string    `json:"name" enum:"response,resolution" example:"resolution"`
	State         string    `json:"state" enum:"running,paused,met,missed" example:"running"`
	TargetSeconds int64     `json:"target_seconds" doc:"Working time that it may take, by the ticket's priority." example:"28800"`
	WorkedSeconds int64     `json:"worked_seconds" doc:"Working time up to until." example:"10800"`
	DueAt         time.Time `json:"due_at" doc:"Stands still while the ticket is on hold."`
	Until         time.Time `json:"until" doc:"Up to when it is explained: when it was done, when it was due if it was missed, or now."`
	Stretches     []Stretch `json:"stretches" doc:"From the ticket's opening on, without gaps."`
}

// Stretch is a time in which one thing holds.
type Stretch struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Why    string    `json:"why" enum:"working,closed,holiday,paused" doc:"Only working time counts." example:"working"`
	Reason string    `json:"reason,omitempty" doc:"What the ticket waited for; \"resolved\" until it was reopened." example:"A spare part."`
}

func (h handlers) clocks(ctx context.Context, in *Ref) (*struct{ Body serve.Page[Clock] }, error) {
	found, err := h.desk.Clocks(ctx, serve.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Clock] }{serve.PageOf(found, "", viewClock)}, nil
}

func viewClock(c desk.Clock) Clock {
	out := Clock{
		Name: c.Name, State: c.State, TargetSeconds: int64(c.Target.Seconds()), WorkedSeconds: int64(c.Worked.Seconds()),
		DueAt: c.DueAt, Until: c.Until, Stretches: []Stretch{},
	}
	for _, s := range c.Stretches {
		out.Stretches = append(out.Stretches, Stretch{From: s.From, Until: s.Until, Why: s.Why, Reason: s.Reason})
	}
	return out
}
