package desk

import (
	"bytes"
	"context"
	"slices"

	"ticketsystem.example/shared/docdb"
)

// Reverted is what came of taking a wish back.
type Reverted struct {
	Kept []string `json:"kept,omitempty"` // fields that somebody changed since; if there are any, nothing was taken back
}

// restorable are the fields that a wish changes, and where they lie.
var restorable = map[string]func(*Ticket) any{
	"title": func(t *Ticket) any { return &t.Title }, "description": func(t *Ticket) any { return &t.Description },
	"tags": func(t *Ticket) any { return &t.Tags }, "department": func(t *Ticket) any { return &t.Department },
	"category": func(t *Ticket) any { return &t.Category }, "subcategory": func(t *Ticket) any { return &t.Subcategory },
	"priority": func(t *Ticket) any { return &t.Priority }, "status": func(t *Ticket) any { return &t.Status },
	"assignee": func(t *Ticket) any { return &t.Assignee }, "resolution": func(t *Ticket) any { return &t.Resolution },
	"hold_reason": func(t *Ticket) any { return &t.HoldReason }, "hold_until": func(t *Ticket) any { return &t.HoldUntil },
	"language": func(t *Ticket) any { return &t.Language }, "escalated": func(t *Ticket) any { return &t.Escalated },
	"escalation_reason": func(t *Ticket) any { return &t.Escalation }, "values": func(t *Ticket) any { return &t.Values },
	"watchers": func(t *Ticket) any { return &t.Watchers },
}

// Revert gives each field that a wish changed the value that it had before. If anybody
// changed one of them since, nothing is done, and the outcome names these fields. What was
// said stays said. It takes the right to change each field, but no way of the lifecycle.
func (d *Desk) Revert(ctx context.Context, a Actor, trail Trail, opt Options) (Reverted, error) {
	var out Reverted
	err := d.alter(ctx, a, string(trail.Ticket), opt, &out, func(w *work) error {
		out = Reverted{}
		changes, err := w.changesOf(trail)
		if err != nil {
			return err
		}
		for _, c := range changes {
			same, err := w.restore(c, trail)
			if err != nil {
				return err
			}
			if !same {
				out.Kept = append(out.Kept, c.Field)
			}
		}
		if len(out.Kept) > 0 {
			return nil
		}
		return first(w.permit, w.fits, w.save)
	})
	return out, err
}

// changesOf are what the acts of a wish changed together.
func (w *work) changesOf(trail Trail) ([]Change, error) {
	var out []Change
	// Whether a deadline is missed follows from the rest.
	derived := func(c Change) bool { return c.Field == "sla_breached" }
	for s := trail.First; s <= trail.Last; s++ {
		a, err := docdb.Get[Act](w.ctx, w.tx, docdb.Key{Collection: acts, ID: actID(trail.Ticket, s)})
		if err != nil {
			return nil, err
		}
		for _, c := range a.Changes {
			i := slices.IndexFunc(out, func(o Change) bool { return o.Field == c.Field })
			if i < 0 {
				out = append(out, c)
			} else {
				out[i].After = c.After
			}
		}
	}
	return slices.DeleteFunc(out, derived), nil
}

// restore sets a field back, if it still has the value that the wish gave it.
func (w *work) restore(c Change, trail Trail) (bool, error) {
	place, ok := restorable[c.Field]
	if !ok {
		return false, nil
	}
	t := w.ticket
	var now any
	for _, f := range tracked {
		if f.field == c.Field {
			now = plain(f.value(t))
		}
	}
	have, err := docdb.Marshal(now)
	if err != nil {
		return false, err
	}
	gave, err := docdb.Marshal(c.After)
	if err != nil || !bytes.Equal(have, gave) {
		return false, err
	}
	if c.Field == "status" {
		reopened := trail.Reopened
		if t.Status == StatusReopened {
			reopened++
		}
		if t.Reopened != reopened {
			return false, nil // it went round meanwhile
		}
		t.ResolvedAt, t.ClosedAt, t.Reopened, t.Pauses = trail.ResolvedAt, trail.ClosedAt, trail.Reopened, trail.Pauses
	}
	before, err := docdb.Marshal(c.Before)
	if err != nil {
		return false, err
	}
	return true, refill(t, c.Field, place, before)
}

// refill sets a field to a stored value.
func refill(t *Ticket, field string, place func(*Ticket) any, value []byte) error {
	if field == "values" {
		t.Values = nil // decoding would add to them
	}
	if string(value) == "null" {
		value = []byte(`"0001-01-01T00:00:00Z"`) // only a time can be nothing
	}
	if err := docdb.Unmarshal(value, place(t)); err != nil {
		return err
	}
	if len(t.Values) == 0 {
		t.Values = nil
	}
	return nil
}

// fits checks that where the ticket goes back to still exists, and whom it goes back to.
func (w *work) fits() error {
	t, b := w.ticket, w.before
	if t.Department != b.Department || t.Category != b.Category || t.Subcategory != b.Subcategory {
		if err := w.org.place(t.Department, t.Category, t.Subcategory); err != nil {
			return err
		}
	}
	if t.Assignee != "" && t.Assignee != b.Assignee {
		return w.active("assignee", t.Assignee)
	}
	return nil
}
