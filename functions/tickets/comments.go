package tickets

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addComments(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/comments", ID: "listComments", Tag: "Comments", Summary: "List a ticket's comments, oldest first",
		Description: "Replies, and for those who may read them also internal notes."}, h.comments)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/tickets/{id}/comments", ID: "addComment", Tag: "Comments", Summary: "Reply, or leave a note for staff",
		Description: "The first reply of staff is the ticket's first response. A requester's reply to a resolved or closed ticket reopens it. A note (`internal`) is seen by staff of the ticket only.",
		Status:      http.StatusCreated, Raises: []int{409, 412}}, h.comment)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/history", ID: "showHistory", Tag: "Comments", Summary: "List what happened to a ticket, oldest first",
		Description: "Each act says who did it and what each value was before and after. Acts about notes are listed for those who may read notes."}, h.history)
}

type pageInput struct {
	Ref
	serve.PageInput
}

func (h handlers) comments(ctx context.Context, in *pageInput) (*struct{ Body serve.Page[Comment] }, error) {
	found, next, err := h.desk.Comments(ctx, serve.Actor(ctx), in.ID, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Comment] }{serve.PageOf(found, next, viewComment)}, nil
}

type commentInput struct {
	Condition
	Body struct {
		Body     string `json:"body" doc:"Markdown, up to 20,000 characters." example:"Have you tried turning it off and on again?"`
		Internal bool   `json:"internal,omitempty" doc:"True for a note that only staff of the ticket see."`
		Parent   string `json:"parent,omitempty" doc:"The comment it answers."`
	}
}

type commentAnswer struct {
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     Comment
}

func (h handlers) comment(ctx context.Context, in *commentInput) (*commentAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	opt := serve.Options(ctx, "addComment "+in.ID)
	opt.IfVersion = version
	c, err := h.desk.Comment(ctx, serve.Actor(ctx), in.ID, desk.NewComment{Body: in.Body.Body, Parent: desk.CommentID(in.Body.Parent), Internal: in.Body.Internal}, opt)
	if err != nil {
		return nil, err
	}
	return &commentAnswer{Replayed: serve.Replayed(opt), Body: viewComment(c)}, nil
}

func (h handlers) history(ctx context.Context, in *pageInput) (*struct{ Body serve.Page[Act] }, error) {
	found, next, err := h.desk.History(ctx, serve.Actor(ctx), in.ID, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Act] }{serve.PageOf(found, next, viewAct)}, nil
}
