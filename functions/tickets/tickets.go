// Package tickets is the HTTP function for tickets, their comments and their history.
//
// Trigger: HTTPS, /api/tickets/ and below. Reads and writes: tickets, replies, notes,
// their versions, drafts, acts, search, outbox, agents, counters, requests, threads (muted or not);
// reads people, organisation, macros and templates. Each change
// is one transaction; if any of it fails, nothing is changed and the caller is told.
// After a change it nudges the relay; if that fails, the schedule publishes the fact.
// Rights: Firestore documents, looking up accounts, invoking relay.
package tickets

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Tickets", Routes) }

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	h.addTickets(a)
	h.addActions(a)
	h.addTeamwork(a)
	h.addClocks(a)
	h.addRelated(a)
	h.addComments(a)
	h.addDrafts(a)
	h.addMute(a)
}

type handlers struct{ desk *desk.Desk }
