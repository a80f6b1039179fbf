package tickets

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addComments(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/comments", ID: "listComments", Tag: "Comments", Summary: "List a ticket's comments, oldest first",
		Description: "Replies, and for those who may read them also internal notes; those of merged tickets are among them."}, h.comments)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/tickets/{id}/comments", ID: "addComment", Tag: "Comments", Summary: "Reply, or leave a note for staff",
		Description: "The first reply of staff is the ticket's first response. A requester's reply to a resolved or closed ticket reopens it. A note (`internal`) is seen by staff of the ticket only.\n\nSend `seen_version` with the version that you have in view: if something happened since, the answer is 409 with what it was in `meanwhile`, and `force` says it anyhow. `If-Match` does the same with 412.",
		Status:      http.StatusCreated, Raises: []int{409, 412}}, h.comment)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/tickets/{id}/comments/{comment}", ID: "editComment", Tag: "Comments", Summary: "Correct a comment",
		Description: "For its author, for 15 minutes. What it said before is kept. People whom only the new text calls are told.", Raises: []int{409, 412}}, h.edit)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/comments/{comment}/versions", ID: "listCommentVersions", Tag: "Comments", Summary: "List what a comment said before, oldest first",
		Description: "For everyone who may read the comment."}, h.versions)
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
		Body     string `json:"body" doc:"Markdown, up to 20,000 characters. \"@ada\" calls the person of that id, or of that name before the @ of their e-mail address." example:"Have you tried turning it off and on again?"`
		Internal bool   `json:"internal,omitempty" doc:"True for a note that only staff of the ticket see."`
		Parent   string `json:"parent,omitempty" doc:"The comment it answers."`
		Seen     int64  `json:"seen_version,omitempty" minimum:"1" doc:"The ticket's version that you have in view." example:"2"`
		Force    bool   `json:"force,omitempty" doc:"True says it whatever happened meanwhile."`
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
	b := in.Body
	opt := serve.Options(ctx, "addComment "+in.ID)
	opt.IfVersion = version
	c, err := h.desk.Comment(ctx, serve.Actor(ctx), in.ID, desk.NewComment{
		Body: b.Body, Parent: desk.CommentID(b.Parent), Internal: b.Internal, Seen: b.Seen, Force: b.Force,
	}, opt)
	if err != nil {
		return nil, err
	}
	return &commentAnswer{Replayed: serve.Replayed(opt), Body: viewComment(c)}, nil
}

// CommentRef is the comment in a path.
type CommentRef struct {
	Ref
	Comment string `path:"comment" doc:"The comment's id." example:"k3v9x2m4p8q1w7z5t6rb-000004" maxLength:"200"`
}

type editInput struct {
	CommentRef
	IfMatch string `header:"If-Match" doc:"The ticket's ETag of your last read; then a change by somebody else is noticed."`
	Body    struct {
		Body string `json:"body" doc:"Markdown, up to 20,000 characters." example:"Have you tried turning it *off* and on again?"`
	}
}

func (h handlers) edit(ctx context.Context, in *editInput) (*commentAnswer, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	c, err := h.desk.EditComment(ctx, serve.Actor(ctx), in.ID, desk.CommentID(in.Comment), in.Body.Body, desk.Options{IfVersion: version, Trace: serve.Trace(ctx)})
	if err != nil {
		return nil, err
	}
	return &commentAnswer{Body: viewComment(c)}, nil
}

type versionsInput struct {
	CommentRef
	serve.PageInput
}

func (h handlers) versions(ctx context.Context, in *versionsInput) (*struct{ Body serve.Page[CommentVersion] }, error) {
	found, next, err := h.desk.CommentVersions(ctx, serve.Actor(ctx), in.ID, desk.CommentID(in.Comment), in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[CommentVersion] }{serve.PageOf(found, next, viewVersion)}, nil
}

func (h handlers) history(ctx context.Context, in *pageInput) (*struct{ Body serve.Page[Act] }, error) {
	found, next, err := h.desk.History(ctx, serve.Actor(ctx), in.ID, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Act] }{serve.PageOf(found, next, viewAct)}, nil
}
