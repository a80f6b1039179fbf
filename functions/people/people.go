// Package people is the HTTP function for people, departments and categories.
//
// Trigger: HTTPS, /api/users/, /api/departments/ and /api/categories/. Reads people
// and organisation; writes people, what routing knows of them, the audit and the fact by
// which accounts follow, in one transaction. If the database is down the caller is told to
// come back. Rights: Firestore documents, looking up accounts, invoking relay.
package people

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("People", Routes) }

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	manage(a, h)
	get := func(path, id, tag, summary, description string) serve.Operation {
		return serve.Operation{Method: http.MethodGet, Path: path, ID: id, Tag: tag, Summary: summary, Description: description}
	}
	serve.Add(a, get("/api/users", "listUsers", "People", "List people by name", "Staff and admins see everyone, or those whom the filters ask for; users see only themselves."), h.list)
	serve.Add(a, get("/api/users/me", "showMe", "People", "Show yourself", "Says what your role and departments are at this moment."), h.me)
	serve.Add(a, get("/api/users/{id}", "showUser", "People", "Show a person", "Users may show only themselves; anybody else is answered with 404."), h.show)
	serve.Add(a, get("/api/departments", "listDepartments", "Organisation", "List the departments", "All of them, each with its categories and the department above it."), h.departments)
	serve.Add(a, get("/api/departments/{id}", "showDepartment", "Organisation", "Show a department", "With its managers and categories."), h.department)
	serve.Add(a, get("/api/categories", "listCategories", "Organisation", "List the categories of all departments", "A ticket's category belongs to its department; so choosing one chooses the other."), h.categories)
}

type handlers struct{ desk *desk.Desk }

// Person is a person as clients see them.
type Person struct {
	ID          string   `json:"id" example:"nora"`
	Name        string   `json:"name" example:"Nora Lindqvist"`
	Email       string   `json:"email" example:"nora@demo.example"`
	Role        string   `json:"role" enum:"admin,staff,user" example:"staff"`
	Departments []string `json:"departments" doc:"Department ids." example:"network"`
	Locale      string   `json:"locale" doc:"BCP 47." example:"en"`
	Zone        string   `json:"zone" doc:"IANA time zone." example:"Europe/Berlin"`
	Present     bool     `json:"present" doc:"New tickets may be assigned." example:"true"`
	Capacity    int      `json:"capacity" doc:"Open tickets at once." example:"12"`
	Skills      []string `json:"skills" doc:"Short words." example:"vpn"`
	Disabled    bool     `json:"disabled" doc:"Can't sign in."`
}

func view(p desk.Person) Person {
	out := Person{ID: string(p.ID), Name: p.Name, Email: p.Email, Role: string(p.Role), Departments: []string{}, Locale: p.Locale, Zone: p.Zone, Present: p.Present, Capacity: p.Capacity, Skills: append([]string{}, p.Skills...), Disabled: p.Disabled}
	for _, d := range p.Departments {
		out.Departments = append(out.Departments, string(d))
	}
	return out
}

type personAnswer struct {
	ETag     string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Of a new person: the address."`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     Person
}

type listInput struct {
	serve.PageInput
	Role       string `query:"role" enum:"admin,staff,user" doc:"Only people with this role." example:"staff"`
	Department string `query:"department" maxLength:"128" doc:"Only people of this department." example:"network"`
	Name       string `query:"q" maxLength:"100" doc:"Only people whose name begins like this, whatever its case and accents." example:"nor"`
}

func (h handlers) list(ctx context.Context, in *listInput) (*struct{ Body serve.Page[Person] }, error) {
	by := desk.Roster{Role: desk.Role(in.Role), Department: desk.DepartmentID(in.Department), Name: in.Name}
	found, next, err := h.desk.ListPeople(ctx, serve.Actor(ctx), by, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Person] }{serve.PageOf(found, next, view)}, nil
}

func (h handlers) me(ctx context.Context, _ *struct{}) (*personAnswer, error) {
	return h.person(ctx, serve.Actor(ctx).ID)
}

// Ref is the person or department in a path.
type Ref struct {
	ID string `path:"id" doc:"The id, as in lists." example:"network" maxLength:"128"`
}

func (h handlers) show(ctx context.Context, in *Ref) (*personAnswer, error) {
	return h.person(ctx, desk.PersonID(in.ID))
}

func (h handlers) person(ctx context.Context, id desk.PersonID) (*personAnswer, error) {
	p, err := h.desk.ShowPerson(ctx, serve.Actor(ctx), id)
	return answer(p, desk.Options{}, err)
}

// Department is a department as clients see it.
type Department struct {
	ID         string     `json:"id" example:"network"`
	Name       string     `json:"name" example:"Network"`
	Parent     *string    `json:"parent" doc:"The department above it." example:"it"`
	Managers   []string   `json:"managers" doc:"Person ids." example:"mia"`
	Active     bool       `json:"active" doc:"Takes new tickets." example:"true"`
	Categories []Category `json:"categories"`
}

// Category is a category as clients see it.
type Category struct {
	ID            string        `json:"id" example:"wireless"`
	Name          string        `json:"name" example:"Wireless"`
	Department    string        `json:"department" doc:"Department id." example:"network"`
	Active        bool          `json:"active" doc:"Can be chosen." example:"true"`
	Subcategories []Subcategory `json:"subcategories"`
	Fields        []CustomField `json:"fields" doc:"Values that its tickets carry beside the usual ones."`
}

// Subcategory is a subcategory as clients see it.
type Subcategory struct {
	ID     string `json:"id" example:"guest-wireless"`
	Name   string `json:"name" example:"Guest wireless"`
	Active bool   `json:"active" doc:"Can be chosen." example:"true"`
}

func viewDepartment(d desk.Department) Department {
	out := Department{ID: string(d.ID), Name: d.Name, Active: d.Active, Managers: []string{}, Categories: []Category{}}
	if d.Parent != "" {
		parent := string(d.Parent)
		out.Parent = &parent
	}
	for _, m := range d.Managers {
		out.Managers = append(out.Managers, string(m))
	}
	for _, c := range d.Categories {
		category := Category{ID: c.ID, Name: c.Name, Department: string(d.ID), Active: c.Active, Subcategories: []Subcategory{}, Fields: viewFields(c.Fields)}
		for _, s := range c.Subcategories {
			category.Subcategories = append(category.Subcategories, Subcategory(s))
		}
		out.Categories = append(out.Categories, category)
	}
	return out
}

func (h handlers) departments(ctx context.Context, _ *struct{}) (*struct{ Body serve.Page[Department] }, error) {
	org, err := h.desk.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Department] }{serve.PageOf(org.Departments, "", viewDepartment)}, nil
}

func (h handlers) department(ctx context.Context, in *Ref) (*struct{ Body Department }, error) {
	org, err := h.desk.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	d, ok := org.Department(desk.DepartmentID(in.ID))
	if !ok {
		return nil, fault.Missing("department")
	}
	return &struct{ Body Department }{viewDepartment(d)}, nil
}

func (h handlers) categories(ctx context.Context, _ *struct{}) (*struct{ Body serve.Page[Category] }, error) {
	org, err := h.desk.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	all := []Category{}
	for _, d := range org.Departments {
		all = append(all, viewDepartment(d).Categories...)
	}
	return &struct{ Body serve.Page[Category] }{serve.Page[Category]{Items: all}}, nil
}
