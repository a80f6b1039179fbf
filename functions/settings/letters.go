package settings

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/serve"
)

// deadLetters adds the operations on what functions could not handle.
func deadLetters(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/dead-letters", ID: "listDeadLetters", Tag: tag, Summary: "List facts that a function could not handle, newest first",
		Description: "Each failed on every delivery, or can never work. None is dropped: it waits until you have mended the cause and redrive it."}, h.letters)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/dead-letters/{id}", ID: "showDeadLetter", Tag: tag, Summary: "Show a dead letter",
		Description: "With the reason, and with the fact as it was delivered."}, h.letter)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/admin/dead-letters/{id}/redrive", ID: "redriveDeadLetter", Tag: tag, Summary: "Send a dead letter's fact again",
		Description: "To the function that failed, and to no other. Its effect happens once, however often you ask; if it fails again, there is a new dead letter. One that holds no readable fact can't be sent again (409).", Raises: []int{409}}, h.redrive)
}

// DeadLetter is a dead letter as administrators see it.
type DeadLetter struct {
	ID         string     `json:"id" example:"notify:11893456"`
	Function   string     `json:"function" doc:"That could not handle it." example:"notify"`
	Event      string     `json:"event" doc:"The fact's id; empty if it could not be read." example:"0199f3a2-5c1e-7d43-9b1a-6f0e2c4d8a10"`
	Type       string     `json:"type" doc:"The fact's type." example:"ticket.created"`
	Subject    string     `json:"subject" doc:"Id of what the fact is about." example:"h2v9x2m4p8q1w7z5t6rb"`
	Reason     string     `json:"reason" doc:"For operators." example:"The function failed on every delivery; its log says why."`
	Payload    string     `json:"payload" doc:"As it was delivered, cut at 256 KiB." example:"{\"schema\":1}"`
	Attempts   int        `json:"attempts" doc:"Deliveries, as far as is known." example:"10"`
	At         time.Time  `json:"at" example:"2026-11-23T09:15:00.000Z"`
	State      string     `json:"state" enum:"waiting,redriven" example:"waiting"`
	RedrivenAt *time.Time `json:"redriven_at" example:"2026-11-23T10:15:00.000Z"`
	RedrivenBy *string    `json:"redriven_by" doc:"A person's id." example:"ada"`
}

func viewLetter(l event.DeadLetter) DeadLetter {
	out := DeadLetter{
		ID: l.ID, Function: l.Consumer, Event: l.Event, Type: l.Type, Subject: l.Subject, Reason: l.Reason, Payload: l.Payload,
		Attempts: l.Attempts, At: l.At, State: string(l.State),
	}
	if l.State == event.LetterRedriven {
		out.RedrivenAt, out.RedrivenBy = &l.RedrivenAt, &l.RedrivenBy
	}
	return out
}

type lettersInput struct {
	serve.PageInput
	Function string `query:"function" maxLength:"100" doc:"Only what this function could not handle." example:"notify"`
	State    string `query:"state" enum:"waiting,redriven" doc:"Only these." example:"waiting"`
}

func (h handlers) letters(ctx context.Context, in *lettersInput) (*struct{ Body serve.Page[DeadLetter] }, error) {
	by := ledger.Filter{Consumer: in.Function, State: event.LetterState(in.State)}
	found, next, err := ledger.Letters(ctx, h.desk, serve.Actor(ctx), by, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[DeadLetter] }{serve.PageOf(found, next, viewLetter)}, nil
}

func (h handlers) letter(ctx context.Context, in *letterRef) (*struct{ Body DeadLetter }, error) {
	return shownLetter(ledger.Letter(ctx, h.desk, serve.Actor(ctx), in.ID))
}

// letterRef is the dead letter in a path.
type letterRef struct {
	ID string `path:"id" doc:"The dead letter's id." example:"notify:11893456" maxLength:"256"`
}

func (h handlers) redrive(ctx context.Context, in *letterRef) (*struct{ Body DeadLetter }, error) {
	return shownLetter(ledger.Redrive(ctx, h.desk, serve.Actor(ctx), in.ID))
}

func shownLetter(l event.DeadLetter, err error) (*struct{ Body DeadLetter }, error) {
	if err != nil {
		return nil, err
	}
	return &struct{ Body DeadLetter }{viewLetter(l)}, nil
}
