package tickets

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/preset"
	"ticketsystem.example/shared/serve"
)

const tag = "Tickets"

// Ref is the ticket in a path.
type Ref struct {
	ID string `path:"id" doc:"The ticket's id or number." example:"TKT-202611-0042" maxLength:"128"`
}

// answer is one ticket with its validator.
type answer struct {
	Status   int    `json:"-"`
	ETag     string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Of a new ticket: its address." example:"/api/tickets/k3v9x2m4p8q1w7z5t6rb/"`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     *Ticket
}

func reply(ctx context.Context, t desk.Ticket) *answer {
	v := view(&t, serve.Actor(ctx))
	return &answer{Status: http.StatusOK, ETag: serve.ETag(v.Version), Body: &v}
}

func (h handlers) addTickets(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets", ID: "listTickets", Tag: tag, Summary: "List the tickets you may see, last changed first",
		Description: "Your own, those assigned to you or shared with you; for staff also those of their departments and of departments below them; for admins all. Filters narrow the list together. `fields` and `expand` answer less or more of each."}, h.list)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/tickets", ID: "createTicket", Tag: tag, Summary: "Open a ticket",
		Description: "Leave the department out and the ticket finds it by itself, a moment later: it starts in triage and is then routed by its words, its category and its requester's department.", Status: http.StatusCreated}, h.create)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}", ID: "showTicket", Tag: tag, Summary: "Show a ticket",
		Description: "By its id or its number. Send `If-None-Match` with the ETag you have, and an unchanged ticket costs almost nothing. `fields` asks for less, `expand` for what you would ask for next: who is concerned, the department, the first comments."}, h.show)
	serve.Add(a, serve.Operation{Method: http.MethodPut, Path: "/api/tickets/{id}", ID: "replaceTicket", Tag: tag, Summary: "Replace a ticket's values",
		Description: "Sets every value that a client can set; an optional one that is left out becomes empty. Needs `If-Match`.", Raises: []int{409, 412, 428}}, h.replace)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/tickets/{id}", ID: "updateTicket", Tag: tag, Summary: "Change some of a ticket's values",
		Description: "Sets the values you send and leaves the others alone; null empties one. Each value that really changes needs the right to change it. A status that can't follow the present one is answered with 409 and the list of those that can.", Raises: []int{409, 412}}, h.update)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/tickets/{id}", ID: "deleteTicket", Tag: tag, Summary: "Delete a ticket",
		Description: "For admins. It is gone for everyone; its number is never used again.", Status: http.StatusNoContent, Raises: []int{412}}, h.remove)
}

type listInput struct {
	serve.PageInput
	Selection
	Expand       []string  `query:"expand" enum:"requester,assignee,department" maxItems:"3" uniqueItems:"true" doc:"Also what these are, in expanded of each ticket; separated by commas." example:"[\"requester\",\"department\"]"`
	Language     string    `header:"Accept-Language" maxLength:"200" doc:"Of the words in q, as far as their other forms go." example:"de"`
	Query        string    `query:"q" maxLength:"200" doc:"Words or their beginnings, all of which the ticket has: in its title, description, tags, replies, names of files, its requester's name, and for its staff in notes. Accents, case and forms of a word don't matter. \"Words side by side\", -without, status:, priority:, department:, tag:, from: and assignee: (an id, an e-mail address or me), is:open, is:done, is:overdue, is:escalated, is:unassigned. A ticket's number finds that ticket. What matches best among the last opened comes first, whatever sort says; a page may be short and still have a next one." example:"printer smell is:open"`
	Status       string    `query:"status" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" doc:"Where they are in their life."`
	Priority     string    `query:"priority" enum:"critical,high,medium,low" doc:"How urgent they are."`
	Department   string    `query:"department" doc:"Department id." maxLength:"128"`
	Category     string    `query:"category" doc:"Category id." maxLength:"64"`
	Assignee     string    `query:"assignee" doc:"Person id, \"me\", or \"none\"." maxLength:"128"`
	Requester    string    `query:"requester" doc:"Person id, or \"me\"." maxLength:"128"`
	Tag          string    `query:"tag" maxLength:"40" doc:"A tag that they carry."`
	Escalated    string    `query:"escalated" enum:"true,false" doc:"Only those that are escalated, or that are not."`
	Breached     string    `query:"sla_breached" enum:"true,false" doc:"Only those of which a deadline was missed, or those of which none was."`
	CreatedFrom  time.Time `query:"created_from" doc:"Opened at that time or later."`
	CreatedUntil time.Time `query:"created_to" doc:"Opened before that time."`
	Sort         string    `query:"sort" enum:"-updated_at,-created_at" default:"-updated_at" doc:"Last changed first, or last opened first."`
}

