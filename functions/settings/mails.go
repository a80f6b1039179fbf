package settings

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/serve"
)

// post adds the operations about mails that came.
func post(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/mails", ID: "listMails", Tag: tag, Summary: "List the mails that came, newest first",
		Description: "Every mail that was received is here, with what became of it: a `ticket`, a `reply`, a `placeholder` for what can't be read, only this record for what machines wrote (`automatic`, `bounce`, `loop`), or nothing because it is the same as an earlier one (`repeated`). No mail is missing, so the numbers of these add up. While `outcome` is null, a mail waits to be handled."}, h.mails)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/mails/{id}", ID: "showMail", Tag: tag, Summary: "Show what became of a mail",
		Description: "What it says is in its ticket. The mail as it came is kept for a year, for operators only, because nobody has checked what is in it."}, h.mail)
}

// Mail is a mail that came, as administrators see it.
type Mail struct {
	ID         string     `json:"id" doc:"The SHA-256 of the mail as it came." example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	Size       int        `json:"size" doc:"In bytes." example:"4711"`
	Via        string     `json:"via" doc:"How it came: pushed by a mail server or provider, or by an operator's pipe." enum:"push,pipe" example:"push"`
	ReceivedAt time.Time  `json:"received_at" example:"2026-11-23T09:15:00.000Z"`
	Outcome    *string    `json:"outcome" doc:"What became of it; null while it waits." enum:"ticket,reply,placeholder,automatic,bounce,loop,repeated" example:"reply"`
	Reason     string     `json:"reason" doc:"Why, in a sentence." example:"It answers the ticket."`
	From       string     `json:"from" doc:"The sender, as the mail claims." example:"\"Uma Raman\" <uma@demo.example>"`
	Subject    string     `json:"subject" example:"Printer on fire"`
	MessageID  string     `json:"message_id" doc:"Its Message-ID; empty for none." example:"m1@demo.example"`
	Ticket     *string    `json:"ticket" doc:"The id of the ticket that it led to; null for none." example:"h2v9x2m4p8q1w7z5t6rb"`
	Comment    *string    `json:"comment" doc:"The id of the reply that it became, or of the note that tells of a bounce; null for none." example:"h2v9x2m4p8q1w7z5t6rb-3"`
	NotTaken   []string   `json:"not_taken" doc:"Names of its files that were not attached." example:"[\"setup.exe\"]"`
	HandledAt  *time.Time `json:"handled_at" doc:"Null while it waits." example:"2026-11-23T09:15:01.000Z"`
}

func viewMail(m inbound.Mail) Mail {
	out := Mail{
		ID: m.ID, Size: m.Size, Via: m.Via, ReceivedAt: m.ReceivedAt, Reason: m.Reason, From: m.From, Subject: m.Subject, MessageID: m.MessageID,
		Outcome: orNull(string(m.Outcome)), Ticket: orNull(string(m.Ticket)), Comment: orNull(string(m.Comment)), NotTaken: append([]string{}, m.NotTaken...),
	}
	if !m.HandledAt.IsZero() {
		out.HandledAt = &m.HandledAt
	}
	return out
}

// orNull is null for an empty text.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type mailsInput struct {
	serve.PageInput
	Outcome string `query:"outcome" enum:"ticket,reply,placeholder,automatic,bounce,loop,repeated" doc:"Only those of which this became." example:"placeholder"`
}

func (h handlers) mails(ctx context.Context, in *mailsInput) (*struct{ Body serve.Page[Mail] }, error) {
	found, next, err := inbound.List(ctx, h.desk, serve.Actor(ctx), inbound.Outcome(in.Outcome), in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Mail] }{serve.PageOf(found, next, viewMail)}, nil
}

type mailRef struct {
	ID string `path:"id" doc:"The mail's id." example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" maxLength:"128"`
}

func (h handlers) mail(ctx context.Context, in *mailRef) (*struct{ Body Mail }, error) {
	m, err := inbound.Show(ctx, h.desk, serve.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Mail }{viewMail(m)}, nil
}
