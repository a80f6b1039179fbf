package routing

import (
	"context"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Versions lists what was trained, newest first, and the name of the one that routes.
// Those who may see the audit may see it.
func Versions(ctx context.Context, d *desk.Desk, a desk.Actor, page desk.Page) ([]Version, string, error) {
	if err := desk.Allow(a, desk.AuditRead, nil); err != nil {
		return nil, "", err
	}
	return desk.Find[Version](ctx, d.DB, docdb.Query{Collection: routers, Order: []docdb.Order{{Field: "created_at", Desc: true}}}, page)
}

// Promote lets a model route, whatever the gate thinks: the shadow, or one that routed
// before.
func Promote(ctx context.Context, d *desk.Desk, name string) error {
	return promote(ctx, d, name, "An operator promoted it.", Score{})
}

// Rollback lets the model route that did before, or none if there was none.
func Rollback(ctx context.Context, d *desk.Desk) (string, error) {
	s, err := stand(ctx, d)
	if err != nil {
		return "", err
	}
	if s.Current == "" {
		return "", fault.New(fault.Conflict, "no_router", "No model routes, so there is nothing to take back.")
	}
	return s.Previous, promote(ctx, d, s.Previous, "An operator went back to it.", Score{})
}

// promote makes a model the current one, or none for "".
func promote(ctx context.Context, d *desk.Desk, name, verdict string, live Score) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		s, err := standIn(ctx, tx)
		if err != nil || s.Current == name {
			return err
		}
		if name != "" {
			if err := judge(ctx, tx, name, Current, verdict, live); err != nil {
				return err
			}
		}
		if s.Current != "" {
			if err := judge(ctx, tx, s.Current, Retired, "Another one routes.", Score{}); err != nil {
				return err
			}
		}
		if s.Shadow == name {
			s.Shadow = ""
		}
		s.Previous, s.Current = s.Current, name
		return tx.Put(standingKey, s)
	})
}

// reject gives the shadow up.
func reject(ctx context.Context, d *desk.Desk, name, verdict string, live Score) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		s, err := standIn(ctx, tx)
		if err != nil || s.Shadow != name {
			return err
		}
		if err := judge(ctx, tx, name, Rejected, verdict, live); err != nil {
			return err
		}
		s.Shadow = ""
		return tx.Put(standingKey, s)
	})
}

// judge writes what became of a model.
func judge(ctx context.Context, tx *docdb.Tx, name string, state State, verdict string, live Score) error {
	v, err := docdb.Get[Version](ctx, tx, versionKey(name))
	if err != nil {
		return err
	}
	if state == Current && v.Parts == 0 {
		return fault.New(fault.Conflict, "no_file", "This model was rejected at once, and its file was not kept.")
	}
	if live.Tickets > 0 {
		v.Live = live
	}
	v.State, v.Verdict = state, verdict
	return tx.Put(versionKey(name), v)
}
