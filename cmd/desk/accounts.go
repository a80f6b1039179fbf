package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/internal/script"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
)

// accountsAtOnce is how many accounts are made at the same time.
const accountsAtOnce = 8

// ensureAccounts makes the accounts that are missing, and brings the others' claims
// up to date.
func (l *loader) ensureAccounts(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(accountsAtOnce)
	for _, p := range l.people {
		group.Go(func() error {
			if err := patiently(ctx, func() error { return l.ensureAccount(ctx, p) }); err != nil {
				return fmt.Errorf("account %s: %w", p.Email, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// ensureAccount sets the password only where it is another one, because setting it
// signs the person out everywhere.
func (l *loader) ensureAccount(ctx context.Context, p desk.Person) error {
	a := accountOf(p)
	switch _, err := l.accounts.SignIn(ctx, p.Email, script.DemoPassword); {
	case fault.Is(err, fault.Unauthenticated):
		a.Password = script.DemoPassword
	case err != nil:
		return err
	}
	return l.accounts.Ensure(ctx, a)
}

// accountOf is a person's account, without a password.
func accountOf(p desk.Person) identity.Account {
	a := identity.Account{UID: string(p.ID), Email: p.Email, Name: p.Name, Role: string(p.Role), Disabled: p.Disabled, EmailVerified: true}
	for _, d := range p.Departments {
		a.Departments = append(a.Departments, string(d))
	}
	return a
}
