package tickets

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addDrafts(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/draft", ID: "showDraft", Tag: "Comments", Summary: "Show your draft of a comment",
		Description: "What you were writing to this ticket; nobody else sees it. 404 if there is none."}, h.draft)
	serve.Add(a, serve.Operation{Method: http.MethodPut, Path: "/api/tickets/{id}/draft", ID: "saveDraft", Tag: "Comments", Summary: "Save your draft of a comment",
		Description: "In place of an earlier one. It is kept for 30 days, and gone once you comment."}, h.saveDraft)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/tickets/{id}/draft", ID: "dropDraft", Tag: "Comments", Summary: "Forget your draft of a comment",
		Description: "Without one it does nothing.", Status: http.StatusNoContent}, h.dropDraft)
}

// Draft is a comment that its author hasn't sent yet.
type Draft struct {
	Body     string    `json:"body" doc:"Markdown." example:"Have you tried"`
	Parent   *string   `json:"parent" doc:"The comment it answers."`
	Internal bool      `json:"internal" doc:"True for a note."`
	SavedAt  time.Time `json:"saved_at"`
}

type draftAnswer struct{ Body Draft }

func viewDraft(d desk.Draft, err error) (*draftAnswer, error) {
	if err != nil {
		return nil, err
	}
	return &draftAnswer{Draft{Body: d.Body, Parent: text(d.Parent), Internal: d.Internal, SavedAt: d.SavedAt}}, nil
}

func (h handlers) draft(ctx context.Context, in *Ref) (*draftAnswer, error) {
	return viewDraft(h.desk.ShowDraft(ctx, serve.Actor(ctx), in.ID))
}

type draftInput struct {
	Ref
	Body struct {
		Body     string `json:"body" minLength:"1" maxLength:"20000" doc:"Markdown, up to 20,000 characters." example:"Have you tried"`
		Internal bool   `json:"internal,omitempty" doc:"True for a note."`
		Parent   string `json:"parent,omitempty" maxLength:"200" doc:"The comment it answers."`
	}
}

func (h handlers) saveDraft(ctx context.Context, in *draftInput) (*draftAnswer, error) {
	return viewDraft(h.desk.SaveDraft(ctx, serve.Actor(ctx), in.ID, desk.NewComment{Body: in.Body.Body, Parent: desk.CommentID(in.Body.Parent), Internal: in.Body.Internal}))
}

func (h handlers) dropDraft(ctx context.Context, in *Ref) (*struct{}, error) {
	return nil, h.desk.DropDraft(ctx, serve.Actor(ctx), in.ID)
}
