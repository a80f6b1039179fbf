package reports

import (
	"context"
	"time"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// Summary is what a person sees first.
type Summary struct {
	Mine     Mine        `json:"mine"`
	Work     *Work       `json:"work" doc:"Of the departments you see; null for users."`
	Recent   []TicketRow `json:"recent" doc:"The ten that changed last, of those you see."`
	Warnings []TicketRow `json:"warnings" doc:"Escalated and open; empty for users."`
}

// Mine counts one's own tickets.
type Mine struct {
	Open     int64 `json:"open" doc:"You asked for, and not done." example:"2"`
	Closed   int64 `json:"closed" doc:"You asked for, and done." example:"14"`
	Assigned int64 `json:"assigned" doc:"Yours to solve." example:"0"`
}

// Work is the present state of departments.
type Work struct {
	Open           int64            `json:"open" example:"42"`
	Unassigned     int64            `json:"unassigned" example:"3"`
	Escalated      int64            `json:"escalated" example:"1"`
	Breached       int64            `json:"breached" doc:"Open and overdue." example:"2"`
	BreachPercent  *float64         `json:"breach_percent" doc:"Of what is open; null if nothing is." example:"4.8"`
	CreatedToday   int64            `json:"created_today" example:"7"`
	ByStatus       map[string]int64 `json:"by_status"`
	ByPriority     map[string]int64 `json:"by_priority" doc:"Open ones."`
	TopDepartments []DepartmentLoad `json:"top_departments" doc:"Ten at most, the one with most open tickets first."`
}

// DepartmentLoad is how much is open in a department.
type DepartmentLoad struct {
	Department string `json:"department" doc:"Department id." example:"network"`
	Open       int64  `json:"open" example:"12"`
	Breached   int64  `json:"breached" example:"1"`
}

// TicketRow is a ticket in a summary.
type TicketRow struct {
	ID         string    `json:"id" example:"k3v9x2m4p8q1w7z5t6rb"`
	Number     string    `json:"number" example:"TKT-202611-0042"`
	Title      string    `json:"title" example:"Printer on fire"`
	Status     string    `json:"status" example:"assigned"`
	Priority   string    `json:"priority" example:"high"`
	Department string    `json:"department" doc:"Department id." example:"hardware"`
	Assignee   string    `json:"assignee" doc:"Person id; empty for nobody." example:"priya"`
	UpdatedAt  time.Time `json:"updated_at"`
	DueAt      time.Time `json:"due_at"`
}

func (h handlers) summary(ctx context.Context, _ *struct{}) (*struct{ Body Summary }, error) {
	a := serve.Actor(ctx)
	s, err := analytics.Overview(ctx, h.desk, a)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body Summary }{Summary{Mine: Mine(s.Mine), Recent: rows(s.Recent, a), Warnings: rows(s.Warnings, a)}}
	if w := s.Work; w != nil {
		out.Body.Work = &Work{
			Open: w.Open, Unassigned: w.Unassigned, Escalated: w.Escalated, Breached: w.Overdue, BreachPercent: w.OverduePercent,
			CreatedToday: w.CreatedToday, ByStatus: named(w.ByStatus), ByPriority: named(w.ByPriority),
			TopDepartments: each(w.Top, func(l analytics.Load) DepartmentLoad { return DepartmentLoad{string(l.Department), l.Open, l.Overdue} }),
		}
	}
	return out, nil
}

func rows(tickets []desk.Ticket, a desk.Actor) []TicketRow {
	return each(tickets, func(t desk.Ticket) TicketRow {
		return TicketRow{
			ID: string(t.ID), Number: t.Number, Title: t.Title, Status: string(t.Status), Priority: string(t.Priority),
			Department: string(t.Department), Assignee: string(t.Assignee), UpdatedAt: t.UpdatedFor(a), DueAt: t.DueAt,
		}
	})
}

// TrendPoint is what happened on a day.
type TrendPoint struct {
	Day      string `json:"day" format:"date" example:"2026-11-23"`
	Created  int64  `json:"created" example:"9"`
	Resolved int64  `json:"resolved" example:"7"`
	Closed   int64  `json:"closed" example:"4"`
	Reopened int64  `json:"reopened" example:"1"`
	Replies  int64  `json:"replies" example:"31"`
	Backlog  int64  `json:"backlog" doc:"Open at the day's end, or now." example:"42"`
}

func (h handlers) trend(ctx context.Context, in *rangeInput) (*struct{ Body serve.Page[TrendPoint] }, error) {
	return show(ctx, in, h.desk, analytics.Trend, func(points []analytics.Point) serve.Page[TrendPoint] {
		return serve.PageOf(points, "", func(p analytics.Point) TrendPoint {
			return TrendPoint{p.Day.Format(time.DateOnly), p.Created, p.Resolved, p.Closed, p.Reopened, p.Replies, p.Backlog}
		})
	})
}

// Backlog is what is open now.
type Backlog struct {
	Open       int64            `json:"open" example:"42"`
	Unassigned int64            `json:"unassigned" example:"3"`
	Escalated  int64            `json:"escalated" example:"1"`
	Breached   int64            `json:"breached" doc:"Overdue." example:"2"`
	ByPriority map[string]int64 `json:"by_priority"`
	ByAge      []BacklogAge     `json:"by_age" doc:"Youngest first."`
}

// BacklogAge counts open tickets of an age.
type BacklogAge struct {
	LeastDays int   `json:"least_days" example:"4"`
	MostDays  *int  `json:"most_days" doc:"Null for no limit." example:"7"`
	Open      int64 `json:"open" example:"5"`
}

type backlogInput struct {
	Department string `query:"department" maxLength:"128" doc:"Department id; those below it are included." example:"it"`
}

func (h handlers) backlog(ctx context.Context, in *backlogInput) (*struct{ Body Backlog }, error) {
	w, err := analytics.Backlog(ctx, h.desk, serve.Actor(ctx), desk.DepartmentID(in.Department))
	if err != nil {
		return nil, err
	}
	return &struct{ Body Backlog }{Backlog{
		Open: w.Open, Unassigned: w.Unassigned, Escalated: w.Escalated, Breached: w.Overdue, ByPriority: named(w.ByPriority),
		ByAge: each(w.ByAge, func(a analytics.Age) BacklogAge {
			out := BacklogAge{LeastDays: a.Least, Open: a.Open}
			if a.Most >= 0 {
				out.MostDays = &a.Most
			}
			return out
		}),
	}}, nil
}

// named is a map with plain names.
func named[K ~string](m map[K]int64) map[string]int64 {
	out := map[string]int64{}
	for k, n := range m {
		out[string(k)] = n
	}
	return out
}

func each[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = fn(x)
	}
	return out
}
