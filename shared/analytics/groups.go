package analytics

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/desk"
)

// Group is the service of a part: a department, one of its categories, or an agent.
type Group struct {
	Department desk.DepartmentID // "" for an agent
	Category   string            // of a category; "" is for tickets without one
	Agent      desk.PersonID     // of an agent; "" is for what nobody was assigned to
	Open       int64             // now; not known of categories
	Overdue    int64             // now; known of departments only
	Service
}

// ByDepartment compares the departments, each without those below it, by what is open. It
// reads a document for each day (since the first of this month, if that is earlier) and
// department, and one more for each department.
func ByDepartment(ctx context.Context, d *desk.Desk, a desk.Actor, asked Range) ([]Group, error) {
	r, err := open(ctx, d, a, asked)
	if err != nil {
		return nil, err
	}
	now, err := r.present()
	if err != nil {
		return nil, err
	}
	sums := map[desk.DepartmentID]Counters{}
	for _, department := range r.departments {
		sums[department] = Counters{}
	}
	err = r.each(days, r.from, r.to, func(_ time.Time, department desk.DepartmentID, c Counters) { sums[department].add(c) })
	if err != nil {
		return nil, err
	}
	return groups(sums, func(id desk.DepartmentID) Group {
		return Group{Department: id, Open: now.stock[id]["open"], Overdue: now.overdue[id]}
	})
}

// ByAgent says how much each agent has to do and has done, busiest first. Work is counted
// in the departments of the range only. It reads a document for each day and department,
// and one more for each department.
func ByAgent(ctx context.Context, d *desk.Desk, a desk.Actor, asked Range) ([]Group, error) {
	r, err := open(ctx, d, a, asked)
	if err != nil {
		return nil, err
	}
	load, sums := Counters{}, map[desk.PersonID]Counters{}
	err = r.stocks(func(_ desk.DepartmentID, c Counters) { load.add(c.under("assignee")) })
	if err != nil {
		return nil, err
	}
	for agent, n := range load {
		if n != 0 {
			sums[desk.PersonID(agent)] = Counters{}
		}
	}
	err = r.each(agentDays, r.from, r.to, func(_ time.Time, _ desk.DepartmentID, c Counters) { split(sums, c) })
	if err != nil {
		return nil, err
	}
	out, err := groups(sums, func(id desk.PersonID) Group { return Group{Agent: id, Open: load[string(id)]} })
	return slices.DeleteFunc(out, Group.empty), err
}

// place is a category of a department.
type place struct {
	department desk.DepartmentID
	category   string
}

// ByCategory says what tickets were about, most frequent first. It reads a document for
// each day and department.
func ByCategory(ctx context.Context, d *desk.Desk, a desk.Actor, asked Range) ([]Group, error) {
	r, err := open(ctx, d, a, asked)
	if err != nil {
		return nil, err
	}
	sums := map[place]Counters{}
	err = r.each(categoryDays, r.from, r.to, func(_ time.Time, department desk.DepartmentID, c Counters) {
		here := map[string]Counters{}
		split(here, c)
		for category, counters := range here {
			at := place{department, category}
			if sums[at] == nil {
				sums[at] = Counters{}
			}
			sums[at].add(counters)
		}
	})
	if err != nil {
		return nil, err
	}
	out, err := groups(sums, func(p place) Group { return Group{Department: p.department, Category: p.category} })
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(b.Created, a.Created) })
	return slices.DeleteFunc(out, Group.empty), err
}

// split sorts counters by the name at their end: "resolved~mia" and
// "resolved_bucket~42~mia" are mia's.
func split[K ~string](into map[K]Counters, c Counters) {
	for full, n := range c {
		name, of, _ := strings.Cut(full, "~")
		if strings.HasSuffix(name, "_bucket") {
			bucket, rest, _ := strings.Cut(of, "~")
			name, of = name+"~"+bucket, rest
		}
		if into[K(of)] == nil {
			into[K(of)] = Counters{}
		}
		into[K(of)][name] += n
	}
}

// empty reports whether there is nothing to say of the group, as of a category whose
// tickets all went elsewhere.
func (g Group) empty() bool {
	return g.Open == 0 && g.Created == 0 && g.Resolved == 0 && g.FirstResponse.Count == 0 && g.Rated == 0
}

// groups are the services of all parts, those with the most open tickets first.
func groups[K comparable](sums map[K]Counters, of func(K) Group) ([]Group, error) {
	out := []Group{}
	for key, c := range sums {
		g := of(key)
		s, err := serviceOf(c)
		if err != nil {
			return nil, err
		}
		g.Service = s
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Open, a.Open), cmp.Compare(b.Resolved, a.Resolved), cmp.Compare(a.Department, b.Department), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Agent, b.Agent))
	})
	return out, nil
}
