package settings

import (
	"context"
	"net/http"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// organise adds the operations on the tree of departments.
func organise(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/departments/{id}", ID: "showManagedDepartment", Tag: tag, Summary: "Show a department for a change of it",
		Description: "As it is at this moment. Its ETag stands for the whole tree: a change of any department gives another."}, h.department)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/admin/departments", ID: "createDepartment", Tag: tag, Summary: "Add a department",
		Description: "Its id is yours to choose and stays for ever. Functions work by the new tree within 20 seconds.", Status: http.StatusCreated, Raises: []int{409}}, h.create)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/admin/departments/{id}", ID: "updateDepartment", Tag: tag, Summary: "Change a department, or move it",
		Description: "Sets the values you send and leaves the others alone; lists are replaced whole. With another parent, the department moves with all below it, and the rights to its tickets follow, a page at a time: `move` names what shows how far that is. A department that still has open tickets is deactivated only with `move_open_tickets_to`; without it the answer is 409, says how many there are, and names in `allowed` the nearest departments that could take them. They follow one by one, each as a change of its own: `ticket_move` names what shows how far that is.", Raises: []int{409, 412}}, h.update)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/moves/{id}", ID: "showMove", Tag: tag, Summary: "Show how far the move of a department, or of its tickets, is",
		Description: "`running`: tickets are being looked at. `settling`: all have been; those that were changed meanwhile are looked at again after a minute. `done`: everybody's rights are as the tree says."}, h.move)
}

// ManagedDepartment is a department as administrators see it.
type ManagedDepartment struct {
	ID         string            `json:"id" example:"network"`
	Name       string            `json:"name" example:"Network"`
	Parent     string            `json:"parent" doc:"The department above it; empty at the top." example:"it"`
	Managers   []string          `json:"managers" doc:"Person ids." example:"mia"`
	Calendar   string            `json:"calendar" doc:"When it works: a calendar's id, or empty." example:"office"`
	Active     bool              `json:"active" doc:"Takes new tickets." example:"true"`
	Categories []ManagedCategory `json:"categories"`
	Move       *string           `json:"move" doc:"After a change of the parent: the id of the move that brings the rights to its tickets." example:"000002-network"`
	TicketMove *string           `json:"ticket_move" doc:"After it was deactivated with move_open_tickets_to: the id of the move that brings its open tickets there." example:"000002-network-tickets"`
}

// ManagedCategory is a category as it is set.
type ManagedCategory struct {
	ID            string               `json:"id" minLength:"1" maxLength:"128" example:"wireless"`
	Name          string               `json:"name" minLength:"1" maxLength:"100" example:"Wireless"`
	Active        bool                 `json:"active" doc:"Can be chosen." example:"true"`
	Subcategories []ManagedSubcategory `json:"subcategories,omitempty" maxItems:"100"`
	Fields        []ManagedField       `json:"fields,omitempty" maxItems:"50" doc:"Values that its tickets carry beside the usual ones."`
}

// ManagedSubcategory is a subcategory as it is set.
type ManagedSubcategory struct {
	ID     string `json:"id" minLength:"1" maxLength:"128" example:"guest-wireless"`
	Name   string `json:"name" minLength:"1" maxLength:"100" example:"Guest wireless"`
	Active bool   `json:"active" doc:"Can be chosen." example:"true"`
}

// ManagedField is a custom field as it is set.
type ManagedField struct {
	ID                string   `json:"id" minLength:"1" maxLength:"128" example:"serial"`
	Name              string   `json:"name" minLength:"1" maxLength:"100" example:"Serial number"`
	Kind              string   `json:"kind" enum:"text,number,date,choice,checkbox" doc:"What it takes." example:"text"`
	Choices           []string `json:"choices,omitempty" maxItems:"100" doc:"What a choice takes."`
	RequiredToOpen    bool     `json:"required_to_open,omitempty" doc:"Whoever opens a ticket must fill it in."`
	RequiredToResolve bool     `json:"required_to_resolve,omitempty" doc:"Whoever resolves it must."`
	Active            bool     `json:"active" doc:"Can be filled in." example:"true"`
}

