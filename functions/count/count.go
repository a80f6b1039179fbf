// Package count is the function that keeps the counts of saved views; package view says
// how.
//
// Trigger: facts about tickets, and about filters that are new. Reads what is counted and
// what of the ticket has been counted; writes that, the counts that change and a marker in
// one transaction, so that a fact may come late, twice or out of order. A new filter is
// brought in a part at a time, each part making the fact for the next. On failure Pub/Sub
// delivers again; what can never work is buried. Rights: Firestore documents, invoking
// relay.
package count

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

func init() { start.Event("Count", view.Consumer, view.Kinds, view.Handle) }
