package analytics_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// TestEveryNumberEqualsARecount lives through random histories, delivers their facts
// twice and in any order, and compares every report with a plain count over the acts.
func TestEveryNumberEqualsARecount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		o.live(r)
		o.deliver(rapid.Uint64().Draw(r, "order"))
		o.compare(r)
	})
}

// TestARebuildGivesTheSameNumbers rebuilds from the history while half of the facts are
// still on their way, and again after all arrived.
func TestARebuildGivesTheSameNumbers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		o.live(r)
		facts := o.facts()
		for _, e := range facts[:len(facts)/2] {
			o.must(analytics.Handle(t.Context(), o.Desk, e))
		}
		_, err := analytics.Rebuild(t.Context(), o.Desk)
		o.must(err)
		o.compare(r)
		o.deliver(rapid.Uint64().Draw(r, "order"))
		o.compare(r)
		n, err := analytics.Rebuild(t.Context(), o.Desk)
		o.must(err)
		o.compare(r)
		if acts := len(o.store.Dump("acts")); n != acts {
			r.Fatalf("counted %d of %d acts", n, acts)
		}
		for _, collection := range []string{"days", "agent_days", "category_days", "stocks"} {
			for _, rec := range o.store.Dump(collection) {
				if rec.Key.ID[:2] != "3~" {
					r.Fatalf("%s is left over", rec.Key)
				}
			}
		}
	})
}

// TestARebuildThatBrokeOffGoesOn fails in the middle, with facts arriving in between.
func TestARebuildThatBrokeOffGoesOn(t *testing.T) {
	o := newOffice(t)
	for range 40 {
		o.open()
	}
	commits := 0
	o.store.Before = func(op string) error {
		if op == "commit" {
			commits++
		}
		if commits == 3 {
			return fmt.Errorf("the power is gone")
		}
		return nil
	}
	if _, err := analytics.Rebuild(t.Context(), o.Desk); err == nil {
		t.Fatal("it did not break off")
	}
	o.store.Before = nil
	o.deliver(5)
	n, err := analytics.Rebuild(t.Context(), o.Desk)
	o.must(err)
	if n != 0 {
		t.Errorf("%d acts were counted again", n)
	}
	w, err := analytics.Backlog(t.Context(), o.Desk, o.as("ada"), "")
	o.must(err)
	if w.Open != 40 {
		t.Errorf("%d open", w.Open)
	}
}

// live does random things to random tickets over some days. What the rules refuse is
// refused.
func (o *office) live(r *rapid.T) {
	ctx := o.t.Context()
	people := []desk.PersonID{"ada", "mia", "nora", "liam", "uma", "otto"}
	places := []desk.DepartmentID{"", "it", "network", "finance"}
	var made []desk.TicketID
	for range rapid.IntRange(1, 25).Draw(r, "acts") {
		o.later(time.Duration(rapid.IntRange(0, 60*60*40).Draw(r, "pause")) * time.Second)
		who := o.as(rapid.SampledFrom(people).Draw(r, "who"))
		if len(made) == 0 || rapid.IntRange(0, 3).Draw(r, "new") == 0 {
			n := desk.NewTicket{Title: "Ticket", Description: "x", Department: rapid.SampledFrom(places).Draw(r, "place"), Priority: rapid.SampledFrom(desk.Priorities).Draw(r, "priority")}
			if n.Department == "network" {
				n.Category = rapid.SampledFrom([]string{"", "vpn", "a~b"}).Draw(r, "category")
			}
			t, err := o.Create(ctx, who, n, desk.Options{})
			o.must(err)
			made = append(made, t.ID)
			continue
		}
		ref := string(rapid.SampledFrom(made).Draw(r, "ticket"))
		switch rapid.IntRange(0, 12).Draw(r, "what") {
		case 0, 1, 2, 3:
			s := rapid.SampledFrom(desk.Statuses).Draw(r, "status")
			_, _ = o.Update(ctx, who, ref, desk.Patch{Status: &s}, desk.Options{})
		case 4:
			p := rapid.SampledFrom(people).Draw(r, "assignee")
			_, _ = o.Update(ctx, who, ref, desk.Patch{Assignee: &p}, desk.Options{})
		case 5:
			d := rapid.SampledFrom(places[1:]).Draw(r, "department")
			_, _ = o.Update(ctx, who, ref, desk.Patch{Department: &d}, desk.Options{})
		case 6:
			p := rapid.SampledFrom(desk.Priorities).Draw(r, "urgency")
			_, _ = o.Update(ctx, who, ref, desk.Patch{Priority: &p}, desk.Options{})
		case 7, 8:
			_, _ = o.Comment(ctx, who, ref, desk.NewComment{Body: "x", Internal: rapid.Bool().Draw(r, "note")}, desk.Options{})
		case 10, 11, 12:
			_, _ = o.Rate(ctx, who, ref, rapid.IntRange(1, desk.BestRating).Draw(r, "rating"), "", desk.Options{})
		case 9:
			_ = o.Delete(ctx, who, ref, desk.Options{})
		}
	}
}

