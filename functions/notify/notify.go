// Package notify is the function that tells the people whom a fact concerns, and their
// clients that something changed; package notification decides who.
//
// Trigger: facts about tickets. Reads the people concerned, and of those to be told their
// inbox, thread and preferences; writes their notices, threads, deliveries, unread counts
// and a marker in one transaction, so that a fact delivered again tells nobody twice, with the
// fact that deliveries may go out; then the feeds of people and departments in the same way. On failure Pub/Sub delivers again;
// what can never work is buried. Rights: Firestore documents,
// invoking relay.
package notify

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/start"
)

func init() {
	start.Event("Notify", notification.Consumer, notification.Kinds, notification.Handle)
}