// Move is the move of a department, or of its open tickets, as clients see it.
type Move struct {
	ID         string     `json:"id" example:"000002-network"`
	Kind       string     `json:"kind" enum:"branch,tickets" doc:"branch: it moves with all below it. tickets: it was deactivated, and its open tickets go." example:"branch"`
	Department string     `json:"department" example:"network"`
	From       string     `json:"from" doc:"The department above it before, empty for the top; or where the tickets were." example:"it"`
	To         string     `json:"to" doc:"The department above it now, empty for the top; or where the tickets go." example:"facilities"`
	State      string     `json:"state" enum:"running,settling,done" example:"settling"`
	Looked     int        `json:"looked" doc:"Tickets looked at, so far." example:"1200"`
	Changed    int        `json:"changed" doc:"Tickets that others see now, or that were moved, so far." example:"1200"`
	StartedBy  string     `json:"started_by" doc:"A person's id." example:"ada"`
	StartedAt  time.Time  `json:"started_at" example:"2026-11-23T09:15:00.000Z"`
	FinishedAt *time.Time `json:"finished_at" example:"2026-11-23T09:16:30.000Z"`
}

type departmentAnswer struct {
	ETag     string `header:"ETag" doc:"Of this version of the tree; send it as If-Match with a change." example:"\"v2\""`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     ManagedDepartment
}

// Ref is the department or move in a path.
type Ref struct {
	ID string `path:"id" doc:"The id." example:"network" maxLength:"160"`
}

