package settings

import (
	"context"
	"net/http"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// work adds the operations on what the desk works by: calendars, targets and routing. All
// of them are part of one document with the departments, so they share its ETag.
func work(a *serve.API, h handlers) {
	const shared = " The ETag stands for the whole organisation: a change of any part of it gives another."
	const soon = " Functions work by it within 20 seconds."
	add := func(method, path, id, summary, about string, raises ...int) serve.Operation {
		return serve.Operation{Method: method, Path: "/api/admin/" + path, ID: id, Tag: tag, Summary: summary, Description: about, Raises: raises}
	}
	serve.Add(a, add(http.MethodGet, "calendars", "listCalendars", "List the calendars", "When departments work: hours of weekdays in a zone, and holidays."+shared), h.calendars)
	serve.Add(a, add(http.MethodGet, "calendars/{id}", "showCalendar", "Show a calendar", "As it is at this moment."+shared), h.calendar)
	create := add(http.MethodPost, "calendars", "createCalendar", "Add a calendar", "Its id is yours to choose.", 409)
	create.Status = http.StatusCreated
	serve.Add(a, create, h.createCalendar)
	serve.Add(a, add(http.MethodPut, "calendars/{id}", "replaceCalendar", "Replace what a calendar says", "Deadlines of tickets follow at the next change of each. Needs `If-Match`."+soon, 412, 428), h.replaceCalendar)
	remove := add(http.MethodDelete, "calendars/{id}", "deleteCalendar", "Delete a calendar", "One by which a department works is not deleted (409).", 409, 412)
	remove.Status = http.StatusNoContent
	serve.Add(a, remove, h.deleteCalendar)
	serve.Add(a, add(http.MethodGet, "targets", "showTargets", "Show how soon tickets have to be answered and resolved", "By priority, in minutes of working time."+shared), h.targets)
	serve.Add(a, add(http.MethodPut, "targets", "replaceTargets", "Set how soon tickets have to be answered and resolved", "A priority that is left out gets its default. Deadlines of tickets follow at the next change of each. Needs `If-Match`."+soon, 412, 428), h.replaceTargets)
	serve.Add(a, add(http.MethodGet, "routing", "showRouting", "Show the rules by which new tickets find their department", "In the order in which they are tried."+shared), h.routing)
	serve.Add(a, add(http.MethodPatch, "routing", "updateRouting", "Change the rules, or the department that takes the rest", "Sets what you send and leaves the rest alone; rules are replaced whole, and the first that holds decides."+soon, 412), h.updateRouting)
}

// ManagedCalendar is a calendar as administrators see it.
type ManagedCalendar struct {
	ID string `json:"id" example:"office"`
	CalendarContent
}

// CalendarContent is what a calendar says.
type CalendarContent struct {
	Name     string              `json:"name" minLength:"1" maxLength:"100" example:"Office hours"`
	Zone     string              `json:"zone" minLength:"1" maxLength:"64" doc:"IANA time zone." example:"Europe/Berlin"`
	Week     map[string][]string `json:"week" doc:"Hours by weekday, mon to sun; a day that is missing is free." example:"{\"mon\": [\"09:00-12:30\", \"13:30-18:00\"]}"`
	Holidays []string            `json:"holidays,omitempty" maxItems:"500" doc:"Dates on which nobody works." example:"2026-12-25"`
}

type listAnswer[T any] struct {
	ETag string `header:"ETag" doc:"Of this version of the organisation; send it as If-Match with a change." example:"\"v2\""`
	Body serve.Page[T]
}

type oneAnswer[T any] struct {
	ETag string `header:"ETag" doc:"Of this version of the organisation; send it as If-Match with a change." example:"\"v2\""`
	Body T
}

func (h handlers) calendars(ctx context.Context, _ *struct{}) (*listAnswer[ManagedCalendar], error) {
	org, err := h.desk.ReadOrganisation(ctx, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return &listAnswer[ManagedCalendar]{serve.ETag(org.Version), serve.PageOf(org.Calendars, "", viewCalendar)}, nil
}

func viewCalendar(c desk.Calendar) ManagedCalendar {
	return ManagedCalendar{c.ID, CalendarContent{c.Name, c.Zone, c.Week, c.Holidays}}
}

// calendarOf shows a calendar of an organisation.
func calendarOf(org desk.Organisation, id string) (*oneAnswer[ManagedCalendar], error) {
	for _, c := range org.Calendars {
		if c.ID == id {
			return &oneAnswer[ManagedCalendar]{serve.ETag(org.Version), viewCalendar(c)}, nil
		}
	}
	return nil, fault.Missing("calendar")
}

func (h handlers) calendar(ctx context.Context, in *Ref) (*oneAnswer[ManagedCalendar], error) {
	org, err := h.desk.ReadOrganisation(ctx, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return calendarOf(org, in.ID)
}

type createCalendarInput struct {
	Body struct {
		ID string `json:"id" minLength:"1" maxLength:"100" pattern:"^[a-z0-9][a-z0-9-]*$" doc:"Small letters, digits and hyphens." example:"office"`
		CalendarContent
	}
	Key string `header:"Idempotency-Key" doc:"The same key with the same body adds one calendar, however often it is sent."`
}

type createdCalendar struct {
	ETag     string `header:"ETag" doc:"Of this version of the organisation; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Its address." example:"/api/admin/calendars/office/"`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     ManagedCalendar
}

func (c CalendarContent) calendar(id string) desk.Calendar {
	return desk.Calendar{ID: id, Name: c.Name, Zone: c.Zone, Week: c.Week, Holidays: append([]string{}, c.Holidays...)}
}

func (h handlers) createCalendar(ctx context.Context, in *createCalendarInput) (*createdCalendar, error) {
	b, opt := in.Body, serve.Options(ctx, "createCalendar")
	out, err := h.desk.ChangeOrganisation(ctx, serve.Actor(ctx), opt, func(org *desk.Organisation) error {
		if slices.ContainsFunc(org.Calendars, func(c desk.Calendar) bool { return c.ID == b.ID }) {
			return fault.New(fault.Conflict, "id_taken", "There is a calendar with this id already. Choose another.")
		}
		org.Calendars = append(org.Calendars, b.CalendarContent.calendar(b.ID))
		return nil
	})
	if err != nil {
		return nil, err
	}
	c, err := calendarOf(out.Organisation, b.ID)
	if err != nil {
		return nil, err
	}
	return &createdCalendar{c.ETag, "/api/admin/calendars/" + b.ID + "/", serve.Replayed(opt), c.Body}, nil
}

type replaceCalendarInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; required."`
	Body    CalendarContent
}

// reform changes the organisation at a version.
func (h handlers) reform(ctx context.Context, ifMatch string, required bool, do func(*desk.Organisation) error) (desk.Organisation, error) {
	version, err := serve.IfMatch(ifMatch, required)
	if err != nil {
		return desk.Organisation{}, err
	}
	out, err := h.desk.ChangeOrganisation(ctx, serve.Actor(ctx), desk.Options{IfVersion: version, Trace: serve.Trace(ctx)}, do)
	return out.Organisation, err
}

func (h handlers) replaceCalendar(ctx context.Context, in *replaceCalendarInput) (*oneAnswer[ManagedCalendar], error) {
	org, err := h.reform(ctx, in.IfMatch, true, func(org *desk.Organisation) error {
		i := slices.IndexFunc(org.Calendars, func(c desk.Calendar) bool { return c.ID == in.ID })
		if i < 0 {
			return fault.Missing("calendar")
		}
		org.Calendars[i] = in.Body.calendar(in.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return calendarOf(org, in.ID)
}

type deleteCalendarInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
}

func (h handlers) deleteCalendar(ctx context.Context, in *deleteCalendarInput) (*struct{}, error) {
	_, err := h.reform(ctx, in.IfMatch, false, func(org *desk.Organisation) error {
		i := slices.IndexFunc(org.Calendars, func(c desk.Calendar) bool { return c.ID == in.ID })
		if i < 0 {
			return fault.Missing("calendar")
		}
		for _, d := range org.Departments {
			if d.Calendar == in.ID {
				return fault.New(fault.Conflict, "calendar_in_use", "%s works by this calendar. Give it another first.", d.Name)
			}
		}
		org.Calendars = slices.Delete(org.Calendars, i, i+1)
		return nil
	})
	return nil, err
}

// ManagedTarget is how long tickets of a priority may wait.
type ManagedTarget struct {
	Priority      string `json:"priority" enum:"critical,high,medium,low" example:"high"`
	FirstResponse int    `json:"first_response_minutes" minimum:"1" maximum:"527040" doc:"Minutes of working time until the first response." example:"120"`
	Resolution    int    `json:"resolution_minutes" minimum:"1" maximum:"527040" doc:"Minutes of working time until the resolution." example:"480"`
}

// Targets are those of all priorities.
type Targets struct {
	Targets []ManagedTarget `json:"targets" maxItems:"4"`
}

func targetsOf(org desk.Organisation) *oneAnswer[Targets] {
	out := Targets{[]ManagedTarget{}}
	for _, p := range desk.Priorities {
		t := org.Target(p)
		out.Targets = append(out.Targets, ManagedTarget{string(p), t.FirstResponse, t.Resolution})
	}
	return &oneAnswer[Targets]{serve.ETag(org.Version), out}
}

func (h handlers) targets(ctx context.Context, _ *struct{}) (*oneAnswer[Targets], error) {
	org, err := h.desk.ReadOrganisation(ctx, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return targetsOf(org), nil
}

type replaceTargetsInput struct {
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; required."`
	Body    Targets
}

func (h handlers) replaceTargets(ctx context.Context, in *replaceTargetsInput) (*oneAnswer[Targets], error) {
	org, err := h.reform(ctx, in.IfMatch, true, func(org *desk.Organisation) error {
		var set []desk.Target
		for _, t := range in.Body.Targets {
			set = append(set, desk.Target{Priority: desk.Priority(t.Priority), FirstResponse: t.FirstResponse, Resolution: t.Resolution})
		}
		org.Targets = set
		return nil
	})
	if err != nil {
		return nil, err
	}
	return targetsOf(org), nil
}
