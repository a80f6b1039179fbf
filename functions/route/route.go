// Package route is the function that finds the department and the person for a new
// ticket; package routing decides.
//
// Trigger: facts of type ticket.created. Reads the ticket, its requester, the agents
// of a department and the model that routes; writes the ticket, its history, the outbox and a marker in one
// transaction. On failure Pub/Sub delivers again; what can never work is buried.
// Rights: Firestore documents, invoking relay.
package route

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/start"
)

func init() { start.Event("Route", routing.Consumer, routing.Kinds, new(routing.Router).Handle) }