func (h handlers) department(ctx context.Context, in *Ref) (*departmentAnswer, error) {
	org, err := h.desk.ReadOrganisation(ctx, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return answer(desk.Reorganised{Organisation: org}, in.ID, desk.Options{})
}

type createInput struct {
	Body struct {
		ID         string            `json:"id" minLength:"1" maxLength:"100" pattern:"^[a-z0-9][a-z0-9-]*$" doc:"Small letters, digits and hyphens." example:"paint"`
		Name       string            `json:"name" minLength:"1" maxLength:"100" example:"Paint"`
		Parent     string            `json:"parent,omitempty" maxLength:"128" doc:"The department above it; none for the top." example:"it"`
		Managers   []string          `json:"managers,omitempty" maxItems:"20" doc:"Person ids." example:"mia"`
		Calendar   string            `json:"calendar,omitempty" maxLength:"128" doc:"A calendar's id."`
		Categories []ManagedCategory `json:"categories,omitempty" maxItems:"100"`
	}
	Key string `header:"Idempotency-Key" doc:"The same key with the same body adds one department, however often it is sent."`
}

func (h handlers) create(ctx context.Context, in *createInput) (*departmentAnswer, error) {
	b, opt := in.Body, serve.Options(ctx, "createDepartment")
	out, err := h.desk.ChangeOrganisation(ctx, serve.Actor(ctx), opt, func(org *desk.Organisation) error {
		if _, taken := org.Department(desk.DepartmentID(b.ID)); taken {
			return fault.New(fault.Conflict, "id_taken", "There is a department with this id already. Choose another.")
		}
		org.Departments = append(org.Departments, desk.Department{
			ID: desk.DepartmentID(b.ID), Name: b.Name, Parent: desk.DepartmentID(b.Parent), Managers: people(b.Managers),
			Calendar: b.Calendar, Active: true, Categories: categories(b.Categories),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(out, b.ID, opt)
}

type updateInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    struct {
		Name       serve.Opt[string]            `json:"name,omitzero" doc:"1 to 100 characters." example:"Networks"`
		Parent     serve.Opt[string]            `json:"parent,omitzero" doc:"The department above it; null for the top." example:"it"`
		Managers   serve.Opt[[]string]          `json:"managers,omitzero" doc:"Person ids, 20 at most."`
		Calendar   serve.Opt[string]            `json:"calendar,omitzero" doc:"A calendar's id, or null."`
		Active     serve.Opt[bool]              `json:"active,omitzero" doc:"Takes new tickets." example:"true"`
		Categories serve.Opt[[]ManagedCategory] `json:"categories,omitzero" doc:"All of them, 100 at most."`
		OpenTo     string                       `json:"move_open_tickets_to,omitempty" maxLength:"128" doc:"With active false: the active department that takes the open tickets." example:"it"`
	}
}

func (h handlers) update(ctx context.Context, in *updateInput) (*departmentAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	opt := desk.Options{IfVersion: version, Trace: serve.Trace(ctx)}
	out, err := h.desk.ChangeOrganisation(ctx, serve.Actor(ctx), opt, func(org *desk.Organisation) error {
		i := slices.IndexFunc(org.Departments, func(d desk.Department) bool { return string(d.ID) == in.ID })
		if i < 0 {
			return fault.Missing("department")
		}
		if in.Body.OpenTo != "" {
			if !in.Body.Active.Set || in.Body.Active.Value {
				return fault.Bad("move_open_tickets_to", "This goes with active false only.")
			}
			org.MoveOpenTickets(org.Departments[i].ID, desk.DepartmentID(in.Body.OpenTo))
		}
		in.apply(&org.Departments[i])
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(out, in.ID, opt)
}

// apply sets the values that were sent.
func (in *updateInput) apply(d *desk.Department) {
	b := in.Body
	if b.Name.Set {
		d.Name = b.Name.Value
	}
	if b.Parent.Set {
		d.Parent = desk.DepartmentID(b.Parent.Value)
	}
	if b.Managers.Set {
		d.Managers = people(b.Managers.Value)
	}
	if b.Calendar.Set {
		d.Calendar = b.Calendar.Value
	}
	if b.Active.Set {
		d.Active = b.Active.Value
	}
	if b.Categories.Set {
		d.Categories = categories(b.Categories.Value)
	}
}

// answer shows one department of the tree.
func answer(out desk.Reorganised, id string, opt desk.Options) (*departmentAnswer, error) {
	d, ok := out.Organisation.Department(desk.DepartmentID(id))
	if !ok {
		return nil, fault.Missing("department")
	}
	body := viewDepartment(d)
	for _, m := range out.Moves {
		if m.Tickets {
			body.TicketMove = &m.ID
		} else {
			body.Move = &m.ID
		}
	}
	return &departmentAnswer{ETag: serve.ETag(out.Organisation.Version), Replayed: serve.Replayed(opt), Body: body}, nil
}

func viewDepartment(d desk.Department) ManagedDepartment {
	out := ManagedDepartment{ID: string(d.ID), Name: d.Name, Parent: string(d.Parent), Managers: []string{}, Calendar: d.Calendar, Active: d.Active, Categories: []ManagedCategory{}}
	for _, m := range d.Managers {
		out.Managers = append(out.Managers, string(m))
	}
	for _, c := range d.Categories {
		shown := ManagedCategory{ID: c.ID, Name: c.Name, Active: c.Active}
		for _, s := range c.Subcategories {
			shown.Subcategories = append(shown.Subcategories, ManagedSubcategory(s))
		}
		for _, f := range c.Fields {
			shown.Fields = append(shown.Fields, ManagedField{f.ID, f.Name, string(f.Kind), f.Choices, f.ToOpen, f.ToResolve, f.Active})
		}
		out.Categories = append(out.Categories, shown)
	}
	return out
}

func people(list []string) []desk.PersonID {
	out := make([]desk.PersonID, len(list))
	for i, s := range list {
		out[i] = desk.PersonID(s)
	}
	return out
}

func categories(list []ManagedCategory) []desk.Category {
	out := make([]desk.Category, len(list))
	for i, c := range list {
		out[i] = desk.Category{ID: c.ID, Name: c.Name, Active: c.Active, Subcategories: []desk.Subcategory{}}
		for _, s := range c.Subcategories {
			out[i].Subcategories = append(out[i].Subcategories, desk.Subcategory(s))
		}
		for _, f := range c.Fields {
			out[i].Fields = append(out[i].Fields, desk.CustomField{ID: f.ID, Name: f.Name, Kind: desk.FieldKind(f.Kind), Choices: f.Choices, ToOpen: f.RequiredToOpen, ToResolve: f.RequiredToResolve, Active: f.Active})
		}
	}
	return out
}

func (h handlers) move(ctx context.Context, in *Ref) (*struct{ Body Move }, error) {
	m, err := h.desk.ShowMove(ctx, serve.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := Move{
		ID: m.ID, Kind: "branch", Department: string(m.Department), From: string(m.From), To: string(m.To), State: string(m.State),
		Looked: m.Looked, Changed: m.Changed, StartedBy: string(m.By), StartedAt: m.At,
	}
	if m.Tickets {
		out.Kind = "tickets"
	}
	if !m.FinishedAt.IsZero() {
		out.FinishedAt = &m.FinishedAt
	}
	return &struct{ Body Move }{out}, nil
}
