// Package listen tests what clients may listen to in Firestore, and that they hear of a
// change at once: with Firebase's own SDK, signed in as people are, against the real
// engine of the security rules. Nothing of it is deployed.
//
// Ideas:
//
//   - The tests are programs for Node (*.test.mjs), because the SDK is one for JavaScript.
//     A Go test starts a whole system, makes a document in each collection, and runs them.
//   - The collections are those that docs/design.md lists, so that a new one is tried
//     without a word here: what is not a feed can't be read, listed or written by anybody.
//   - Rights come from the claims in tokens of the Auth emulator, as in production.
//
// A typical use:
//
//	go test ./internal/listen -run Clients/rules
package listen
