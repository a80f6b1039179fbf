// Package api puts an HTTP function together: what package start does, and the
// verification of people.
package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

// Routes adds a function's operations to its API.
type Routes func(*serve.API, *desk.Desk)

// Function registers an HTTP function whose operations need a signed-in person. What it
// needs beside the database is added to its desk by prepare.
func Function(name string, routes Routes, prepare ...func(config.Config, *desk.Desk) error) {
	entry.Function(name, func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		for _, add := range prepare {
			if err := add(cfg, d); err != nil {
				return nil, err
			}
		}
		a := serve.NewAPI("Ticket System")
		routes(a, d)
		auth := newAccounts(identity.Cached(identity.Open(cfg), time.Now, tokenAge), d)
		limits := serve.NewLimits(cfg.PerPerson, cfg.PerAddress, cfg.Clock())
		return serve.Guard{API: a, Auth: auth, Wake: invoke.NewRelay(cfg), Hops: cfg.ClientIPHops, Limits: limits, Origins: cfg.Origins()}, nil
	})
}

// How long an instance believes what it has looked up. A demotion or a disabled
// account bites within the larger of the two, well below the promised 60 s.
const (
	tokenAge  = 30 * time.Second
	personAge = 20 * time.Second
)

// accounts turns tokens into actors: the token says who, the person's document says
// what they may do.
type accounts struct {
	verify identity.Verifier
	desk   *desk.Desk
	people *expirable.LRU[desk.PersonID, desk.Person]
}

// peopleCached bounds the memory of an instance.
const peopleCached = 10_000

func newAccounts(v identity.Verifier, d *desk.Desk) *accounts {
	return &accounts{verify: v, desk: d, people: expirable.NewLRU[desk.PersonID, desk.Person](peopleCached, nil, personAge)}
}

// Actor implements serve.Authenticator.
func (a *accounts) Actor(ctx context.Context, token string) (desk.Actor, error) {
	t, err := a.verify.Verify(ctx, token)
	if err != nil {
		return desk.Actor{}, err
	}
	p, err := a.person(ctx, desk.PersonID(t.UID))
	if fault.Is(err, fault.NotFound) {
		return desk.Actor{}, fault.New(fault.Forbidden, "no_account", "You are signed in, but you have no account in this organisation. Ask an administrator to add you.")
	}
	if err != nil {
		return desk.Actor{}, err
	}
	if p.Disabled {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "account_disabled", "This account is disabled. Ask an administrator.")
	}
	if p.Registered && !verified(t, p) {
		return desk.Actor{}, fault.New(fault.Forbidden, "email_unverified", "Please follow the link that was mailed to you, then renew your sign-in. POST /api/register/resend/ sends another.")
	}
	return p.Actor(), nil
}

// verified reports whether the token's bearer has shown that the address by which they
// registered is theirs. Another address may be what they have shown: holders of an account
// can change its address at Firebase by themselves.
func verified(t identity.Token, p desk.Person) bool {
	return t.EmailVerified && strings.EqualFold(t.Email, p.Email)
}

func (a *accounts) person(ctx context.Context, id desk.PersonID) (desk.Person, error) {
	if p, ok := a.people.Get(id); ok {
		return p, nil
	}
	p, err := a.desk.Person(ctx, id)
	if err == nil {
		a.people.Add(id, p)
	}
	return p, err
}
