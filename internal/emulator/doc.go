// Package emulator starts the cloud on one machine: the emulators of Firestore,
// Pub/Sub, Firebase Auth and Cloud Storage. Tests and local tools use it; it is
// never deployed.
//
// # Ideas
//
// The emulators are started directly and in parallel, not through a command
// line that wraps them: a quarter of the CPU and a fifth of the time. Each one
// is a process group of its own on a free port, so that suites run side by side,
// and what was started is stopped, by group, and nothing else. Should this
// process be killed without a chance to stop them, a watcher kills them (see
// lifeline).
//
// What is missing is found or made once and kept in the user's cache folder
// (TICKETSYSTEM_CACHE overrides it):
//
//   - Firestore and Pub/Sub are jars of Google's and run on Java. They come from
//     FIRESTORE_EMULATOR_BINARY_PATH and PUBSUB_EMULATOR_BINARY_PATH (a jar or
//     an executable), from the Cloud SDK, or from the pinned firebase-tools'
//     download.
//   - Auth is a part of firebase-tools, installed with npm from auth/ and bundled
//     into one file that needs only node.
//   - Cloud Storage is internal/tools/cmd/storage, a Go program that enforces the
//     rules of signed URLs.
//
// # Use
//
// A test asks for what it needs, and its package's TestMain calls [Main]:
//
//	func TestMain(m *testing.M) { emulator.Main(m) }
//
//	func TestATicketIsStored(t *testing.T) {
//		suite := emulator.Use(t, emulator.Firestore)
//		client := open(suite.Project, emulator.Database(t))
//
// A program starts a suite, hands [Suite.Env] to the processes that are to use
// it, and stops it; cmd/emulators does so for any command. Faults are made with
// [Suite.Pause], [Suite.Kill] and [Suite.Restart].
//
// # Keeping data
//
// With [Options.Data] a suite carries on where the last one stopped. Firestore's
// documents and Auth's accounts are written when the suite stops, so a crash
// loses what happened since the start; Storage writes at once. Not kept:
// documents' update times (they become the time of the import, and so do
// accounts' token validity: people sign in again), Pub/Sub's topics and messages,
// and buckets' notification settings.
package emulator
