package ledger

import (
	"context"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Filter narrows a list of dead letters; an empty field asks for nothing.
type Filter struct {
	Consumer string // a function's name
	State    event.LetterState
}

// Letters lists dead letters, newest first.
func Letters(ctx context.Context, d *desk.Desk, a desk.Actor, f Filter, page desk.Page) ([]event.DeadLetter, string, error) {
	if err := desk.AllowAdmin(a, desk.LedgerKeep); err != nil {
		return nil, "", err
	}
	q := docdb.Query{Collection: event.DeadLetterCollection, Order: []docdb.Order{{Field: "at", Desc: true}}}
	for _, w := range []struct{ field, value string }{{"consumer", f.Consumer}, {"state", string(f.State)}} {
		if w.value != "" {
			q.Where = append(q.Where, docdb.Where{Field: w.field, Cmp: docdb.Equal, Value: w.value})
		}
	}
	return desk.Find[event.DeadLetter](ctx, d.DB, q, page)
}

// Letter shows one dead letter.
func Letter(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (event.DeadLetter, error) {
	if err := desk.AllowAdmin(a, desk.LedgerKeep); err != nil {
		return event.DeadLetter{}, err
	}
	return letter(ctx, d.DB, id)
}

func letterKey(id string) docdb.Key {
	return docdb.Key{Collection: event.DeadLetterCollection, ID: id}
}

func letter(ctx context.Context, r docdb.Reader, id string) (event.DeadLetter, error) {
	if !desk.ValidID(id) {
		return event.DeadLetter{}, fault.Missing("dead letter")
	}
	l, err := docdb.Get[event.DeadLetter](ctx, r, letterKey(id))
	if fault.Is(err, fault.NotFound) {
		return l, fault.Missing("dead letter")
	}
	return l, err
}

// Redrive sends the fact of a dead letter to the function that failed, once more. The
// letter, the fact in the outbox and the entry of the admin audit are one transaction. A
// letter that was redriven stays as it is: if it fails again, there is a new one.
func Redrive(ctx context.Context, d *desk.Desk, a desk.Actor, id string) (event.DeadLetter, error) {
	if err := desk.AllowAdmin(a, desk.LedgerKeep); err != nil {
		return event.DeadLetter{}, err
	}
	var l event.DeadLetter
	err := d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		if l, err = letter(ctx, tx, id); err != nil || l.State == event.LetterRedriven {
			return err
		}
		e, err := Fact(l)
		if err != nil {
			return err
		}
		if err := event.Again(tx, e, l.Consumer); err != nil {
			return err
		}
		before := l.State
		l.State, l.RedrivenAt, l.RedrivenBy = event.LetterRedriven, d.Now(), string(a.ID)
		if err := d.Audit(tx, a, "dead_letter.redriven", "dead_letter:"+id, before, l.State); err != nil {
			return err
		}
		return tx.Put(letterKey(id), l)
	})
	return l, err
}

// Fact is the event that a dead letter holds; it is a conflict where there is none that
// could be sent again.
func Fact(l event.DeadLetter) (event.Event, error) {
	e, err := event.Decode([]byte(l.Payload))
	if err != nil || l.Consumer == "" {
		return e, fault.New(fault.Conflict, "not_redrivable", "This dead letter holds no fact that could be sent again: the payload is not one of ours. A file that could not be checked has to be attached again.")
	}
	return e, nil
}