type listAnswer struct {
	Body TicketPage
}

// TicketPage is a part of a list of tickets.
type TicketPage struct {
	Items []Shown `json:"items"`
	Next  *string `json:"next" doc:"The cursor of the next page; null on the last."`
}

func (h handlers) list(ctx context.Context, in *listInput) (*listAnswer, error) {
	a := serve.Actor(ctx)
	me := func(s string) desk.PersonID {
		if s == "me" {
			return a.ID
		}
		return desk.PersonID(s)
	}
	f := desk.Filter{
		Status: desk.Status(in.Status), Priority: desk.Priority(in.Priority), Department: desk.DepartmentID(in.Department),
		Category: in.Category, Assignee: me(in.Assignee), Requester: me(in.Requester), Tag: in.Tag,
		CreatedFrom: in.CreatedFrom, CreatedUntil: in.CreatedUntil, ByCreation: in.Sort == "-created_at",
	}
	f.Escalated, f.Breached = yesOrNo(in.Escalated), yesOrNo(in.Breached)
	found, snippets, next, err := h.find(ctx, a, f, in)
	if err != nil {
		return nil, err
	}
	beside, err := h.look(ctx, a, in.Expand, found...)
	if err != nil {
		return nil, err
	}
	return &listAnswer{TicketPage(serve.PageOf(found, next, func(t desk.Ticket) Shown {
		v := in.of(&t, a, beside.of(&t))
		v.Snippet = snippets[t.ID]
		return v
	}))}, nil
}

// find lists the tickets that pass the filter, or those of them that have the words.
func (h handlers) find(ctx context.Context, a desk.Actor, f desk.Filter, in *listInput) ([]desk.Ticket, map[desk.TicketID]*Snippet, string, error) {
	if in.Query == "" {
		found, next, err := h.desk.List(ctx, a, f, in.Page())
		return found, nil, next, err
	}
	hits, next, err := h.desk.Search(ctx, a, f, desk.Question{Line: in.Query, Language: in.Language}, in.Page())
	found, snippets := make([]desk.Ticket, len(hits)), map[desk.TicketID]*Snippet{}
	for i, hit := range hits {
		found[i], snippets[hit.ID] = hit.Ticket, viewSnippet(hit.Snippet)
	}
	return found, snippets, next, err
}

// yesOrNo is nil for a parameter that was left out.
func yesOrNo(s string) *bool {
	if s == "" {
		return nil
	}
	yes := s == "true"
	return &yes
}

type createInput struct {
	Body struct {
		Title       string   `json:"title,omitempty" doc:"3 to 200 characters; required, unless a template has it." example:"Printer on fire"`
		Description string   `json:"description,omitempty" doc:"Up to 20,000 characters; required, unless a template has it." example:"It smells."`
		Template    string   `json:"template,omitempty" maxLength:"128" doc:"Id of a template, which fills in what you leave out."`
		Department  string   `json:"department,omitempty" doc:"Department id; leave it out and the desk finds it."`
		Category    string   `json:"category,omitempty" doc:"Category id."`
		Subcategory string   `json:"subcategory,omitempty" doc:"Subcategory id."`
		Priority    string   `json:"priority,omitempty" enum:"critical,high,medium,low"`
		Source      string   `json:"source,omitempty" enum:"web,email,phone,chat,api,other"`
		Requester   string   `json:"requester,omitempty" doc:"Person id, for staff who open a ticket for somebody; otherwise you."`
		Tags        []string `json:"tags,omitempty" maxItems:"50"`
		Watchers    []string `json:"watchers,omitempty" maxItems:"200" doc:"Ids of people to share it with."`
		Language    string   `json:"language,omitempty" doc:"BCP 47." example:"en"`

		Values map[string]any `json:"values,omitempty" maxProperties:"50" doc:"Values of the category's custom fields, by id."`
	}
	Key string `header:"Idempotency-Key" doc:"The same key with the same body opens one ticket, however often it is sent."`
}

