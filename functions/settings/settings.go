// Package settings is the HTTP function for administrators: what they see and set of the
// desk itself.
//
// Trigger: HTTPS, /api/admin/. Reads the admin audit, dead letters, what the
// reconciler found, the records of mails, the log of automations, the moves of
// departments and the models of routing; writes automations and the organisation with
// their audit, facts and moves in one transaction, and the function reorganise follows. A
// dead letter that is redriven goes into the outbox again. If the database is down the
// caller is told to come back. Rights: Firestore documents, looking up accounts, invoking
// relay.
package settings

import (
	"context"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Settings", Routes) }

const tag = "Administration"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	organise(a, h)
	deadLetters(a, h)
	health(a, h)
	post(a, h)
	work(a, h)
	learn(a, h)
	automate(a, h)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/audit", ID: "listAudits", Tag: tag, Summary: "List who changed what of the desk itself, newest first",
		Description: "Changes of departments, people and settings, each with the value before and after. Narrow it by who did it, by what kind of change it was, and by what it was done to. What happens to tickets is in their history."}, h.audits)
}

type handlers struct{ desk *desk.Desk }

// Audit is an entry of the admin audit as clients see it.
type Audit struct {
	ID        string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	At        time.Time `json:"at" example:"2026-11-23T09:15:00.000Z"`
	Actor     string    `json:"actor" doc:"The id of the person who did it." example:"ada"`
	ActorName string    `json:"actor_name" doc:"Their name at that time." example:"Ada Marsh"`
	Kind      string    `json:"kind" doc:"What was done." example:"department.changed"`
	Subject   string    `json:"subject" doc:"What it was done to: a word, a colon and an id." example:"department:network"`
	Before    any       `json:"before" doc:"The value before; null for what is new." example:"{\"name\": \"Network\"}"`
	After     any       `json:"after" doc:"The value after; null for what is gone." example:"{\"name\": \"Networks\"}"`
}

func viewAudit(e desk.Audit) Audit {
	before, after := e.Values()
	return Audit{e.ID, e.At, string(e.Actor), e.ActorName, e.Kind, e.Subject, before, after}
}

type auditsInput struct {
	serve.PageInput
	Actor   string `query:"actor" maxLength:"128" doc:"Only what this person did: an id." example:"ada"`
	Kind    string `query:"kind" maxLength:"100" doc:"Only changes of this kind." example:"department.changed"`
	Subject string `query:"subject" maxLength:"200" doc:"Only what was done to this." example:"department:network"`
}

func (h handlers) audits(ctx context.Context, in *auditsInput) (*struct{ Body serve.Page[Audit] }, error) {
	by := desk.Audits{Actor: desk.PersonID(in.Actor), Kind: in.Kind, Subject: in.Subject}
	found, next, err := h.desk.ListAudits(ctx, serve.Actor(ctx), by, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Audit] }{serve.PageOf(found, next, viewAudit)}, nil
}
