package simulate

import (
	"encoding/json"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// histories are the acts of each ticket, oldest first.
func (w *world) histories() map[desk.TicketID][]desk.Act {
	out := map[desk.TicketID][]desk.Act{}
	for _, a := range all[desk.Act](w, "acts") {
		out[a.Ticket] = append(out[a.Ticket], a)
	}
	return out
}

// replays: the acts without a gap, each beginning where the last one ended, make the
// ticket as it is.
func (w *world) replays(t desk.Ticket, acts []desk.Act) bool {
	state := map[string]any{}
	public := int64(0)
	for i, a := range acts {
		if a.Sequence != int64(i)+1 {
			w.fail("%s: act %d comes instead of %d", t.Number, a.Sequence, i+1)
			return false
		}
		if i > 0 && a.At.Before(acts[i-1].At) {
			w.fail("%s: act %d is older than the one before it", t.Number, a.Sequence)
		}
		if !a.Internal {
			public++
		}
		for _, c := range a.Changes {
			if was, is := canon(state[c.Field]), canon(c.Before); was != is {
				w.fail("%s: act %d says that %s was %s, but it was %s", t.Number, a.Sequence, c.Field, is, was)
			}
			state[c.Field] = c.After
		}
	}
	if int64(len(acts)) != t.Version || public != t.PublicVersion {
		w.fail("%s: %d acts, %d of them public, made version %d and %d", t.Number, len(acts), public, t.Version, t.PublicVersion)
	}
	for field, want := range map[string]any{
		"title": t.Title, "description": t.Description, "tags": t.Tags, "department": t.Department, "category": t.Category, "priority": t.Priority,
		"status": t.Status, "assignee": t.Assignee, "watchers": t.Watchers, "resolution": t.Resolution, "hold_reason": t.HoldReason,
		"escalated": t.Escalated, "sla_breached": t.Breached, "links": t.Links,
	} {
		if canon(state[field]) != canon(want) {
			w.fail("%s: the history ends with %s %s, stored is %s", t.Number, field, canon(state[field]), canon(want))
		}
	}
	return len(acts) > 0
}

// canon is a value as text; whatever means nothing is the same.
func canon(v any) string {
	data, err := docdb.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return err.Error()
	}
	if data, err = json.Marshal(plain); err != nil { // names in order
		return err.Error()
	}
	if slices.Contains([]string{"null", `""`, "[]", "{}", "false"}, string(data)) {
		return "nothing"
	}
	return string(data)
}

// targets are how long a ticket may wait for its resolution.
var targets = map[desk.Priority]time.Duration{"critical": 2 * time.Hour, "high": 8 * time.Hour, "medium": 24 * time.Hour, "low": 48 * time.Hour}

// clock is what of a ticket's life its deadlines hang on, gathered act by act.
type clock struct {
	start      time.Time
	department desk.DepartmentID
	priority   desk.Priority
	status     desk.Status
	held       time.Time // since when; zero for not
	ended      time.Time // resolved or closed
	until      time.Time // the hold is to end
	reopened   int
	pauses     []span
}

type span struct{ from, until time.Time }

// see takes an act in.
func (c *clock) see(a desk.Act) {
	if c.start.IsZero() {
		c.start, c.status = a.At, desk.StatusNew
	}
	c.department, c.priority = a.Outline.Department, a.Outline.Priority
	next := a.Outline.Status
	if next == desk.StatusMerged || c.status == desk.StatusMerged && a.Type == desk.TicketUnmerged {
		c.status = next
		return // a merge stops no clock
	}
	if next == c.status {
		return
	}
	if !c.held.IsZero() && next != desk.StatusOnHold {
		c.pauses = append(c.pauses, span{c.held, a.At})
		c.held = time.Time{}
	}
	switch next {
	case desk.StatusOnHold:
		c.held = a.At
	case desk.StatusResolved, desk.StatusClosed:
		if c.ended.IsZero() {
			c.ended = a.At
		}
	case desk.StatusReopened:
		c.pauses = append(c.pauses, span{c.ended, a.At})
		c.ended = time.Time{}
		c.reopened++
	}
	c.status = next
}

// due counts minute by minute until the target is reached.
func (c *clock) due(target time.Duration) time.Time {
	for at := c.start; ; {
		next := at.Truncate(time.Minute).Add(time.Minute)
		counts := c.department != "network" || works(at)
		for _, p := range c.pauses {
			for _, edge := range []time.Time{p.from, p.until} {
				if edge.After(at) && edge.Before(next) {
					next = edge
				}
			}
			if !at.Before(p.from) && at.Before(p.until) {
				counts = false
			}
		}
		if step := next.Sub(at); counts {
			if step >= target {
				return at.Add(target)
			}
			target -= step
		}
		at = next
	}
}

// counted is the first minute that minutes knows: clocks that are slow begin a little early.
var counted = Begin.Add(-24 * time.Hour)

// minutes says of each minute from then on whether the office works.
var minutes = func() []bool {
	zone, err := time.LoadLocation(week.Zone)
	if err != nil {
		panic(err) // the table is wrong
	}
	out := make([]bool, 120*24*60)
	for i := range out {
		at := counted.Add(time.Duration(i) * time.Minute).In(zone)
		day := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[at.Weekday()]
		for _, hours := range week.Week[day] {
			now := at.Format("15:04")
			if now >= hours[:5] && now < hours[6:] && !slices.Contains(week.Holidays, at.Format(time.DateOnly)) {
				out[i] = true
			}
		}
	}
	return out
}()

func works(at time.Time) bool {
	i := int(at.Sub(counted) / time.Minute)
	return minutes[i]
}
