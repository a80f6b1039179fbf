package people

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// manage adds the operations that change people.
func manage(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/users/me", ID: "updateMe", Tag: "People", Summary: "Change what you say of yourself",
		Description: "Sets the values you send and leaves the others alone. Presence, capacity and skills are for those who work on tickets. Your role and departments are not yours to change.", Raises: []int{412}}, h.profile)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/users", ID: "createUser", Tag: "People", Summary: "Add and invite a person",
		Description: "For administrators. The account follows within seconds, and Firebase mails the person a link to choose a password. `POST /api/token/reset/` sends another link.", Status: http.StatusCreated, Raises: []int{409}}, h.create)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/users/{id}", ID: "updateUser", Tag: "People", Summary: "Change or disable a person",
		Description: "For administrators. Another role, other departments, or disabling bite within 60 seconds and end the person's sign-ins. Nobody changes their own role, departments or sign-in, so there is always an administrator.", Raises: []int{412}}, h.update)
}

// ProfileChange is what people set of themselves.
type ProfileChange struct {
	Name     serve.Opt[string]   `json:"name,omitzero" doc:"1 to 200 characters." example:"Nora Lindqvist"`
	Locale   serve.Opt[string]   `json:"locale,omitzero" doc:"BCP 47." example:"sv"`
	Zone     serve.Opt[string]   `json:"zone,omitzero" doc:"IANA time zone." example:"Europe/Stockholm"`
	Present  serve.Opt[bool]     `json:"present,omitzero" doc:"New tickets may be assigned." example:"true"`
	Capacity serve.Opt[int]      `json:"capacity,omitzero" doc:"Open tickets at once: 1 to 100 by yourself, 0 to 1000 by an administrator." example:"12"`
	Skills   serve.Opt[[]string] `json:"skills,omitzero" doc:"Up to 20 short words."`
}

func (b ProfileChange) wish() desk.Profile {
	return desk.Profile{Name: b.Name.Ptr(), Locale: b.Locale.Ptr(), Zone: b.Zone.Ptr(), Present: b.Present.Ptr(), Capacity: b.Capacity.Ptr(), Skills: b.Skills.Ptr()}
}

type profileInput struct {
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    ProfileChange
}

func (h handlers) profile(ctx context.Context, in *profileInput) (*personAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	opt := desk.Options{IfVersion: version, Trace: serve.Trace(ctx)}
	p, err := h.desk.ChangeProfile(ctx, serve.Actor(ctx), in.Body.wish(), opt)
	return answer(p, opt, err)
}

type createInput struct {
	Body struct {
		Name        string   `json:"name" minLength:"1" maxLength:"200" example:"Kim Park"`
		Email       string   `json:"email" minLength:"3" maxLength:"254" doc:"To sign in with; it stays." example:"kim@demo.example"`
		Role        string   `json:"role" enum:"admin,staff,user" example:"staff"`
		Departments []string `json:"departments,omitempty" maxItems:"29" doc:"Department ids. Staff work there; users get no rights by them." example:"network"`
		Locale      string   `json:"locale,omitempty" maxLength:"35" default:"en" doc:"BCP 47." example:"en"`
		Zone        string   `json:"zone,omitempty" maxLength:"64" default:"UTC" doc:"IANA time zone." example:"Europe/Berlin"`
		Capacity    int      `json:"capacity,omitempty" minimum:"0" maximum:"1000" doc:"Open tickets at once." example:"10"`
		Skills      []string `json:"skills,omitempty" maxItems:"20" doc:"Short words." example:"vpn"`
	}
	Key string `header:"Idempotency-Key" doc:"The same key with the same body adds one person, however often it is sent."`
}

func (h handlers) create(ctx context.Context, in *createInput) (*personAnswer, error) {
	b, opt := in.Body, serve.Options(ctx, "createUser")
	p, err := h.desk.AddPerson(ctx, serve.Actor(ctx), desk.Person{
		Name: b.Name, Email: b.Email, Role: desk.Role(b.Role), Departments: ids(b.Departments),
		Locale: b.Locale, Zone: b.Zone, Present: true, Capacity: b.Capacity, Skills: b.Skills,
	}, opt)
	out, err := answer(p, opt, err)
	if err == nil {
		out.Location = "/api/users/" + string(p.ID) + "/"
	}
	return out, err
}

// PersonChange is what administrators set of people.
type PersonChange struct {
	ProfileChange
	Role        serve.Opt[string]   `json:"role,omitzero" doc:"admin, staff or user." example:"staff"`
	Departments serve.Opt[[]string] `json:"departments,omitzero" doc:"All of them, 29 at most."`
	Disabled    serve.Opt[bool]     `json:"disabled,omitzero" doc:"Can't sign in." example:"false"`
}

type updateInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    PersonChange
}

func (h handlers) update(ctx context.Context, in *updateInput) (*personAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	wish := desk.PersonPatch{Profile: in.Body.wish(), Disabled: in.Body.Disabled.Ptr()}
	if in.Body.Role.Set {
		role := desk.Role(in.Body.Role.Value)
		wish.Role = &role
	}
	if in.Body.Departments.Set {
		departments := ids(in.Body.Departments.Value)
		wish.Departments = &departments
	}
	opt := desk.Options{IfVersion: version, Trace: serve.Trace(ctx)}
	p, err := h.desk.ChangePerson(ctx, serve.Actor(ctx), desk.PersonID(in.ID), wish, opt)
	return answer(p, opt, err)
}

func ids(list []string) []desk.DepartmentID {
	out := make([]desk.DepartmentID, len(list))
	for i, s := range list {
		out[i] = desk.DepartmentID(s)
	}
	return out
}

// answer shows what came of a change.
func answer(p desk.Person, opt desk.Options, err error) (*personAnswer, error) {
	if err != nil {
		return nil, err
	}
	return &personAnswer{ETag: serve.ETag(p.Revision()), Replayed: serve.Replayed(opt), Body: view(p)}, nil
}
