package desk

import (
	"context"

	"ticketsystem.example/shared/docdb"
)

// Matches reports whether the filter lets a ticket through, by its outline alone. It
// agrees with what List asks of the database, but for the audience.
func (f Filter) Matches(o *Outline) bool {
	switch {
	case o.Deleted,
		f.Status != "" && f.Status != o.Status,
		f.Priority != "" && f.Priority != o.Priority,
		f.Department != "" && f.Department != o.Department,
		f.Category != "" && f.Category != o.Category,
		f.Requester != "" && f.Requester != o.Requester,
		f.Assignee == Nobody && o.Assignee != "",
		f.Assignee != "" && f.Assignee != Nobody && f.Assignee != o.Assignee,
		f.Escalated != nil && *f.Escalated != o.Escalated,
		f.Breached != nil && *f.Breached != o.Breached,
		f.Tag != "" && !contains(o.Tags, f.Tag),
		!f.CreatedFrom.IsZero() && o.CreatedAt.Before(f.CreatedFrom),
		!f.CreatedUntil.IsZero() && !o.CreatedAt.Before(f.CreatedUntil):
		return false
	}
	return true
}

// Nobody stands for tickets without an assignee in a filter.
const Nobody PersonID = "none"

// eachPage is how many tickets Each reads at once.
const eachPage = 300

// Each hands every ticket that the actor may see and that passes the filter to fn, page
// by page, last opened first. The order never changes with the tickets, so that none
// comes twice or is missed however long it takes; those opened meanwhile don't come.
func (d *Desk) Each(ctx context.Context, a Actor, f Filter, fn func([]Ticket) error) error {
	q := docdb.Query{Collection: tickets, Where: f.conditions(a), Order: []docdb.Order{{Field: "created_at", Desc: true}}, Limit: eachPage}
	for {
		recs, err := d.DB.Query(ctx, q)
		if err != nil || len(recs) == 0 {
			return err
		}
		page := make([]Ticket, len(recs))
		for i, r := range recs {
			if err := docdb.Decode(r, &page[i]); err != nil {
				return err
			}
		}
		if err := fn(page); err != nil || len(recs) < eachPage {
			return err
		}
		q.After = q.Cursor(recs[len(recs)-1])
	}
}
