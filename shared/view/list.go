package view

import (
	"cmp"
	"context"
	"slices"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Show returns a view that is the actor's own or shared with them.
func Show(ctx context.Context, r docdb.Reader, a desk.Actor, id string) (View, error) {
	if !desk.ValidID(id) {
		return View{}, fault.Missing("view")
	}
	v, err := docdb.Get[View](ctx, r, viewKey(id))
	if fault.Is(err, fault.NotFound) || err == nil && !v.sees(a) {
		return View{}, fault.Missing("view")
	}
	return v, err
}

// List returns the actor's own views and those that are shared with them, by name. There
// are MaxViews of the one and MaxShared of the other at most.
func List(ctx context.Context, d *desk.Desk, a desk.Actor) ([]View, error) {
	own, err := docdb.Find[View](ctx, d.DB, docdb.Query{
		Collection: views, Where: []docdb.Where{{Field: "owner", Cmp: docdb.Equal, Value: string(a.ID)}}, Limit: MaxViews,
	})
	if err != nil {
		return nil, err
	}
	names := []any{}
	for _, p := range principals(a) {
		names = append(names, p)
	}
	shared, err := docdb.Find[View](ctx, d.DB, docdb.Query{
		Collection: views, Where: []docdb.Where{{Field: "audience", Cmp: docdb.ContainsAny, Value: names}}, Limit: MaxShared,
	})
	if err != nil {
		return nil, err
	}
	all := append(own, slices.DeleteFunc(shared, func(v View) bool { return v.Owner == a.ID })...)
	slices.SortFunc(all, func(x, y View) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return all, nil
}
