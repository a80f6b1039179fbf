package desk

import (
	"context"
	"strings"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// PersonAt is the one person who has an e-mail address. An address that two have is
// nobody's: what comes from it can't be said to be of either.
func (d *Desk) PersonAt(ctx context.Context, email string) (Person, error) {
	found, err := docdb.Find[Person](ctx, d.DB, docdb.Query{
		Collection: people, Limit: 2,
		Where: []docdb.Where{{Field: "email", Cmp: docdb.Equal, Value: strings.ToLower(email)}},
	})
	if err != nil {
		return Person{}, err
	}
	if len(found) != 1 {
		return Person{}, fault.Missing("person")
	}
	return found[0], nil
}

// Introduce adds whoever wrote to the desk as a requester, or returns the person who has
// the address by now. They get no account and no invitation: an address in a mail is only
// a claim, and an invitation to everybody whose address somebody claims would be spam.
func (d *Desk) Introduce(ctx context.Context, a Actor, name, email string) (Person, error) {
	if a.Role != RoleRobot {
		return Person{}, fault.New(fault.Forbidden, "not_allowed", "Only the desk itself does that.")
	}
	out := Person{
		ID: PersonID(d.NewID()), Name: name, Email: strings.ToLower(email), Role: RoleUser, Locale: "en", Zone: "UTC",
		Version: 1, CreatedAt: d.moment(), UpdatedAt: d.moment(),
	}
	out.tidy()
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		return first(
			func() error { return d.fits(ctx, tx, &out) },
			func() error { return d.free(ctx, tx, out.Email) },
			func() error { return d.audit(tx, a, "person.added", "person:"+string(out.ID), nil, out) },
			func() error { return claim(tx, &out) },
			func() error { return tx.Create(personKey(out.ID), out) },
			func() error { return tx.Create(agentKey(out.ID), out.agent(0)) },
		)
	})
	if fault.Is(err, fault.Conflict) { // somebody was faster
		return d.PersonAt(ctx, email)
	}
	return out, err
}

// TakesFile reports whether a file of that name and type may be attached.
func (d *Desk) TakesFile(name, kind string, size int) error {
	_, err := d.fileTypes().check(name, kind)
	return fault.Join(err, check(size >= 1 && size <= MaxFileSize, "size", "A file has 1 byte to %d MB.", MaxFileSize>>20))
}

// TypeOf is the media type that may be attached under a name with such an ending, "" for
// none.
func (d *Desk) TypeOf(ending string) string {
	found := ""
	for kind, endings := range d.fileTypes() {
		if contains(endings, strings.ToLower(ending)) && (found == "" || kind < found) {
			found = kind
		}
	}
	return found
}
