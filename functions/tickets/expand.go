package tickets

import (
	"context"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// What expand can name.
const (
	withRequester  = "requester"
	withAssignee   = "assignee"
	withDepartment = "department"
	withComments   = "comments"
)

// firstComments is how many comments come with a ticket.
const firstComments = 20

// Expanded is what a client would otherwise ask for next, as it would be answered then:
// what there isn't, or what you may not see, is left out.
type Expanded struct {
	Requester  *Someone             `json:"requester,omitempty" doc:"If you may see people, or it is you."`
	Assignee   *Someone             `json:"assignee,omitempty" doc:"If you may see people, or it is you."`
	Department *Place               `json:"department,omitempty"`
	Comments   *serve.Page[Comment] `json:"comments,omitempty" doc:"The first 20, oldest first; ask for the ticket's comments with next as cursor for more."`
}

// Someone is a person in few words.
type Someone struct {
	ID    string `json:"id" example:"priya"`
	Name  string `json:"name" example:"Priya Nair"`
	Email string `json:"email" example:"priya@demo.example"`
	Role  string `json:"role" enum:"admin,staff,user" example:"staff"`
}

// Place is a department in few words.
type Place struct {
	ID     string  `json:"id" example:"hardware"`
	Name   string  `json:"name" example:"Hardware"`
	Parent *string `json:"parent" doc:"Id of the department above it." example:"it"`
}

// around is what is known of the surroundings of some tickets.
type around struct {
	wanted []string
	people map[desk.PersonID]desk.Person
	org    *desk.Organisation
}

// look reads what the tickets' expansions need: each person once, the organisation once.
func (h handlers) look(ctx context.Context, a desk.Actor, wanted []string, tickets ...desk.Ticket) (out around, err error) {
	out.wanted = wanted
	var who []desk.PersonID
	for _, t := range tickets {
		if slices.Contains(wanted, withRequester) {
			who = append(who, t.Requester)
		}
		if slices.Contains(wanted, withAssignee) && t.Assignee != "" {
			who = append(who, t.Assignee)
		}
	}
	if out.people, err = h.desk.ShowPeople(ctx, a, who); err != nil {
		return out, err
	}
	if slices.Contains(wanted, withDepartment) {
		out.org, err = h.desk.Organisation(ctx)
	}
	return out, err
}

// besides is what is beside one ticket, with its first comments if these are wanted too:
// the notes among them only for those who may read notes.
func (h handlers) besides(ctx context.Context, a desk.Actor, t *desk.Ticket, wanted []string) (*Expanded, error) {
	seen, err := h.look(ctx, a, wanted, *t)
	if err != nil {
		return nil, err
	}
	out := seen.of(t)
	if slices.Contains(wanted, withComments) {
		found, next, err := h.desk.Comments(ctx, a, string(t.ID), desk.Page{Limit: firstComments})
		if err != nil {
			return nil, err
		}
		page := serve.PageOf(found, next, viewComment)
		out.Comments = &page
	}
	return out, nil
}

// of is what is beside a ticket, nil if nothing was asked for.
func (s around) of(t *desk.Ticket) *Expanded {
	if len(s.wanted) == 0 {
		return nil
	}
	out := &Expanded{}
	if slices.Contains(s.wanted, withRequester) {
		out.Requester = s.someone(t.Requester)
	}
	if slices.Contains(s.wanted, withAssignee) {
		out.Assignee = s.someone(t.Assignee)
	}
	if s.org != nil {
		if d, there := s.org.Department(t.Department); there {
			out.Department = &Place{ID: string(d.ID), Name: d.Name, Parent: text(d.Parent)}
		}
	}
	return out
}

func (s around) someone(id desk.PersonID) *Someone {
	p, there := s.people[id]
	if !there {
		return nil
	}
	return &Someone{ID: string(p.ID), Name: p.Name, Email: p.Email, Role: string(p.Role)}
}
