package desk

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// requestAge is how long a repeated request is recognised, at least.
const requestAge = 48 * time.Hour

// outcome is what a request led to, kept under its id.
type outcome struct {
	Fingerprint string    `json:"fingerprint"`
	Result      string    `json:"result"` // stored JSON of the result
	At          time.Time `json:"at"`
}

// repeatable runs fn in a transaction. With a request it also records *result under
// the request's id in the same transaction; when that request has been done before,
// nothing is done and *result is the first outcome. The same id with another content
// is refused.
func (d *Desk) repeatable(ctx context.Context, r *Request, result any, fn func(*docdb.Tx) error) error {
	if r == nil {
		return d.DB.Run(ctx, fn)
	}
	key := docdb.Key{Collection: requests, ID: r.ID}
	before, err := d.DB.RunUnless(ctx, key, func(tx *docdb.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		data, err := docdb.Marshal(result)
		if err != nil {
			return err
		}
		now := d.moment()
		return tx.CreateUntil(key, outcome{r.Fingerprint, string(data), now}, now.Add(max(r.Keep, requestAge)))
	})
	if err != nil || !before.Exists() {
		return err
	}
	var o outcome
	if err := docdb.Decode(before, &o); err != nil {
		return err
	}
	if o.Fingerprint != r.Fingerprint {
		return fault.New(fault.KeyReuse, "key_reuse", "This Idempotency-Key was used for a different request. Use a new key for a new request.")
	}
	r.Replayed = true
	return docdb.Unmarshal([]byte(o.Result), result)
}

// Repeatable is how other packages' use cases honour an Idempotency-Key: see repeatable.
func (d *Desk) Repeatable(ctx context.Context, r *Request, result any, fn func(*docdb.Tx) error) error {
	return d.repeatable(ctx, r, result, fn)
}
