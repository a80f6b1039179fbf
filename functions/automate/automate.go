// Package automate is the function that does what administrators want to happen by itself:
// where an automation's condition holds, its macro is used. Package automation decides.
//
// Trigger: the facts of tickets that can set an automation off. Reads the automations and the
// ticket; writes what the macro does with its acts and facts in one transaction with the mark
// that this fact was acted on, and a line of the log. Delivered again, it changes nothing;
// what it does to a ticket makes facts a step deeper, and three steps deep it stops. If the
// database is down, Pub/Sub delivers again. Rights: Firestore documents, invoking relay.
package automate

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/automation"
	"ticketsystem.example/shared/start"
)

func init() { start.Event("Automate", automation.Consumer, automation.Kinds, automation.Handle) }
