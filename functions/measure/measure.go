// Package measure is the function that counts facts by day, department, category and
// agent; package analytics says what counts.
//
// Trigger: facts about tickets. Reads which counters are valid; adds to them and writes a
// marker in one transaction, so that a fact delivered again counts once. On failure
// Pub/Sub delivers again; what can never work is buried. Rights: Firestore documents.
package measure

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/start"
)

func init() { start.Event("Measure", analytics.Consumer, analytics.Kinds, analytics.Handle) }
