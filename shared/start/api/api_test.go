package api

import (
	"context"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
)

// bearer is a verifier of one token, which says this.
type bearer identity.Token

func (b bearer) Verify(context.Context, string) (identity.Token, error) {
	return identity.Token(b), nil
}

func TestWhoRegisteredActsWithTheAddressThatTheyShowed(t *testing.T) {
	d := desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()), func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) })
	if err := d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}); err != nil {
		t.Fatal(err)
	}
	kim, err := d.Register(t.Context(), desk.Registration{Name: "Kim", Email: "Kim@demo.example", Locale: "en", Zone: "UTC"}, desk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SavePerson(t.Context(), desk.Person{ID: "nora", Name: "Nora", Email: "nora@demo.example", Role: desk.RoleUser, Zone: "UTC", Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		token identity.Token
		code  string
	}{
		{"an address that nobody showed", identity.Token{UID: string(kim.ID), Email: "kim@demo.example"}, "email_unverified"},
		{"another address than they registered with", identity.Token{UID: string(kim.ID), Email: "spy@demo.example", EmailVerified: true}, "email_unverified"},
		{"no address", identity.Token{UID: string(kim.ID), EmailVerified: true}, "email_unverified"},
		{"theirs", identity.Token{UID: string(kim.ID), Email: "KIM@demo.example", EmailVerified: true}, ""},
		{"somebody whom an administrator added", identity.Token{UID: "nora"}, ""},
		{"nobody", identity.Token{UID: "nobody", EmailVerified: true}, "no_account"},
	} {
		a, err := newAccounts(bearer(c.token), d).Actor(t.Context(), "token")
		if c.code == "" {
			if err != nil || string(a.ID) != c.token.UID || a.Role != desk.RoleUser {
				t.Errorf("%s: %+v, %v", c.what, a, err)
			}
			continue
		}
		if f, ok := err.(*fault.Error); !ok || f.Code != c.code || f.Kind != fault.Forbidden {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
