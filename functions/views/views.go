// Package views is the HTTP function for saved views and how many tickets each has.
//
// Trigger: HTTPS, /api/views/. Reads and writes views, how many each person has, and what
// is counted, in one transaction; reads counts. A filter that nobody had before makes a
// fact, after which the function count brings it in; until then its count is null. If the
// database is down the caller is told to come back. Rights: Firestore documents, looking up
// accounts, invoking relay.
package views

import (
	"context"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
	"ticketsystem.example/shared/view"
)

func init() { api.Function("Views", Routes) }

const tag = "Views"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/views", ID: "listViews", Tag: tag, Summary: "List your views and those shared with you, by name",
		Description: "Each with how many tickets it has for you, which is what its list would show. The count follows a change within moments; of a new filter it is null until all tickets are counted."}, h.list)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/views", ID: "createView", Tag: tag, Summary: "Save a view",
		Description: "Staff share views with departments (their own and those below) or with everyone. Somebody else sees in it only the tickets that they may see. You can have 30 views; users 10, for themselves.", Status: http.StatusCreated, Raises: []int{409}}, h.create)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/views/{id}", ID: "showView", Tag: tag, Summary: "Show a view", Description: "With how many tickets it has for you."}, h.show)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/views/{id}", ID: "updateView", Tag: tag, Summary: "Change a view",
		Description: "Sets the values you send and leaves the others alone; a filter is replaced whole. For its owner, and for admins where it is shared.", Raises: []int{409, 412}}, h.update)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/views/{id}", ID: "deleteView", Tag: tag, Summary: "Delete a view",
		Description: "It is gone for all with whom it is shared too. For its owner, and for admins where it is shared.", Status: http.StatusNoContent, Raises: []int{412}}, h.remove)
}

type handlers struct{ desk *desk.Desk }

// Ref is the view in a path.
type Ref struct {
	ID string `path:"id" doc:"The view's id." example:"h2v9x2m4p8q1w7z5t6rb" maxLength:"128"`
}

func (h handlers) list(ctx context.Context, _ *struct{}) (*struct{ Body serve.Page[View] }, error) {
	a := serve.Actor(ctx)
	all, err := view.List(ctx, h.desk, a)
	if err != nil {
		return nil, err
	}
	counts, err := view.Counts(ctx, h.desk, a, all)
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[View] }{serve.PageOf(all, "", func(v view.View) View { return show(v, a, counts) })}, nil
}

// answer is one view with its validator.
type answer struct {
	ETag     string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Of a new view: its address." example:"/api/views/h2v9x2m4p8q1w7z5t6rb/"`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     View
}

func (h handlers) reply(ctx context.Context, v view.View) (*answer, error) {
	a := serve.Actor(ctx)
	counts, err := view.Counts(ctx, h.desk, a, []view.View{v})
	if err != nil {
		return nil, err
	}
	return &answer{ETag: serve.ETag(v.Version), Body: show(v, a, counts)}, nil
}

func (h handlers) show(ctx context.Context, in *Ref) (*answer, error) {
	v, err := view.Show(ctx, h.desk.DB, serve.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return h.reply(ctx, v)
}

type createInput struct {
	Body struct {
		Name        string   `json:"name" minLength:"1" maxLength:"80" example:"Nobody's, urgent"`
		Everyone    bool     `json:"everyone,omitempty" doc:"Share it with all."`
		Departments []string `json:"departments,omitempty" maxItems:"50" doc:"Ids of departments whose staff to share it with."`
		Filter      Filter   `json:"filter"`
		Sort        string   `json:"sort,omitempty" enum:"-updated_at,-created_at" doc:"Last changed first, or last opened first."`
		Columns     []string `json:"columns,omitempty" maxItems:"20" doc:"Names of a ticket's values, in the order they are shown; none for the usual ones." example:"number,title,status"`
	}
	Key string `header:"Idempotency-Key" doc:"The same key with the same body saves one view, however often it is sent."`
}

func (h handlers) create(ctx context.Context, in *createInput) (*answer, error) {
	b, opt := in.Body, serve.Options(ctx, "createView")
	v, err := view.Create(ctx, h.desk, serve.Actor(ctx), view.Draft{
		Name: b.Name, Everyone: b.Everyone, Departments: ids(b.Departments), Filter: b.Filter.parse(), ByCreation: b.Sort == byCreation, Columns: b.Columns,
	}, opt)
	if err != nil {
		return nil, err
	}
	out, err := h.reply(ctx, v)
	if err != nil {
		return nil, err
	}
	out.Location, out.Replayed = "/api/views/"+v.ID+"/", serve.Replayed(opt)
	return out, nil
}

type updateInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    struct {
		Name        serve.Opt[string]   `json:"name,omitzero" doc:"1 to 80 characters."`
		Everyone    serve.Opt[bool]     `json:"everyone,omitzero" doc:"Share it with all."`
		Departments serve.Opt[[]string] `json:"departments,omitzero" doc:"Ids of departments whose staff to share it with."`
		Filter      *Filter             `json:"filter,omitempty"`
		Sort        serve.Opt[string]   `json:"sort,omitzero" enum:"-updated_at,-created_at" example:"-created_at"`
		Columns     serve.Opt[[]string] `json:"columns,omitzero" doc:"Names of a ticket's values, in the order they are shown."`
	}
}

func (h handlers) update(ctx context.Context, in *updateInput) (*answer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	b := in.Body
	v, err := view.Update(ctx, h.desk, serve.Actor(ctx), in.ID, version, func(d *view.Draft) {
		set(&d.Name, b.Name)
		set(&d.Everyone, b.Everyone)
		set(&d.Columns, b.Columns)
		if b.Departments.Set {
			d.Departments = ids(b.Departments.Value)
		}
		if b.Filter != nil {
			d.Filter = b.Filter.parse()
		}
		if b.Sort.Set {
			d.ByCreation = b.Sort.Value == byCreation
		}
	})
	if err != nil {
		return nil, err
	}
	return h.reply(ctx, v)
}

func set[T any](to *T, from serve.Opt[T]) {
	if from.Set {
		*to = from.Value
	}
}

type removeInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
}

func (h handlers) remove(ctx context.Context, in *removeInput) (*struct{}, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	return nil, view.Delete(ctx, h.desk, serve.Actor(ctx), in.ID, version)
}

func ids(list []string) []desk.DepartmentID {
	out := make([]desk.DepartmentID, len(list))
	for i, s := range list {
		out[i] = desk.DepartmentID(s)
	}
	return out
}

// moment is nil for a time that is not set.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
