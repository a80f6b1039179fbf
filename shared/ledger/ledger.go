// Package ledger keeps the promise that every fact has all its effects, once: it shows
// what went wrong on the way, and mends it.
//
// Ideas:
//
//   - What a function could not handle is a dead letter. It is never dropped: it waits
//     until an operator has mended the cause and redrives it.
//
//   - To redrive is to put the fact into the outbox again, for the one function that
//     failed. That function's marker (event.Once) still lets it have its effect once,
//     so redriving is safe to repeat.
//
//   - The archive of published facts and the markers of effects are two sides of a
//     ledger. The reconciler goes through the archive from where it was last, once facts
//     had time to settle, and sends a fact without its effect again.
//
//   - A ticket's acts are a chain of hashes (package desk), and each day's acts have a
//     root that stands on that of the day before. Verify finds what does not fit.
//
// What it stores: what is missing (unconfirmed), roots of days (seals), how far the reconciler is (ledger), and
// dead letters by way of package event; redriving is in the admin audit. A typical use:
//
//	letters, next, err := ledger.Letters(ctx, d, actor, ledger.Filter{State: event.LetterWaiting}, page)
//	letter, err := ledger.Redrive(ctx, d, actor, letters[0].ID)
//	state, err := ledger.Reconciler{Desk: d, Effects: effects.All}.Run(ctx)
//
// It does not know what a fact means, nor why a function failed: its log says so.
package ledger