// compare asks for every report as everyone and recounts it.
func (o *office) compare(r *rapid.T) {
	acts := o.acts()
	for who, departments := range map[desk.PersonID][]desk.DepartmentID{
		"ada": {"it", "network", "finance", "triage"}, "mia": {"it", "network"}, "nora": {"network"}, "liam": {"finance", "triage"},
	} {
		c := recount{acts, departments, *o.clock}
		span := analytics.Range{From: o.clock.AddDate(0, 0, -rapid.IntRange(0, 50).Draw(r, "days"))}
		o.compareTrend(r, who, span, c)
		o.compareNow(r, who, c)
		o.compareGroups(r, who, span, c)
	}
}

func (o *office) compareTrend(r *rapid.T, who desk.PersonID, span analytics.Range, c recount) {
	points, err := analytics.Trend(o.t.Context(), o.Desk, o.as(who), span)
	o.must(err)
	for _, p := range points {
		on := func(at time.Time) bool { return at.UTC().Truncate(24*time.Hour) == p.Day }
		want := analytics.Point{Day: p.Day, Created: c.created(on), Backlog: c.openAt(p.Day.AddDate(0, 0, 1))}
		c.each(func(was desk.Outline, a desk.Act) {
			if !on(a.At) || !c.has(a.Outline.Department) {
				return
			}
			want.Resolved += one(was.ResolvedAt.IsZero() && !a.Outline.ResolvedAt.IsZero())
			want.Closed += one(was.Status != desk.StatusClosed && a.Outline.Status == desk.StatusClosed)
			want.Reopened += one(a.Outline.Status == desk.StatusReopened && was.Status != desk.StatusReopened)
			want.Replies += one(a.Type == desk.TicketReplied)
		})
		if p != want {
			r.Fatalf("%s on %s: got %+v, want %+v", who, p.Day, p, want)
		}
	}
}

