package views

import (
	"net/url"
	"strconv"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/view"
)

// Orders of a view.
const (
	byChange   = "-updated_at"
	byCreation = "-created_at"
)

// View is a saved view as clients see it.
type View struct {
	ID          string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	Name        string    `json:"name" example:"Nobody's, urgent"`
	Owner       string    `json:"owner" doc:"Person id." example:"priya"`
	Mine        bool      `json:"mine" doc:"You own it." example:"true"`
	Everyone    bool      `json:"everyone" doc:"Shared with all."`
	Departments []string  `json:"departments" doc:"Shared with the staff of these."`
	Filter      Filter    `json:"filter"`
	Sort        string    `json:"sort" enum:"-updated_at,-created_at" example:"-updated_at"`
	Columns     []string  `json:"columns" doc:"In the order they are shown; none for the usual ones." example:"number"`
	Count       *int64    `json:"count" doc:"How many tickets its list shows you; null until all are counted." example:"7"`
	List        string    `json:"list" doc:"The address of its list." example:"/api/tickets/?assignee=none&priority=critical"`
	Version     int64     `json:"version" doc:"The ETag is made of it." example:"1"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Filter narrows the list of tickets, as the parameters of the list of tickets do; what is
// left out doesn't.
type Filter struct {
	Status       string     `json:"status,omitempty" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" doc:"Where they are in their life." example:"new"`
	Priority     string     `json:"priority,omitempty" enum:"critical,high,medium,low" doc:"How urgent they are." example:"critical"`
	Department   string     `json:"department,omitempty" maxLength:"128" doc:"Department id."`
	Category     string     `json:"category,omitempty" maxLength:"64" doc:"Category id."`
	Assignee     string     `json:"assignee,omitempty" maxLength:"128" doc:"Person id, \"me\" for whoever looks, or \"none\"." example:"none"`
	Requester    string     `json:"requester,omitempty" maxLength:"128" doc:"Person id, or \"me\" for whoever looks."`
	Escalated    *bool      `json:"escalated,omitempty" doc:"Only those that are escalated, or that are not."`
	Breached     *bool      `json:"sla_breached,omitempty" doc:"Only those of which a deadline was missed, or those of which none was."`
	Tag          string     `json:"tag,omitempty" maxLength:"40" doc:"A tag that they carry."`
	CreatedFrom  *time.Time `json:"created_from,omitempty" doc:"Opened at that time or later."`
	CreatedUntil *time.Time `json:"created_to,omitempty" doc:"Opened before that time."`
}

func (f Filter) parse() view.Filter {
	out := view.Filter{
		Status: desk.Status(f.Status), Priority: desk.Priority(f.Priority), Department: desk.DepartmentID(f.Department), Category: f.Category,
		Assignee: desk.PersonID(f.Assignee), Requester: desk.PersonID(f.Requester), Escalated: f.Escalated, Breached: f.Breached, Tag: f.Tag,
	}
	if f.CreatedFrom != nil {
		out.CreatedFrom = *f.CreatedFrom
	}
	if f.CreatedUntil != nil {
		out.CreatedUntil = *f.CreatedUntil
	}
	return out
}

func show(v view.View, a desk.Actor, counts map[string]int64) View {
	f := v.Filter
	out := View{
		ID: v.ID, Name: v.Name, Owner: string(v.Owner), Mine: v.Owner == a.ID, Everyone: v.Everyone, Departments: []string{}, Columns: v.Columns,
		Filter: Filter{
			string(f.Status), string(f.Priority), string(f.Department), f.Category, string(f.Assignee), string(f.Requester), f.Escalated, f.Breached, f.Tag,
			moment(f.CreatedFrom), moment(f.CreatedUntil),
		},
		Sort: byChange, Version: v.Version, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
	for _, d := range v.Departments {
		out.Departments = append(out.Departments, string(d))
	}
	if v.ByCreation {
		out.Sort = byCreation
	}
	if n, ok := counts[v.ID]; ok {
		out.Count = &n
	}
	out.List = address(out.Filter, out.Sort)
	return out
}

// address is the list's, with the filter as its parameters.
func address(f Filter, sort string) string {
	q := url.Values{}
	for name, value := range map[string]string{
		"status": f.Status, "priority": f.Priority, "department": f.Department, "category": f.Category,
		"assignee": f.Assignee, "requester": f.Requester, "tag": f.Tag,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Escalated != nil {
		q.Set("escalated", strconv.FormatBool(*f.Escalated))
	}
	if f.Breached != nil {
		q.Set("sla_breached", strconv.FormatBool(*f.Breached))
	}
	for name, at := range map[string]*time.Time{"created_from": f.CreatedFrom, "created_to": f.CreatedUntil} {
		if at != nil {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	if sort != byChange {
		q.Set("sort", sort)
	}
	if len(q) == 0 {
		return "/api/tickets/"
	}
	return "/api/tickets/?" + q.Encode()
}
