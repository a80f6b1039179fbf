package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Seal is the root of one day's acts: a hash over the root of the day before and the hash
// of each act, by time. Whoever keeps a root elsewhere can prove that nothing before it
// was changed since, not even by somebody who could write everything here.
type Seal struct {
	Day  string `json:"day"`  // UTC, as in 2026-11-23
	Prev string `json:"prev"` // root of the day before; none for the first
	Root string `json:"root"`
	Acts int64  `json:"acts"`
}

// sealer is how far sealing is.
type sealer struct {
	Since time.Time `json:"since"` // when sealing began
	Seal  Seal      `json:"seal"`  // of the day that is being sealed, so far
	After []any     `json:"after"` // the last act in it
}

const seals = "seals"

// How sealing works: a day is sealed once no function can still write an act of it.
const (
	sealPage  = 300
	sealAfter = time.Hour
)

var sealerKey = docdb.Key{Collection: ledgers, ID: "sealer"}

func sealKey(day string) docdb.Key { return docdb.Key{Collection: seals, ID: day} }

// SealDays seals all days that have ended, from the first act on, a page of acts at a time,
// and goes on where it was cut off. It returns how many it finished. When nothing is to be
// sealed it costs one read.
func SealDays(ctx context.Context, d *desk.Desk) (finished int, err error) {
	for ctx.Err() == nil {
		s, err := readSealer(ctx, d)
		if err != nil || s.Since.IsZero() {
			return finished, err
		}
		end := s.end()
		if d.Now().Before(end.Add(sealAfter)) {
			return finished, nil
		}
		recs, after, err := d.ActsBetween(ctx, end.AddDate(0, 0, -1), end, s.After, sealPage)
		if err != nil {
			return finished, err
		}
		next := sealer{Since: s.Since, Seal: s.Seal, After: after}
		if err := next.Seal.add(recs); err != nil {
			return finished, err
		}
		done := len(recs) < sealPage
		if err := next.keep(ctx, d, s, done); err != nil {
			return finished, err
		}
		if done {
			finished++
		}
	}
	return finished, ctx.Err()
}

// readSealer is how far sealing is; where it has not begun, the day of the first act. Its
// Since is zero while there is nothing to seal.
func readSealer(ctx context.Context, d *desk.Desk) (sealer, error) {
	s, err := docdb.Get[sealer](ctx, d.DB, sealerKey)
	if !fault.Is(err, fault.NotFound) {
		return s, err
	}
	first, _, err := d.ActsBetween(ctx, time.Unix(0, 0), d.Now().Add(time.Hour), nil, 1)
	if err != nil || len(first) == 0 {
		return sealer{}, err
	}
	at, _ := first[0].Fields["at"].(string)
	day, err := time.Parse(docdb.TimeFormat, at)
	if err != nil {
		return sealer{}, err
	}
	return sealer{Since: d.Now().UTC(), Seal: begin(day, "")}, nil
}

// begin is the seal of a day before its first act.
func begin(day time.Time, prev string) Seal {
	name := day.Format(time.DateOnly)
	return Seal{Day: name, Prev: prev, Root: rootOf(prev, name)}
}

func rootOf(before, next string) string {
	sum := sha256.Sum256([]byte(before + "\n" + next))
	return hex.EncodeToString(sum[:])
}

// add takes more acts into the root.
func (s *Seal) add(recs []docdb.Record) error {
	for _, r := range recs {
		hash, err := desk.HashOf(r.Fields)
		if err != nil {
			return err
		}
		s.Root = rootOf(s.Root, hash)
		s.Acts++
	}
	return nil
}

// end is when the day ends.
func (s sealer) end() time.Time {
	day, _ := time.Parse(time.DateOnly, s.Seal.Day) // written by begin
	return day.AddDate(0, 0, 1)
}

// keep writes how far sealing is, unless somebody else came further meanwhile; with the
// last page of a day its seal, once and for all.
func (s sealer) keep(ctx context.Context, d *desk.Desk, before sealer, done bool) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		now, err := docdb.Get[sealer](ctx, tx, sealerKey)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil && now.Seal != before.Seal {
			return nil
		}
		next := s
		if done {
			if err := tx.Create(sealKey(s.Seal.Day), s.Seal); err != nil {
				return err
			}
			next = sealer{Since: s.Since, Seal: begin(s.end(), s.Seal.Root)}
		}
		return tx.Put(sealerKey, next)
	})
}
