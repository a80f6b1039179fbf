package tickets

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// addRelated adds what concerns a ticket and another one.
func (h handlers) addRelated(a *serve.API) {
	serve.Add(a, action("links", "linkTicket", "Link a ticket to another", "For staff of both tickets; each names the other. Two tickets have one link, so another kind takes its place. A ticket has one parent at most, and a child has no children."), h.link)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/tickets/{id}/links/{other}", ID: "unlinkTicket", Tag: tag, Summary: "Remove a link from both tickets",
		Description: "For staff of both tickets.", Status: http.StatusNoContent, Raises: []int{409, 412}}, h.unlink)
	serve.Add(a, action("merge", "mergeTicket", "Merge a ticket into another", "For staff of both tickets. This one becomes `merged` and takes no more changes; the other shows its comments too, and whoever followed this one follows that one. Unmerging restores both exactly."), h.merge)
	serve.Add(a, action("unmerge", "unmergeTicket", "Undo a merge", "For staff of both tickets. This one has the status again that it had, with its comments and people; what happened to the other meanwhile stays there."), h.unmerge)
	split := action("split", "splitTicket", "Make some comments a ticket of their own", "For staff of the ticket. The comments move to a new ticket of the same requester, in the same place, which is then routed like any other; the two are linked.")
	split.Status = http.StatusCreated
	serve.Add(a, split, h.split)
}

// Link is a ticket's end of a link.
type Link struct {
	Kind   string `json:"kind" enum:"relates,blocks,blocked_by,duplicates,duplicated_by,parent_of,child_of" doc:"What this ticket is to the other." example:"blocks"`
	ID     string `json:"id" doc:"The other's id." example:"m2c7d1f5h9j3l8n4q6sv"`
	Number string `json:"number" doc:"The other's number." example:"TKT-202611-0043"`
}

// Merged is the other ticket of a merge.
type Merged struct {
	ID     string `json:"id" example:"m2c7d1f5h9j3l8n4q6sv"`
	Number string `json:"number" example:"TKT-202611-0043"`
}

func viewLinks(links []desk.Link) []Link {
	var out []Link
	for _, l := range links {
		out = append(out, Link{string(l.Kind), string(l.Ticket), l.Number})
	}
	return out
}

func (v *Ticket) addMerged(t *desk.Ticket) {
	for _, m := range t.Merged {
		v.Merged = append(v.Merged, Merged{string(m.Ticket), m.Number})
	}
	if m := t.MergedInto; m != nil {
		v.MergedInto = &Merged{string(m.Ticket), m.Number}
	}
}

type linkInput struct {
	Condition
	Body struct {
		Kind   string `json:"kind" enum:"relates,blocks,blocked_by,duplicates,duplicated_by,parent_of,child_of" doc:"What this ticket is to the other." example:"blocks"`
		Ticket string `json:"ticket" maxLength:"128" doc:"The other's id or number." example:"TKT-202611-0043"`
	}
}

func (h handlers) link(ctx context.Context, in *linkInput) (*answer, error) {
	return perform(ctx, in.Condition, "links", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Link(ctx, serve.Actor(ctx), in.ID, desk.LinkKind(in.Body.Kind), in.Body.Ticket, opt)
	})
}

type unlinkInput struct {
	Ref
	Other   string `path:"other" maxLength:"128" doc:"The other ticket's id or number." example:"TKT-202611-0043"`
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
}

func (h handlers) unlink(ctx context.Context, in *unlinkInput) (*struct{}, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	return nil, h.desk.Unlink(ctx, serve.Actor(ctx), in.ID, in.Other, desk.Options{IfVersion: version, Trace: serve.Trace(ctx)})
}

type mergeInput struct {
	Condition
	Body struct {
		Into string `json:"into" maxLength:"128" doc:"Id or number of the ticket where it goes on." example:"TKT-202611-0043"`
	}
}

func (h handlers) merge(ctx context.Context, in *mergeInput) (*answer, error) {
	return perform(ctx, in.Condition, "merge", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Merge(ctx, serve.Actor(ctx), in.ID, in.Body.Into, opt)
	})
}

func (h handlers) unmerge(ctx context.Context, in *Condition) (*answer, error) {
	return perform(ctx, *in, "unmerge", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Unmerge(ctx, serve.Actor(ctx), in.ID, opt)
	})
}

type splitInput struct {
	Condition
	Body struct {
		Title       string   `json:"title" minLength:"3" maxLength:"200" doc:"Of the new ticket." example:"The scanner smokes too"`
		Description string   `json:"description,omitempty" maxLength:"20000" doc:"Of the new ticket; otherwise the words of the first reply that you name."`
		Comments    []string `json:"comments" minItems:"1" maxItems:"20" doc:"Ids of this ticket's comments." example:"k3v9x2m4p8q1w7z5t6rb-000004"`
	}
}

func (h handlers) split(ctx context.Context, in *splitInput) (*answer, error) {
	n := desk.NewSplit{Title: in.Body.Title, Description: in.Body.Description, Comments: ids[desk.CommentID](in.Body.Comments)}
	out, err := perform(ctx, in.Condition, "split", func(opt desk.Options) (desk.Ticket, error) {
		return h.desk.Split(ctx, serve.Actor(ctx), in.ID, n, opt)
	})
	if err == nil {
		out.Status, out.Location = http.StatusCreated, "/api/tickets/"+out.Body.ID+"/"
	}
	return out, err
}
