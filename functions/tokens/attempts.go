package tokens

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// How many failures are allowed in a window, for one account and from one address. An
// office behind one address has many accounts, so the second is larger.
const (
	accountFailures = 10
	addressFailures = 100
	window          = 15 * time.Minute
)

const attemptsCollection = "attempts"

// attempts counts failed sign-ins, in the database, so that the limit holds across
// all instances.
type attempts struct {
	db  *docdb.DB
	now config.Clock
}

// failures is what is kept per account and per address. Names are hashed: the
// collection shows neither who nor from where.
type failures struct {
	Count int       `json:"count"`
	Until time.Time `json:"until"` // when the window ends
}

// guard runs try unless there were too many failures, and counts it if the
// credentials are wrong. An empty account counts for the address only.
func (a attempts) guard(ctx context.Context, account string, try func() error) error {
	keys := []docdb.Key{attemptKey("address", serve.Address(ctx))}
	limits := []int{addressFailures}
	if account != "" {
		keys = append(keys, attemptKey("account", strings.ToLower(strings.TrimSpace(account))))
		limits = append(limits, accountFailures)
	}
	if err := a.allow(ctx, keys, limits); err != nil {
		return err
	}
	err := try()
	if fault.Is(err, fault.Unauthenticated) {
		if counted := a.count(ctx, keys); counted != nil {
			return counted
		}
	}
	return err
}

// How many links to choose a password are sent in a window: to one account, and for one
// address that asks.
const (
	accountResets = 5
	addressResets = 50
)

// spend counts a wish for a link, and refuses it if there were too many. It counts alike
// whether or not there is such an account.
func (a attempts) spend(ctx context.Context, account string) error {
	keys := []docdb.Key{
		attemptKey("reset for address", serve.Address(ctx)),
		attemptKey("reset of account", strings.ToLower(strings.TrimSpace(account))),
	}
	if err := a.allow(ctx, keys, []int{addressResets, accountResets}); err != nil {
		return err
	}
	return a.count(ctx, keys)
}

func attemptKey(kind, name string) docdb.Key {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return docdb.Key{Collection: attemptsCollection, ID: hex.EncodeToString(sum[:])}
}

// allow refuses when one of the counts has reached its limit.
func (a attempts) allow(ctx context.Context, keys []docdb.Key, limits []int) error {
	recs, err := a.db.Read(ctx, keys...)
	if err != nil {
		return err
	}
	for i, r := range recs {
		f, err := a.decode(r)
		if err != nil {
			return err
		}
		if f.Count >= limits[i] {
			e := fault.New(fault.TooMany, "too_many_attempts", "Too many attempts. Please wait a while, then try again.")
			e.Retry = f.Until.Sub(a.now())
			return e
		}
	}
	return nil
}

// count adds a failure to each of the keys.
func (a attempts) count(ctx context.Context, keys []docdb.Key) error {
	return a.db.Run(ctx, func(tx *docdb.Tx) error {
		recs, err := tx.Read(ctx, keys...)
		if err != nil {
			return err
		}
		for i, r := range recs {
			f, err := a.decode(r)
			if err != nil {
				return err
			}
			f.Count++
			if err := tx.PutUntil(keys[i], f, f.Until.Add(window)); err != nil {
				return err
			}
		}
		return nil
	})
}

// decode reads a count; one whose window is over starts anew.
func (a attempts) decode(r docdb.Record) (failures, error) {
	var f failures
	if r.Exists() {
		if err := docdb.Decode(r, &f); err != nil {
			return f, err
		}
	}
	if now := a.now(); !f.Until.After(now) {
		f = failures{Until: now.Add(window)}
	}
	return f, nil
}