func (h handlers) create(ctx context.Context, in *createInput) (*answer, error) {
	b := in.Body
	opt := serve.Options(ctx, "createTicket")
	n := desk.NewTicket{
		Title: b.Title, Description: b.Description, Department: desk.DepartmentID(b.Department), Category: b.Category,
		Subcategory: b.Subcategory, Priority: desk.Priority(b.Priority), Source: desk.Source(b.Source),
		Requester: desk.PersonID(b.Requester), Tags: b.Tags, Watchers: ids[desk.PersonID](b.Watchers), Language: b.Language,
		Values: b.Values,
	}
	if b.Template != "" {
		var err error
		if n, err = preset.Fill(ctx, h.desk, serve.Actor(ctx), b.Template, n); err != nil {
			return nil, err
		}
	}
	t, err := h.desk.Create(ctx, serve.Actor(ctx), n, opt)
	if err != nil {
		return nil, err
	}
	out := reply(ctx, t)
	out.Status, out.Location, out.Replayed = http.StatusCreated, "/api/tickets/"+out.Body.ID+"/", serve.Replayed(opt)
	return out, nil
}

type showInput struct {
	Ref
	Selection
	Expand      []string `query:"expand" enum:"requester,assignee,department,comments" maxItems:"4" uniqueItems:"true" doc:"Also what these are, in expanded; separated by commas." example:"[\"requester\",\"comments\"]"`
	IfNoneMatch string   `header:"If-None-Match" doc:"With the current ETag the answer is 304 and empty, unless expand is used: what is beside the ticket changes by itself."`
}

// shownAnswer is a ticket as it was asked for, with its validator.
type shownAnswer struct {
	Status int    `json:"-"`
	ETag   string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Body   *Shown
}

func (h handlers) show(ctx context.Context, in *showInput) (*shownAnswer, error) {
	a := serve.Actor(ctx)
	t, err := h.desk.Show(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	tag := serve.ETag(t.VersionFor(a))
	if len(in.Expand) == 0 && serve.Matches(in.IfNoneMatch, tag) {
		return &shownAnswer{Status: http.StatusNotModified, ETag: tag}, nil
	}
	beside, err := h.besides(ctx, a, &t, in.Expand)
	if err != nil {
		return nil, err
	}
	body := in.of(&t, a, beside)
	return &shownAnswer{Status: http.StatusOK, ETag: tag, Body: &body}, nil
}

type replaceInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; required."`
	Body    struct {
		Title       string   `json:"title" doc:"3 to 200 characters." example:"Printer on fire"`
		Description string   `json:"description" doc:"Up to 20,000 characters." example:"It smells."`
		Department  string   `json:"department" doc:"Department id." example:"hardware"`
		Category    *string  `json:"category,omitempty" nullable:"true" doc:"Category id."`
		Subcategory *string  `json:"subcategory,omitempty" nullable:"true" doc:"Subcategory id."`
		Priority    string   `json:"priority" enum:"critical,high,medium,low" example:"high"`
		Status      string   `json:"status" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" example:"assigned"`
		Assignee    *string  `json:"assignee,omitempty" nullable:"true" doc:"Person id; null for nobody." example:"priya"`
		Tags        []string `json:"tags,omitempty" maxItems:"50"`
		Watchers    []string `json:"watchers,omitempty" maxItems:"200"`
	}
}

