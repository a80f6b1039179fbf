// Package notify is the function that tells the people whom a fact concerns; package
// notification decides who.
//
// Trigger: facts about tickets. Reads the people to be told; writes their notices,
// their unread counts and a marker in one transaction, so that a fact delivered again
// tells nobody twice. On failure Pub/Sub delivers again; what can never work is
// buried. Rights: Firestore documents.
package notify

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/start"
)

func init() {
	start.Event("Notify", notification.Consumer, notification.Kinds, notification.Handle)
}
