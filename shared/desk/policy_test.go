package desk_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// everyone is each person of the office.
var everyone = []desk.PersonID{"ada", "mia", "nora", "noah", "liam", "uma", "otto"}

func TestTheMatrixOfRolesAndRelations(t *testing.T) {
	o := newOffice(t)
	// uma's ticket in network, assigned to noah, watched by otto.
	ticket := o.open(func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"otto"} })
	ticket, err := o.patch("nora", ticket, desk.Patch{Assignee: to(desk.PersonID("noah"))})
	o.must(err)
	for action, may := range map[desk.Action][]desk.PersonID{
		desk.TicketShow:   {"ada", "mia", "nora", "noah", "uma", "otto"},
		desk.TicketEdit:   {"ada", "mia", "nora", "noah", "uma"},
		desk.TicketWork:   {"ada", "mia", "nora", "noah"},
		desk.TicketClose:  {"ada", "mia", "nora", "noah", "uma"},
		desk.TicketReopen: {"ada", "mia", "nora", "noah", "uma"},
		desk.TicketDelete: {"ada"},

		desk.TicketClaim:    {"ada", "mia", "nora", "noah"},
		desk.TicketEscalate: {"ada", "mia", "nora", "noah"},
		desk.TicketWatch:    {"ada", "mia", "nora", "noah", "uma", "otto"},
		desk.TicketLink:     {"ada", "mia", "nora", "noah"},
		desk.TicketMerge:    {"ada", "mia", "nora", "noah"},
		desk.TicketSplit:    {"ada", "mia", "nora", "noah"},
		desk.TicketRate:     {"uma"},
		desk.CommentEdit:    nil, // its author only

		desk.ReplyWrite: {"ada", "mia", "nora", "noah", "uma", "otto"},
		desk.NoteRead:   {"ada", "mia", "nora", "noah"},
		desk.NoteWrite:  {"ada", "mia", "nora", "noah"},
		desk.OwnRole:    nil,
		"made.up":       nil,
	} {
		for _, who := range everyone {
			err := desk.Allow(o.as(who), action, &ticket)
			switch {
			case slices.Contains(may, who):
				if err != nil {
					t.Errorf("%s by %s: %v", action, who, err)
				}
			case who == "liam":
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s by a stranger: %v, want not found", action, err)
				}
			case !fault.Is(err, fault.Forbidden):
				t.Errorf("%s by %s: %v, want forbidden", action, who, err)
			}
		}
	}
}

func TestAUsersDepartmentGivesNoRights(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.Create(t.Context(), o.as("otto"), desk.NewTicket{Title: "Not Uma's", Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	_, err = o.Show(t.Context(), o.as("uma"), ticket.Number) // uma's home department is network
	wantKind(t, err, fault.NotFound)
}

func TestPermissionIsAskedForEachFieldThatChanges(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	for name, p := range map[string]desk.Patch{
		"priority":   {Priority: to(desk.PriorityCritical)},
		"assignee":   {Assignee: to(desk.PersonID("uma"))},
		"department": {Department: to(desk.DepartmentID("billing"))},
		"watchers":   {Watchers: to([]desk.PersonID{"otto"})},
		"resolve":    {Status: to(desk.StatusResolved)},
		"mixed":      {Title: to("Fine by itself"), Priority: to(desk.PriorityLow)},
	} {
		if _, err := o.patch("uma", ticket, p); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := o.patch("uma", ticket, desk.Patch{Title: to("Fine by itself"), Status: to(desk.StatusClosed)})
	o.must(err)
}

// TestListsAndDetailsAgree makes random tickets and asks, for everyone, whether the
// list shows exactly those that a direct look shows.
func TestListsAndDetailsAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		var all []desk.Ticket
		pick := func(label string) desk.PersonID { return rapid.SampledFrom(everyone).Draw(r, label) }
		for range rapid.IntRange(1, 8).Draw(r, "tickets") {
			ticket, err := o.Create(t.Context(), o.as("ada"), desk.NewTicket{
				Title: "Ticket", Description: "x", Requester: pick("requester"), Watchers: []desk.PersonID{pick("watcher")},
				Tags:       []string{rapid.SampledFrom([]string{"red", "blue"}).Draw(r, "tag")},
				Department: rapid.SampledFrom([]desk.DepartmentID{"it", "network", "finance", "billing", "service-desk"}).Draw(r, "department"),
			}, desk.Options{})
			o.must(err)
			if rapid.Bool().Draw(r, "assigned") {
				ticket, err = o.patch("ada", ticket, desk.Patch{Assignee: to(pick("assignee"))})
				o.must(err)
			}
			if rapid.IntRange(0, 9).Draw(r, "fate") == 0 {
				o.must(o.Delete(t.Context(), o.as("ada"), ticket.Number, desk.Options{}))
			}
			all = append(all, ticket)
		}
		for _, who := range everyone {
			for _, tag := range []string{"", "red"} {
				agree(r, o, who, tag, all)
			}
		}
	})
}

