package analytics

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// columns are those of the export, in order, and how each is made.
var columns = []struct {
	name  string
	value func(*desk.Ticket, desk.Actor) string
}{
	{"number", func(t *desk.Ticket, _ desk.Actor) string { return t.Number }},
	{"title", func(t *desk.Ticket, _ desk.Actor) string { return t.Title }},
	{"status", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Status) }},
	{"priority", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Priority) }},
	{"department", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Department) }},
	{"category", func(t *desk.Ticket, _ desk.Actor) string { return t.Category }},
	{"subcategory", func(t *desk.Ticket, _ desk.Actor) string { return t.Subcategory }},
	{"requester", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Requester) }},
	{"assignee", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Assignee) }},
	{"source", func(t *desk.Ticket, _ desk.Actor) string { return string(t.Source) }},
	{"tags", func(t *desk.Ticket, _ desk.Actor) string { return strings.Join(t.Tags, ", ") }},
	{"language", func(t *desk.Ticket, _ desk.Actor) string { return t.Language }},
	{"escalated", func(t *desk.Ticket, _ desk.Actor) string { return strconv.FormatBool(t.Escalated) }},
	{"replies", func(t *desk.Ticket, _ desk.Actor) string { return strconv.Itoa(t.Replies) }},
	{"reopened", func(t *desk.Ticket, _ desk.Actor) string { return strconv.Itoa(t.Reopened) }},
	{"created_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.CreatedAt) }},
	{"updated_at", func(t *desk.Ticket, a desk.Actor) string { return stamp(t.UpdatedFor(a)) }},
	{"first_response_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.FirstResponseAt) }},
	{"response_due_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.ResponseDueAt) }},
	{"resolved_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.ResolvedAt) }},
	{"due_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.DueAt) }},
	{"closed_at", func(t *desk.Ticket, _ desk.Actor) string { return stamp(t.ClosedAt) }},
	{"resolution", func(t *desk.Ticket, _ desk.Actor) string { return t.Resolution }},
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Wanted narrows an export. Each department is taken with all below it.
type Wanted struct {
	Department desk.DepartmentID
	Status     desk.Status
	From, To   time.Time // days of opening, both included; zero for no limit
}

// Filters are the filters that make up what is wanted: a ticket passes one of them at
// most.
func (w Wanted) Filters(ctx context.Context, d *desk.Desk) ([]desk.Filter, error) {
	f := desk.Filter{Status: w.Status, CreatedFrom: w.From, ByCreation: true}
	if !w.To.IsZero() {
		f.CreatedUntil = startOfDay(w.To).AddDate(0, 0, 1)
	}
	if w.Department == "" {
		return []desk.Filter{f}, nil
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	var out []desk.Filter
	for _, id := range org.Below(w.Department) {
		f.Department = id
		out = append(out, f)
	}
	if out == nil {
		return nil, fault.Bad("department", "There is no department %q.", w.Department)
	}
	return out, nil
}

// Export writes every ticket that the actor may see and that passes a filter as CSV, with
// a line of names first. It reads each ticket once, holds a page at a time, and calls
// flush after each, so that any number of them can be had.
func Export(ctx context.Context, d *desk.Desk, a desk.Actor, filters []desk.Filter, to io.Writer, flush func()) error {
	out := csv.NewWriter(to)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, f := range filters {
		err := d.Each(ctx, a, f, func(page []desk.Ticket) error {
			for i := range page {
				for j, c := range columns {
					row[j] = harmless(c.value(&page[i], a))
				}
				if err := out.Write(row); err != nil {
					return err
				}
			}
			out.Flush()
			flush()
			return out.Error()
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking what somebody wrote for a formula: it puts an
// apostrophe before what could begin one.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
