package desk

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Audit is one entry of the admin audit: who changed what of the desk itself (its tree,
// its people, its settings), with the value before and after. Entries are only ever
// added, in the transaction of the change, so there is no change without its entry and
// no entry without its change. What tickets go through is in their history instead.
type Audit struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Actor     PersonID  `json:"actor"`
	ActorName string    `json:"actor_name"`
	Kind      string    `json:"kind"`    // what was done, e.g. "department.changed"
	Subject   string    `json:"subject"` // what it was done to, e.g. "department:network"
	Before    string    `json:"before"`  // JSON; "null" for what is new
	After     string    `json:"after"`   // JSON; "null" for what is gone
}

// Audits are the entries' filters; an empty one asks for nothing.
type Audits struct {
	Actor   PersonID
	Kind    string
	Subject string
}

// auditIndexes let the audit be narrowed by any of its filters, or several.
func auditIndexes() []docdb.Index {
	return []docdb.Index{
		docdb.On(audits, "actor", "at desc"),
		docdb.On(audits, "kind", "at desc"),
		docdb.On(audits, "subject", "at desc"),
	}
}

// MaxAudited is how many bytes of JSON an entry keeps of each value: with both, it still
// fits into a document.
const MaxAudited = 200_000

// audit adds an entry to the admin audit, as part of tx. before and after are nil where
// there was nothing, or is nothing any more; they must hold no secrets.
func (d *Desk) audit(tx *docdb.Tx, a Actor, kind, subject string, before, after any) error {
	e := Audit{ID: d.NewID(), At: d.moment(), Actor: a.ID, ActorName: a.Name, Kind: kind, Subject: subject}
	var err error
	if e.Before, err = audited(before); err != nil {
		return err
	}
	if e.After, err = audited(after); err != nil {
		return err
	}
	return tx.Create(docdb.Key{Collection: audits, ID: e.ID}, e)
}

// Audit is audit for other packages: a change of the desk's settings calls it in the
// transaction that makes it.
func (d *Desk) Audit(tx *docdb.Tx, a Actor, kind, subject string, before, after any) error {
	return d.audit(tx, a, kind, subject, before, after)
}

// audited is a value as an entry keeps it. A change that is too large to be kept is
// refused: nothing changes unaudited.
func audited(v any) (string, error) {
	data, err := docdb.Marshal(v)
	if err == nil && len(data) > MaxAudited {
		return "", fault.Bad("body", "This is more than one change may say. Make it in several.")
	}
	return string(data), err
}

// Values are the entry's values before and after, as JSON.
func (e Audit) Values() (before, after jsontext.Value) {
	return jsontext.Value(e.Before), jsontext.Value(e.After)
}

// ListAudits lists the admin audit, newest first, to those who may read it.
func (d *Desk) ListAudits(ctx context.Context, a Actor, f Audits, page Page) ([]Audit, string, error) {
	if err := AllowAdmin(a, AuditRead); err != nil {
		return nil, "", err
	}
	q := docdb.Query{Collection: audits, Order: []docdb.Order{{Field: "at", Desc: true}}}
	for _, w := range []struct{ field, value string }{{"actor", string(f.Actor)}, {"kind", f.Kind}, {"subject", f.Subject}} {
		if w.value != "" {
			q.Where = append(q.Where, docdb.Where{Field: w.field, Cmp: docdb.Equal, Value: w.value})
		}
	}
	return Find[Audit](ctx, d.DB, q, page)
}

// AllowAdmin returns nil if the actor may do what concerns the desk and no ticket, or
// Forbidden.
func AllowAdmin(a Actor, do Action) error {
	if May(a, do, nil) {
		return nil
	}
	return fault.New(fault.Forbidden, "not_allowed", "Only administrators may do that (%s).", do)
}
