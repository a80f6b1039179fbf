// Package bulk is the function that does the parts of changes of many tickets; shared
// package bulk says how.
//
// Trigger: facts of jobs, a step each. Reads the job, its owner, a part and its tickets;
// changes each ticket in a transaction of its own, under a key, and writes the outcomes,
// the job, the fact for the next step and a marker in another. On failure Pub/Sub delivers
// again, and no ticket is changed twice; what can never work is buried. Rights: Firestore
// documents, invoking relay.
package bulk

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/start"
)

func init() { start.Event("Bulk", bulk.Consumer, bulk.Kinds, bulk.Handle) }