func (o *office) compareNow(r *rapid.T, who desk.PersonID, c recount) {
	got, err := analytics.Overview(o.t.Context(), o.Desk, o.as(who))
	o.must(err)
	w, err := analytics.Backlog(o.t.Context(), o.Desk, o.as(who), "")
	o.must(err)
	want := analytics.Waiting{ByPriority: map[desk.Priority]int64{}, ByAge: slices.Clone(w.ByAge)}
	for i := range want.ByAge {
		want.ByAge[i].Open = 0
	}
	for _, p := range desk.Priorities {
		want.ByPriority[p] = 0
	}
	byStatus := map[desk.Status]int64{}
	for _, s := range desk.Statuses {
		byStatus[s] = 0
	}
	var mine analytics.Mine
	for _, t := range c.last(c.now.Add(time.Hour)) {
		mine.Open += one(t.Open() && t.Requester == who)
		mine.Closed += one(!t.Open() && !t.Deleted && t.Requester == who)
		mine.Assigned += one(t.Open() && t.Assignee == who)
		if !c.has(t.Department) || t.Deleted {
			continue
		}
		byStatus[t.Status]++
		if !t.Open() {
			continue
		}
		want.Open++
		want.Unassigned += one(t.Assignee == "")
		want.Overdue += one(t.Status != desk.StatusOnHold && t.DueAt.Truncate(time.Minute).Before(c.now.Truncate(time.Minute)))
		want.ByPriority[t.Priority]++
		age := int(c.now.Truncate(24*time.Hour).Sub(t.CreatedAt.Truncate(24*time.Hour)).Hours() / 24)
		for i, class := range want.ByAge {
			want.ByAge[i].Open += one(age >= class.Least && (class.Most < 0 || age <= class.Most))
		}
	}
	if !reflect.DeepEqual(w, want) || got.Mine != mine || !reflect.DeepEqual(got.Work.ByStatus, byStatus) || got.Work.Overdue != want.Overdue {
		r.Fatalf("%s: got %+v %+v %+v, want %+v %+v %+v", who, w, got.Mine, got.Work.ByStatus, want, mine, byStatus)
	}
	today := func(at time.Time) bool { return at.Truncate(24*time.Hour) == c.now.Truncate(24*time.Hour) }
	if n := c.created(today); got.Work.CreatedToday != n {
		r.Fatalf("%s: %d created today, want %d", who, got.Work.CreatedToday, n)
	}
}

func (o *office) compareGroups(r *rapid.T, who desk.PersonID, span analytics.Range, c recount) {
	ctx, a := o.t.Context(), o.as(who)
	all, err := analytics.Performance(ctx, o.Desk, a, span)
	o.must(err)
	c.compareService(r, span, all, func(*desk.Outline) bool { return true })
	departments, err := analytics.ByDepartment(ctx, o.Desk, a, span)
	o.must(err)
	for _, g := range departments {
		c.compareService(r, span, g.Service, func(t *desk.Outline) bool { return t.Department == g.Department })
	}
	categories, err := analytics.ByCategory(ctx, o.Desk, a, span)
	o.must(err)
	var created int64
	for _, g := range categories {
		created += g.Created
		c.compareService(r, span, g.Service, func(t *desk.Outline) bool {
			return t.Department == g.Department && t.Category == g.Category
		}, "reopened")
	}
	if created != all.Created {
		r.Fatalf("%s: categories have %d, all %d", who, created, all.Created)
	}
	agents, err := analytics.ByAgent(ctx, o.Desk, a, span)
	o.must(err)
	var resolved, open int64
	for _, g := range agents {
		resolved, open = resolved+g.Resolved, open+g.Open
		var want int64
		for _, t := range c.last(c.now.Add(time.Hour)) {
			want += one(t.Open() && c.has(t.Department) && t.Assignee == g.Agent)
		}
		if g.Open != want {
			r.Fatalf("%s: %s has %d open, want %d", who, g.Agent, g.Open, want)
		}
	}
	if resolved != all.Resolved || open != c.openAt(c.now.Add(time.Hour)) {
		r.Fatalf("%s: agents resolved %d and have %d open", who, resolved, open)
	}
}

// recount counts over the acts of all tickets, without any of the counters.
type recount struct {
	acts        []desk.Act
	departments []desk.DepartmentID
	now         time.Time
}

// acts are all acts, each ticket's in order.
func (o *office) acts() []desk.Act {
	var out []desk.Act
	for _, rec := range o.store.Dump("acts") {
		var a desk.Act
		o.must(docdb.Decode(rec, &a))
		out = append(out, a)
	}
	return out
}

func (c recount) has(d desk.DepartmentID) bool { return slices.Contains(c.departments, d) }

// each calls fn with every act and the outline before it.
func (c recount) each(fn func(desk.Outline, desk.Act)) {
	for i, a := range c.acts {
		was := desk.Outline{}
		if i > 0 && c.acts[i-1].Ticket == a.Ticket {
			was = *c.acts[i-1].Outline
		}
		fn(was, a)
	}
}

