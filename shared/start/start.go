// Package start puts a function together: configuration, database, desk, edge. It is
// what a function's init calls, and the only place besides cmd that knows both the
// edge and the database.
//
// Nothing is opened in init: a function is built at its first request. Package entry
// does that, for functions without a database too.
//
// Functions that verify people use start/api; it is apart because Firebase's SDK
// weighs as much as all the rest, and event functions don't need it.
package start

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/entry"
	"ticketsystem.example/shared/view"
)

// Indexes are the composite indexes of all packages; Pulumi creates exactly these.
func Indexes() []docdb.Index {
	var all []docdb.Index
	for _, list := range [][]docdb.Index{desk.Indexes(), notification.Indexes(), view.Indexes(), bulk.Indexes(), inbound.Indexes(), event.Indexes()} {
		all = append(all, list...)
	}
	return all
}

// Desk opens the desk over Firestore.
func Desk(cfg config.Config) (*desk.Desk, error) {
	store, err := firestore.Open(cfg)
	if err != nil {
		return nil, err
	}
	return desk.New(docdb.Open(store, Indexes()), cfg.Clock()), nil
}

// Event registers a function that acts on facts. handle must be safe to repeat.
func Event(name, consumer string, kinds []string, handle func(context.Context, *desk.Desk, event.Event) error) {
	entry.Function(name, func(cfg config.Config) (http.Handler, error) {
		d, err := Desk(cfg)
		if err != nil {
			return nil, err
		}
		return Consumer(cfg, d, consumer, kinds, func(ctx context.Context, e event.Event) error { return handle(ctx, d, e) }), nil
	})
}

// Consumer is what takes facts for a function that needs more than the desk to be built.
func Consumer(cfg config.Config, d *desk.Desk, name string, kinds []string, handle func(context.Context, event.Event) error) http.Handler {
	return serve.Consumer{
		Name: name, Kinds: kinds, Now: d.Now, Handle: handle,
		Bury: func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, d.DB, l) },
		Wake: invoke.NewRelay(cfg),
	}
}
