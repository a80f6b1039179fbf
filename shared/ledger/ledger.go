// Package ledger keeps the promise that every fact has all its effects, once: it shows
// what went wrong on the way, and mends it.
//
// Ideas:
//
//   - What a function could not handle is a dead letter. It is never dropped: it waits
//     until an operator has mended the cause and redrives it.
//   - To redrive is to put the fact into the outbox again, for the one function that
//     failed. That function's marker (event.Once) still lets it have its effect once,
//     so redriving is safe to repeat.
//
// What it stores: dead letters, by way of package event; its changes are in the admin
// audit. A typical use:
//
//	letters, next, err := ledger.Letters(ctx, d, actor, ledger.Filter{State: event.LetterWaiting}, page)
//	letter, err := ledger.Redrive(ctx, d, actor, letters[0].ID)
//
// It does not know what a fact means, nor why a function failed: its log says so.
package ledger