// last are the tickets as they were just before a time.
func (c recount) last(before time.Time) map[desk.TicketID]*desk.Outline {
	out := map[desk.TicketID]*desk.Outline{}
	for _, a := range c.acts {
		if a.At.Before(before) {
			out[a.Ticket] = a.Outline
		}
	}
	return out
}

func (c recount) openAt(before time.Time) (n int64) {
	for _, t := range c.last(before) {
		n += one(t.Open() && c.has(t.Department))
	}
	return n
}

func (c recount) created(on func(time.Time) bool) (n int64) {
	for _, t := range c.last(c.now.Add(time.Hour)) {
		n += one(!t.Deleted && c.has(t.Department) && on(t.CreatedAt))
	}
	return n
}

// compareService recounts a service over the tickets of a group.
func (c recount) compareService(r *rapid.T, span analytics.Range, got analytics.Service, in func(*desk.Outline) bool, but ...string) {
	within := func(at time.Time) bool {
		return !at.Before(span.From.Truncate(24*time.Hour)) && at.Before(c.now.Add(time.Hour))
	}
	var responses, resolutions []float64
	var reopened, late, lateAnswers, created, rated, content int64
	c.each(func(was desk.Outline, a desk.Act) {
		t := a.Outline
		if !within(a.At) || !c.has(t.Department) || !in(t) {
			return
		}
		rated += one(t.Rating > 0) - one(was.Rating > 0)
		content += one(t.Rating >= desk.Content) - one(was.Rating >= desk.Content)
		reopened += one(t.Status == desk.StatusReopened && was.Status != desk.StatusReopened)
		if was.FirstResponseAt.IsZero() && !t.FirstResponseAt.IsZero() {
			responses = append(responses, math.Max(1, math.Floor(t.FirstResponseAt.Sub(t.CreatedAt).Seconds())))
			lateAnswers += one(t.FirstResponseAt.After(t.ResponseDueAt))
		}
		if was.ResolvedAt.IsZero() && !t.ResolvedAt.IsZero() {
			resolutions = append(resolutions, math.Max(1, math.Floor(t.ResolvedAt.Sub(t.CreatedAt).Seconds())))
			late += one(t.ResolvedAt.After(t.DueAt))
		}
	})
	for _, t := range c.last(c.now.Add(time.Hour)) {
		created += one(!t.Deleted && c.has(t.Department) && in(t) && within(t.CreatedAt))
	}
	near(r, "first response", got.FirstResponse, responses)
	near(r, "resolution", got.Resolution, resolutions)
	if slices.Contains(but, "reopened") {
		reopened = got.Reopened
	}
	if got.Created != created || got.Resolved != int64(len(resolutions)) || got.Reopened != reopened {
		r.Fatalf("got %+v, want %d created, %d resolved, %d reopened", got, created, len(resolutions), reopened)
	}
	if got.Rated != rated {
		r.Fatalf("%d rated, want %d", got.Rated, rated)
	}
	inTime(r, got.Satisfaction, rated-content, int(rated))
	inTime(r, got.ResolutionInSLA, late, len(resolutions))
	inTime(r, got.FirstResponseInSLA, lateAnswers, len(responses))
}

func inTime(r *rapid.T, got *float64, late int64, all int) {
	if (got == nil) != (all == 0) {
		r.Fatalf("got %v in time of %d", got, all)
	}
	if got != nil && math.Abs(*got-100*float64(int64(all)-late)/float64(all)) > 1e-9 {
		r.Fatalf("got %v%% in time, with %d of %d late", *got, late, all)
	}
}

// near checks quantiles against the sorted values themselves.
func near(r *rapid.T, what string, got analytics.Spread, values []float64) {
	if got.Count != int64(len(values)) {
		r.Fatalf("%s: %d values, want %d", what, got.Count, len(values))
	}
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	for q, v := range map[float64]float64{0.5: got.P50, 0.9: got.P90, 0.95: got.P95} {
		want := values[int(q*float64(len(values)-1))]
		if math.Abs(v-want) > analytics.Accuracy*want+1e-9 {
			r.Fatalf("%s: p%v is %v, want %v (1%%)", what, 100*q, v, want)
		}
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
