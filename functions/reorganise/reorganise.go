// Package reorganise is the function that brings the rights to its tickets after a
// department that has moved in the tree, and the open tickets out of one that is
// deactivated; package desk says how.
//
// Trigger: facts that a branch moved or a department was closed. Reads the tree and a page
// of the tickets; writes those whose audience differs together with the place it has come
// to, so that it goes on there whatever happens, or changes each open ticket like anybody
// would, and then the place. While a move settles it asks for another delivery. On
// failure Pub/Sub delivers again; what can never work is buried. Rights: Firestore
// documents, invoking relay.
package reorganise

import (
	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/start"
)

func init() { start.Event("Reorganise", desk.Mover, desk.Moves, desk.Reorganise) }