func agree(r *rapid.T, o *office, who desk.PersonID, tag string, all []desk.Ticket) {
	listed := map[desk.TicketID]bool{}
	page := desk.Page{Limit: 3}
	for {
		list, next, err := o.List(o.t.Context(), o.as(who), desk.Filter{Tag: tag}, page)
		o.must(err)
		for _, x := range list {
			if listed[x.ID] {
				r.Fatalf("%s is listed twice", x.Number)
			}
			listed[x.ID] = true
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	for _, x := range all {
		_, err := o.Show(o.t.Context(), o.as(who), x.Number)
		want := err == nil && (tag == "" || slices.Contains(x.Tags, tag))
		if listed[x.ID] != want {
			r.Fatalf("%s tag %q: %s is listed %v, shown %v", who, tag, x.Number, listed[x.ID], want)
		}
	}
}

func TestFiltersNarrowTheList(t *testing.T) {
	o := newOffice(t)
	a := o.open()
	o.later(1000)
	b := o.open(func(n *desk.NewTicket) {
		n.Department, n.Priority, n.Tags = "billing", desk.PriorityHigh, []string{"invoice"}
	})
	o.later(1000)
	_, err := o.patch("nora", a, desk.Patch{Assignee: to(desk.PersonID("nora")), Category: to("vpn")})
	o.must(err)
	for name, c := range map[string]struct {
		f    desk.Filter
		want string
	}{
		"everything":  {desk.Filter{}, a.Number + b.Number},
		"by creation": {desk.Filter{ByCreation: true}, b.Number + a.Number},
		"status":      {desk.Filter{Status: desk.StatusAssigned}, a.Number},
		"priority":    {desk.Filter{Priority: desk.PriorityHigh}, b.Number},
		"department":  {desk.Filter{Department: "billing"}, b.Number},
		"category":    {desk.Filter{Category: "vpn"}, a.Number},
		"assignee":    {desk.Filter{Assignee: "nora"}, a.Number},
		"nobody's":    {desk.Filter{Assignee: "none"}, b.Number},
		"requester":   {desk.Filter{Requester: "otto"}, ""},
		"tag":         {desk.Filter{Tag: "invoice"}, b.Number},
		"escalated":   {desk.Filter{Escalated: to(true)}, ""},
		"two filters": {desk.Filter{Status: desk.StatusNew, Department: "billing"}, b.Number},
		"with range":  {desk.Filter{Department: "billing", CreatedFrom: b.CreatedAt}, b.Number},
		"range":       {desk.Filter{CreatedFrom: a.CreatedAt, CreatedUntil: b.CreatedAt}, a.Number},
		"range sort":  {desk.Filter{ByCreation: true, CreatedUntil: b.CreatedAt}, a.Number},
	} {
		list, _, err := o.List(t.Context(), o.as("ada"), c.f, desk.Page{})
		o.must(err)
		got := ""
		for _, x := range list {
			got += x.Number
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestACursorFromElsewhereIsRefused(t *testing.T) {
	o := newOffice(t)
	for _, cursor := range []string{"x", "////", "W10", "WzEsMl0", "WyJhIiwiYiJd", "WyJhIiwiYiIsIi4uL3giXQ", "WyJhIixudWxsLCJ4Il0"} {
		_, _, err := o.List(t.Context(), o.as("ada"), desk.Filter{}, desk.Page{Cursor: cursor})
		wantKind(t, err, fault.Invalid)
	}
}

func TestTheTreeMustBeATree(t *testing.T) {
	for name, o := range map[string]desk.Organisation{
		"cycle":          {Triage: "a", Departments: []desk.Department{{ID: "a", Parent: "b"}, {ID: "b", Parent: "a"}}},
		"missing parent": {Triage: "a", Departments: []desk.Department{{ID: "a", Parent: "b"}}},
		"repeated id":    {Triage: "a", Departments: []desk.Department{{ID: "a"}, {ID: "a"}}},
		"no triage":      {Departments: []desk.Department{{ID: "a"}}},
		"rule to moon":   {Triage: "a", Departments: []desk.Department{{ID: "a"}}, Rules: []desk.Rule{{ID: "r", Then: desk.Outcome{Department: "moon"}}}},
	} {
		if err := o.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
