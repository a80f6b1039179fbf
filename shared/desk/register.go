package desk

import (
	"context"
	"strings"

	"ticketsystem.example/shared/docdb"
)

// Registration is what somebody says who makes an account for themselves.
type Registration struct {
	Name   string
	Email  string
	Locale string
	Zone   string
}

// Register adds somebody who comes by themselves. They are a user, whatever they say, and
// act only once they have shown that the address is theirs. fault.Conflict, email_taken,
// means that somebody has the address; whoever asks must not learn that.
//
// The account follows by the fact as well, without a password, in case that whoever called
// dies before making it.
func (d *Desk) Register(ctx context.Context, r Registration, opt Options) (Person, error) {
	var out Person
	id := PersonID(d.NewID())
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		out = Person{
			ID: id, Name: r.Name, Email: strings.ToLower(strings.TrimSpace(r.Email)), Role: RoleUser, Locale: r.Locale, Zone: r.Zone,
			Present: true, Registered: true, Version: 1, CreatedAt: d.moment(), UpdatedAt: d.moment(),
		}
		out.tidy()
		return first(
			func() error { return d.fits(ctx, tx, &out) },
			func() error { return d.free(ctx, tx, out.Email) },
			func() error { return claim(tx, &out) },
			func() error { return tx.Create(personKey(id), out) },
			func() error { return tx.Create(agentKey(id), out.agent(0)) },
			func() error { return d.followed(tx, out.Actor(), opt, &out, PersonFact{}) },
		)
	})
	return out, err
}