// replace sets every value that a client can set; one left out becomes empty.
func (h handlers) replace(ctx context.Context, in *replaceInput) (*answer, error) {
	version, err := serve.IfMatch(in.IfMatch, true)
	if err != nil {
		return nil, err
	}
	b := in.Body
	category, subcategory, assignee := or(b.Category), or(b.Subcategory), desk.PersonID(or(b.Assignee))
	department, priority, status := desk.DepartmentID(b.Department), desk.Priority(b.Priority), desk.Status(b.Status)
	watchers, tags := ids[desk.PersonID](b.Watchers), append([]string{}, b.Tags...)
	return h.change(ctx, in.ID, version, desk.Patch{
		Title: &b.Title, Description: &b.Description, Department: &department, Category: &category, Subcategory: &subcategory,
		Priority: &priority, Status: &status, Assignee: &assignee, Tags: &tags, Watchers: &watchers,
	})
}

type updateInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
	Body    struct {
		Title       serve.Opt[string]    `json:"title,omitzero" doc:"3 to 200 characters."`
		Description serve.Opt[string]    `json:"description,omitzero" doc:"Up to 20,000 characters."`
		Department  serve.Opt[string]    `json:"department,omitzero" doc:"Department id; moving a ticket takes it from its assignee."`
		Category    serve.Opt[string]    `json:"category,omitzero" doc:"Category id."`
		Subcategory serve.Opt[string]    `json:"subcategory,omitzero" doc:"Subcategory id."`
		Priority    serve.Opt[string]    `json:"priority,omitzero" enum:"critical,high,medium,low" example:"critical"`
		Status      serve.Opt[string]    `json:"status,omitzero" enum:"new,assigned,in_progress,on_hold,resolved,closed,reopened,merged" example:"in_progress"`
		Assignee    serve.Opt[string]    `json:"assignee,omitzero" doc:"Person id; null takes it from its assignee."`
		Tags        serve.Opt[[]string]  `json:"tags,omitzero"`
		Watchers    serve.Opt[[]string]  `json:"watchers,omitzero" doc:"Ids of people the ticket is shared with."`
		Resolution  serve.Opt[string]    `json:"resolution,omitzero" doc:"What solved it."`
		HoldReason  serve.Opt[string]    `json:"hold_reason,omitzero" doc:"What it waits for."`
		HoldUntil   serve.Opt[time.Time] `json:"hold_until,omitzero" doc:"When to look at it again."`
		Language    serve.Opt[string]    `json:"language,omitzero" doc:"BCP 47."`
		Values      map[string]any       `json:"values,omitempty" maxProperties:"50" doc:"Values of custom fields to set, by id; null takes one away, and what you leave out stays."`
	}
}

func (h handlers) update(ctx context.Context, in *updateInput) (*answer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	b := in.Body
	p := desk.Patch{
		Title: b.Title.Ptr(), Description: b.Description.Ptr(), Department: cast[desk.DepartmentID](b.Department),
		Category: b.Category.Ptr(), Subcategory: b.Subcategory.Ptr(), Priority: cast[desk.Priority](b.Priority),
		Status: cast[desk.Status](b.Status), Assignee: cast[desk.PersonID](b.Assignee), Tags: b.Tags.Ptr(),
		Resolution: b.Resolution.Ptr(), HoldReason: b.HoldReason.Ptr(), HoldUntil: b.HoldUntil.Ptr(), Language: b.Language.Ptr(),
		Values: b.Values,
	}
	if b.Watchers.Set {
		watchers := ids[desk.PersonID](b.Watchers.Value)
		p.Watchers = &watchers
	}
	return h.change(ctx, in.ID, version, p)
}

func (h handlers) change(ctx context.Context, id string, version int64, p desk.Patch) (*answer, error) {
	t, err := h.desk.Update(ctx, serve.Actor(ctx), id, p, desk.Options{IfVersion: version, Trace: serve.Trace(ctx)})
	if err != nil {
		return nil, err
	}
	return reply(ctx, t), nil
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
	return nil, h.desk.Delete(ctx, serve.Actor(ctx), in.ID, desk.Options{IfVersion: version, Trace: serve.Trace(ctx)})
}

// cast is the pointer to an optional text as another kind of text.
func cast[T ~string](o serve.Opt[string]) *T {
	if !o.Set {
		return nil
	}
	v := T(o.Value)
	return &v
}

func ids[T ~string](list []string) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = T(s)
	}
	return out
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
