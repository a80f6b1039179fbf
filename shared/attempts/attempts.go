// Package attempts bounds what strangers may try: passwords, and mail that they have sent.
//
// It counts in the database, so that a limit holds across all instances, for each account
// and for the network address that asks. An office behind one address has many accounts,
// so the address may do more. What is stored, attempts, is named by digests and shows
// neither who nor from where.
//
//	err := book.Guard(ctx, serve.Address(ctx), email, func() error { return signIn(email, password) })
//	err := book.Spend(ctx, "reset", serve.Address(ctx), email)
//
// It does not know what is tried, and requests of people who are signed in are bounded
// elsewhere.
package attempts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// How many failures are allowed in a window, for one account and from one address.
const (
	accountFailures = 10
	addressFailures = 100
	window          = 15 * time.Minute
)

const collection = "attempts"

// Book counts attempts.
type Book struct {
	DB  *docdb.DB
	Now func() time.Time
}

// failures is what is kept per account and per address.
type failures struct {
	Count int       `json:"count"`
	Until time.Time `json:"until"` // when the window ends
}

// Guard runs try unless there were too many failures, and counts it if the
// credentials are wrong. An empty account counts for the address only.
func (a Book) Guard(ctx context.Context, address, account string, try func() error) error {
	keys := []docdb.Key{attemptKey("address", address)}
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

// How many mails are sent in a window: to one account, and for one address that asks.
const (
	accountMails = 5
	addressMails = 50
)

// Spend counts a wish for a mail of a kind ("reset"), and refuses it if there were too
// many. It counts alike whether or not there is such an account.
func (a Book) Spend(ctx context.Context, kind, address, account string) error {
	keys := []docdb.Key{
		attemptKey(kind+" for address", address),
		attemptKey(kind+" of account", strings.ToLower(strings.TrimSpace(account))),
	}
	if err := a.allow(ctx, keys, []int{addressMails, accountMails}); err != nil {
		return err
	}
	return a.count(ctx, keys)
}

func attemptKey(kind, name string) docdb.Key {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return docdb.Key{Collection: collection, ID: hex.EncodeToString(sum[:])}
}

// allow refuses when one of the counts has reached its limit.
func (a Book) allow(ctx context.Context, keys []docdb.Key, limits []int) error {
	recs, err := a.DB.Read(ctx, keys...)
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
			e.Retry = f.Until.Sub(a.Now())
			return e
		}
	}
	return nil
}

// count adds a failure to each of the keys.
func (a Book) count(ctx context.Context, keys []docdb.Key) error {
	return a.DB.Run(ctx, func(tx *docdb.Tx) error {
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
func (a Book) decode(r docdb.Record) (failures, error) {
	var f failures
	if r.Exists() {
		if err := docdb.Decode(r, &f); err != nil {
			return f, err
		}
	}
	if now := a.Now(); !f.Until.After(now) {
		f = failures{Until: now.Add(window)}
	}
	return f, nil
}
