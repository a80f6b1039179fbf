// Package reports is the HTTP function for numbers: what a person sees first, how it goes
// over time, and tickets as CSV; package analytics says what is counted and who may know.
//
// Trigger: HTTPS, /api/analytics/. Reads the counters of days and departments, the
// person's ten latest tickets, and for the CSV every ticket that the person may see, page
// by page; writes nothing. If the database is down the caller is told to come back; a CSV
// that has begun is broken off, so that nobody takes a part for the whole. Rights:
// Firestore documents, looking up accounts.
package reports

import (
	"context"
	"io"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here
	"github.com/danielgtaylor/huma/v2"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Reports", Routes) }

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	get := func(name, id, summary, description string) serve.Operation {
		return serve.Operation{Method: http.MethodGet, Path: "/api/analytics/" + name, ID: id, Tag: "Analytics", Summary: summary, Description: description}
	}
	const scope = " For staff, who see their departments and those below, and for admins, who see all. Days are UTC."
	serve.Add(a, get("summary", "showSummary", "Show what matters to you now", "Your own tickets; for staff also the work of their departments and those below, for admins of all."), h.summary)
	serve.Add(a, get("trend", "showTrend", "Show tickets opened, resolved and waiting, day by day", "A ticket counts as opened in the department where it is now, and as resolved in the one where that was done."+scope), h.trend)
	serve.Add(a, get("backlog", "showBacklog", "Show what is open now, by age and priority", "The age is in days since a ticket was opened. It is overdue when the minute of its due time is over."+scope), h.backlog)
	serve.Add(a, get("performance", "showPerformance", "Show how soon and how well tickets were served", "Durations are in seconds since the ticket was opened, exact to 1 %. A reply of a robot is no response."+scope), h.performance)
	serve.Add(a, get("agents", "listAgentReports", "Show how much each agent has to do and has done", "Busiest first. Work in other departments than yours is not counted."+scope), h.agents)
	serve.Add(a, get("departments", "listDepartmentReports", "Compare departments", "Each without those below it, the one with most open tickets first."+scope), h.departments)
	serve.Add(a, get("categories", "listCategoryReports", "Show what most tickets are about", "Most frequent first."+scope), h.categories)
	csv := get("tickets.csv", "exportTickets", "Get tickets as CSV, however many they are", "All that you may see, last opened first; of a department, one after another with those below it. What could be taken for a formula has an apostrophe before it. An answer that breaks off is not complete.")
	csv.Streams = "text/csv"
	serve.Add(a, csv, h.export)
}

type handlers struct{ desk *desk.Desk }

// Days are the days of a report.
type Days struct {
	From string `query:"from" format:"date" maxLength:"10" doc:"The first day; by default 29 days before the last." example:"2026-11-01"`
	To   string `query:"to" format:"date" maxLength:"10" doc:"The last day; by default today. A report spans 366 days at most." example:"2026-11-30"`
}

type rangeInput struct {
	Days
	Department string `query:"department" maxLength:"128" doc:"Department id; those below it are included." example:"it"`
}

// parse is the days as times, zero where they are left out.
func (d Days) parse() (from, to time.Time, err error) {
	var badFrom, badTo error
	from, badFrom = date("from", d.From)
	to, badTo = date("to", d.To)
	return from, to, fault.Join(badFrom, badTo)
}

func date(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fault.Bad(field, "This is not a day; write it as 2026-11-23.")
	}
	return t, nil
}

// show answers with a report, made by one call and shown by another.
func show[A, B any](ctx context.Context, in *rangeInput, d *desk.Desk, report func(context.Context, *desk.Desk, desk.Actor, analytics.Range) (A, error), view func(A) B) (*struct{ Body B }, error) {
	from, to, err := in.parse()
	if err != nil {
		return nil, err
	}
	made, err := report(ctx, d, serve.Actor(ctx), analytics.Range{From: from, To: to, Department: desk.DepartmentID(in.Department)})
	if err != nil {
		return nil, err
	}
	return &struct{ Body B }{view(made)}, nil
}

type exportInput struct {
	Days
	Department string `query:"department" maxLength:"128" doc:"Department id; those below it are included." example:"it"`
	Status     string `query:"status" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" doc:"Where they are in their life."`
}

type exportAnswer struct {
	Type        string `header:"Content-Type" example:"text/csv; charset=utf-8; header=present"`
	Disposition string `header:"Content-Disposition" example:"attachment; filename=\"tickets.csv\""`
	Cache       string `header:"Cache-Control" example:"no-store"`
	Body        func(huma.Context)
}

func (h handlers) export(ctx context.Context, in *exportInput) (*exportAnswer, error) {
	from, to, err := in.parse()
	if err != nil {
		return nil, err
	}
	wanted := analytics.Wanted{Department: desk.DepartmentID(in.Department), Status: desk.Status(in.Status), From: from, To: to}
	filters, err := wanted.Filters(ctx, h.desk)
	if err != nil {
		return nil, err
	}
	actor := serve.Actor(ctx)
	return &exportAnswer{
		Type: "text/csv; charset=utf-8; header=present", Disposition: `attachment; filename="tickets.csv"`, Cache: "no-store",
		Body: serve.Stream(func(ctx context.Context, w io.Writer, flush func()) error {
			return analytics.Export(ctx, h.desk, actor, filters, w, flush)
		}),
	}, nil
}
