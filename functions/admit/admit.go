// Package admit is the function that brings accounts in Firebase Auth after the people
// whom administrators add, change and disable.
//
// The person's document is the truth. Its change made the fact in the same transaction;
// here the account, its claims and its sign-ins follow, whatever died in between.
//
// Trigger: facts that a person changed. Reads the person as they are by now, so that facts
// may come late, twice or out of order; changes the account, ends sign-ins from before a
// change of rights, and has Firebase mail an invitation to who is new; writes a marker. A
// crash between mail and marker mails a second invitation. On failure Pub/Sub delivers
// again; what can never work is buried. Rights: Firestore documents, changing accounts.
package admit

import (
	"context"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Admit", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		f := follower{d, identity.Open(cfg)}
		return serve.Consumer{
			Name: desk.Accounts, Kinds: desk.Followed, Now: d.Now, Handle: f.handle,
			Bury: func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, d.DB, l) },
		}, nil
	})
}

// accounts is what identity.Client does with accounts; all of it is safe to repeat, but
// that each SendReset mails.
type accounts interface {
	Ensure(ctx context.Context, a identity.Account) error
	RevokeBefore(ctx context.Context, uid string, at time.Time) error
	SendReset(ctx context.Context, email string) error
}

// follower brings accounts after people.
type follower struct {
	desk     *desk.Desk
	accounts accounts
}

// handle does what follows from one fact.
func (f follower) handle(ctx context.Context, e event.Event) error {
	var fact desk.PersonFact
	if err := docdb.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact %s can't be read", e.ID)
	}
	before, err := f.desk.DB.Read(ctx, event.MarkerKey(desk.Accounts, e.ID))
	if err != nil || before[0].Exists() {
		return err
	}
	p, err := f.follow(ctx, desk.PersonID(e.Subject))
	if err != nil {
		return err
	}
	if fact.SignOut {
		if err := f.accounts.RevokeBefore(ctx, e.Subject, e.At); err != nil {
			return err
		}
	}
	if fact.Invite && !p.Disabled {
		if err := f.accounts.SendReset(ctx, p.Email); err != nil {
			return err
		}
	}
	_, err = event.Once(ctx, f.desk.DB, desk.Accounts, e, f.desk.Now(), func(*docdb.Tx) error { return nil })
	return err
}

// looks is how often a person may change while the account follows.
const looks = 5

// follow brings the account to what the document says, and looks again: if the person
// changed meanwhile, another delivery may have been faster with the newer state.
func (f follower) follow(ctx context.Context, id desk.PersonID) (desk.Person, error) {
	p, err := f.desk.Person(ctx, id)
	for range looks {
		if fault.Is(err, fault.NotFound) {
			return p, fault.Wrap(err, fault.Permanent, "no_person", "there is no person %q", id)
		}
		if err != nil {
			return p, err
		}
		if err := f.accounts.Ensure(ctx, accountOf(p)); err != nil {
			return p, lasting(err)
		}
		done := p.Version
		if p, err = f.desk.Person(ctx, id); err == nil && p.Version == done {
			return p, nil
		}
	}
	return p, fault.New(fault.Unavailable, "restless", "%s changes all the time", id)
}

// lasting marks a refusal that no repetition mends.
func lasting(err error) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return fault.Wrap(err, fault.Permanent, "account_refused", "the account can't follow: %v", err)
	}
	return err
}

// accountOf is a person's account. Whoever added them vouches for the address; who
// registered shows by themselves that it is theirs.
func accountOf(p desk.Person) identity.Account {
	a := identity.Account{UID: string(p.ID), Email: p.Email, Name: p.Name, Role: string(p.Role), Disabled: p.Disabled, EmailVerified: !p.Registered, OwnVerification: p.Registered}
	for _, d := range p.Departments {
		a.Departments = append(a.Departments, string(d))
	}
	return a
}
