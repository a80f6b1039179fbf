// Package effects is the table of what each function owes to the facts it takes: the
// marker by which the ledger confirms that a fact had its effect.
//
// It is apart from package start, because it links all domains, which only the functions
// that reconcile and cmd/desk need. internal/contract holds it against the catalogue.
package effects

import (
	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/automation"
	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/view"
)

// All has a row for each function of the catalogue that takes facts.
var All = []ledger.Effect{
	{Consumer: routing.Consumer, Kinds: routing.Kinds},
	{Consumer: notification.Consumer, Kinds: notification.Kinds, Marker: notification.Marker},
	{Consumer: analytics.Consumer, Kinds: analytics.Kinds, Marker: analytics.Marker},
	{Consumer: view.Consumer, Kinds: view.Kinds, Marker: view.Marker},
	{Consumer: desk.Mover, Kinds: desk.Moves},
	{Consumer: bulk.Consumer, Kinds: bulk.Kinds},
	{Consumer: desk.Accounts, Kinds: desk.Followed},
	{Consumer: delivery.Consumer, Kinds: delivery.Kinds},
	{Consumer: inbound.Consumer, Kinds: inbound.Kinds},
	{Consumer: automation.Consumer, Kinds: automation.Kinds},
}
