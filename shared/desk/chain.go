package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"time"

	"ticketsystem.example/shared/docdb"
)

// The history of a ticket is a chain: each act holds the hash of the one before it and its
// own, and the ticket holds that of its latest. So an act can't be changed, taken away or
// put in without every later one showing it. Package ledger seals each day's acts and
// verifies chains; see decision 082.

// hashField is the field of a stored act that holds its hash.
const hashField = "hash"

// chained gives an act its place in the ticket's chain and returns it as it is stored. It
// reads nothing: the ticket knows where its chain ends.
func (w *work) chained(a Act) (docdb.Fields, error) {
	a.Prev = w.before.Chain
	fields, err := docdb.Encode(a)
	if err != nil {
		return nil, err
	}
	w.ticket.Chain, err = HashOf(fields)
	fields[hashField] = w.ticket.Chain
	return fields, err
}

// HashOf is the hash of a stored act: SHA-256, in hex, of its JSON with sorted names and
// without the hash itself. It covers every field that is stored, known here or not.
func HashOf(act docdb.Fields) (string, error) {
	rest := maps.Clone(act)
	delete(rest, hashField)
	data, err := docdb.Marshal(rest)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), err
}

// StoredActs are acts of every ticket as they are stored, by id, each ticket's in order,
// from the one after the given id on. Like Acts it is for our own functions.
func (d *Desk) StoredActs(ctx context.Context, after string, limit int) ([]docdb.Record, error) {
	q := docdb.Query{Collection: acts, Limit: limit}
	if after != "" {
		q.After = []any{after}
	}
	return d.DB.Query(ctx, q)
}

// ActsBetween are acts as they are stored, by their time, from one moment until before
// another, and the place after them to go on from.
func (d *Desk) ActsBetween(ctx context.Context, from, until time.Time, after []any, limit int) ([]docdb.Record, []any, error) {
	q := docdb.Query{
		Collection: acts,
		Where: []docdb.Where{
			{Field: "at", Cmp: docdb.MoreEqual, Value: docdb.Stamp(from)},
			{Field: "at", Cmp: docdb.Less, Value: docdb.Stamp(until)},
		},
		Order: []docdb.Order{{Field: "at"}},
		After: after,
		Limit: limit,
	}
	recs, err := d.DB.Query(ctx, q)
	if err != nil || len(recs) == 0 {
		return nil, after, err
	}
	return recs, q.Cursor(recs[len(recs)-1]), nil
}

// Head is where a ticket's chain ends, as the ticket says.
type Head struct {
	Ticket  TicketID
	Version int64
	Chain   string // "" for a ticket that no act was chained to
}

// Heads are the heads of tickets by id, from the one after the given id on.
func (d *Desk) Heads(ctx context.Context, after TicketID, limit int) ([]Head, error) {
	q := docdb.Query{Collection: tickets, Limit: limit}
	if after != "" {
		q.After = []any{string(after)}
	}
	recs, err := d.DB.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	return headsOf(recs), nil
}

// HeadOf is the head of one ticket; its Version is 0 if there is no such ticket.
func (d *Desk) HeadOf(ctx context.Context, id TicketID) (Head, error) {
	recs, err := d.DB.Read(ctx, ticketKey(id))
	if err != nil {
		return Head{}, err
	}
	return headsOf(recs)[0], nil
}

func headsOf(recs []docdb.Record) []Head {
	out := make([]Head, len(recs))
	for i, r := range recs {
		out[i].Ticket = TicketID(r.Key.ID)
		out[i].Version, _ = r.Fields["version"].(int64)
		out[i].Chain, _ = r.Fields["chain"].(string)
	}
	return out
}

// HasActs reports for each of some tickets whether the act that made the version is there.
func (d *Desk) HasActs(ctx context.Context, heads []Head, version func(Head) int64) ([]bool, error) {
	keys := make([]docdb.Key, len(heads))
	for i, h := range heads {
		keys[i] = docdb.Key{Collection: acts, ID: actID(h.Ticket, version(h))}
	}
	recs, err := d.DB.Read(ctx, keys...)
	out := make([]bool, len(recs))
	for i, r := range recs {
		out[i] = r.Exists()
	}
	return out, err
}
