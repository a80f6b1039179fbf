package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// PersonChanged is the type of the fact that a person's account has to follow what the
// document says by now.
const PersonChanged = "person.changed"

// Accounts is the name of the consumer that brings accounts after people, and Followed
// what it acts on.
const Accounts = "admit"

// Followed are the facts that accounts follow.
var Followed = []string{PersonChanged}

// PersonFact is what such a fact carries beyond the person's id.
type PersonFact struct {
	Invite  bool `json:"invite"`   // the person is new
	SignOut bool `json:"sign_out"` // what they may do is another, so their sign-ins end
}

// Profile is what people say of themselves; nil leaves a value alone.
type Profile struct {
	Name     *string
	Locale   *string
	Zone     *string
	Present  *bool
	Capacity *int
	Skills   *[]string
}

// PersonPatch is what administrators set of a person; nil leaves a value alone.
type PersonPatch struct {
	Profile
	Role        *Role
	Departments *[]DepartmentID
	Disabled    *bool
}

// Limits of a person.
const (
	MaxOwnCapacity = 100 // open tickets that people may take on by themselves
	MaxCapacity    = 1000
	MaxSkills      = 20
	MaxSkill       = 30 // characters

	// maxClaimed is how many bytes the departments take in a token, whose claims fit into
	// 1,000 with the role.
	maxClaimed = 900
)

// Revision is the version that clients see: documents from before versions have their first.
func (p Person) Revision() int64 { return max(p.Version, 1) }

// ChangeProfile changes what the actor says of themselves.
func (d *Desk) ChangeProfile(ctx context.Context, a Actor, p Profile, opt Options) (Person, error) {
	if !May(a, ProfileEdit, nil) {
		return Person{}, fault.New(fault.Forbidden, "not_allowed", "You may not do that (%s).", ProfileEdit)
	}
	return d.alterPerson(ctx, a.ID, opt, func(tx *docdb.Tx, before, after *Person) error {
		p.apply(after)
		after.tidy()
		if err := p.own(before); err != nil || after.Name == before.Name {
			return err
		}
		return d.followed(tx, a, opt, after, PersonFact{})
	})
}

// own refuses what people don't set by themselves.
func (p Profile) own(before *Person) error {
	works := before.Role != RoleUser
	return fault.Join(
		check(p.Present == nil || works, "present", "Only who works on tickets can be present."),
		check(p.Skills == nil || works, "skills", "Only who works on tickets has skills here."),
		check(p.Capacity == nil || works && *p.Capacity >= 1 && *p.Capacity <= MaxOwnCapacity, "capacity", "Those who work on tickets take 1 to %d at once. To take none for a while, set present to false.", MaxOwnCapacity),
	)
}

// apply sets what is wished.
func (p Profile) apply(to *Person) {
	set(&to.Name, p.Name)
	set(&to.Locale, p.Locale)
	set(&to.Zone, p.Zone)
	set(&to.Present, p.Present)
	set(&to.Capacity, p.Capacity)
	set(&to.Skills, p.Skills)
}

func set[T any](to *T, wished *T) {
	if wished != nil {
		*to = *wished
	}
}

// ChangePerson changes a person as an administrator. Nobody, administrators included,
// changes what they themselves may do; and whoever changes others is an administrator at
// that very moment. So there is always one left, even if two demote each other at once.
func (d *Desk) ChangePerson(ctx context.Context, a Actor, id PersonID, p PersonPatch, opt Options) (Person, error) {
	if err := AllowAdmin(a, PeopleChange); err != nil {
		return Person{}, err
	}
	return d.alterPerson(ctx, id, opt, func(tx *docdb.Tx, before, after *Person) error {
		if p.apply(after); before.same(after) {
			return nil
		}
		another := !before.sameRights(after)
		return first(
			func() error { return d.mayChange(ctx, tx, a, before, another) },
			func() error { return d.audit(tx, a, "person.changed", "person:"+string(id), before, after) },
			func() error { return d.followed(tx, a, opt, after, PersonFact{SignOut: another}) },
		)
	})
}

// mayChange refuses what the actor may not change, of themselves or of others.
func (d *Desk) mayChange(ctx context.Context, tx *docdb.Tx, a Actor, before *Person, rights bool) error {
	if before.ID != a.ID {
		return d.stillAdmin(ctx, tx, a)
	}
	if rights && !May(a, OwnRole, nil) {
		return fault.New(fault.Forbidden, "own_role", "Nobody changes their own role, departments or sign-in. Ask another administrator.")
	}
	return before.administers()
}

// apply sets what is wished.
func (p PersonPatch) apply(to *Person) {
	p.Profile.apply(to)
	set(&to.Role, p.Role)
	set(&to.Departments, p.Departments)
	set(&to.Disabled, p.Disabled)
	to.tidy()
}

// tidy brings a person into the form in which they are kept.
func (p *Person) tidy() {
	p.Departments = append([]DepartmentID{}, p.Departments...)
	slices.Sort(p.Departments)
	p.Departments = slices.Compact(p.Departments)
	skills := []string{}
	for _, s := range p.Skills {
		skills = append(skills, strings.ToLower(strings.TrimSpace(s)))
	}
	slices.Sort(skills)
	p.Skills = slices.Compact(skills)
	p.Name = strings.TrimSpace(p.Name)
	p.NameKey = search.Fold(p.Name)
}

// fits refuses a person who can't be, and follows the tree of this moment.
func (d *Desk) fits(ctx context.Context, tx *docdb.Tx, p *Person) error {
	org, err := docdb.Get[Organisation](ctx, tx, organisationKey)
	if err != nil {
		return err
	}
	_, badLocale := language.Parse(p.Locale)
	return fault.Join(p.check(&org), check(badLocale == nil, "locale", "This is not a language as in BCP 47, like \"de\" or \"pt-BR\"."))
}

// claimed is how many bytes the departments take in a token.
func (p *Person) claimed() int {
	n := 0
	for _, d := range p.Departments {
		n += len(d) + len(`"",`)
	}
	return n
}

// sameRights reports whether two states of a person may do the same.
func (p *Person) sameRights(q *Person) bool {
	return p.Role == q.Role && p.Disabled == q.Disabled && slices.Equal(p.Departments, q.Departments)
}

// stillAdmin refuses an actor who has been demoted or disabled a moment ago. It writes the
// actor's document as it is, so that a demotion at this very moment collides.
func (d *Desk) stillAdmin(ctx context.Context, tx *docdb.Tx, a Actor) error {
	me, err := docdb.Get[Person](ctx, tx, personKey(a.ID))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return first(
		func() error { return me.administers() },
		func() error { return tx.Put(personKey(a.ID), me) },
	)
}

// administers refuses who is, by their document, no administrator.
func (p Person) administers() error {
	if p.Disabled {
		p.Role = ""
	}
	return AllowAdmin(p.Actor(), PeopleChange)
}

// followed makes the fact by which the account follows.
func (d *Desk) followed(tx *docdb.Tx, a Actor, opt Options, p *Person, f PersonFact) error {
	data, err := docdb.Marshal(f)
	if err != nil {
		return err
	}
	return event.Append(tx, event.Event{
		ID: fmt.Sprintf("person-%s-%06d", p.ID, p.Version), Type: PersonChanged, Subject: string(p.ID),
		Sequence: p.Version, At: d.moment(), Actor: string(a.ID), Trace: opt.Trace, Data: data,
	})
}

// AddPerson adds somebody, as an administrator. The account follows by the fact, and with
// it the invitation.
func (d *Desk) AddPerson(ctx context.Context, a Actor, p Person, opt Options) (Person, error) {
	if err := AllowAdmin(a, PeopleChange); err != nil {
		return Person{}, err
	}
	var out Person
	id := PersonID(d.NewID())
	err := d.repeatable(ctx, opt.Request, &out, func(tx *docdb.Tx) error {
		out = p
		out.ID, out.Email, out.Version = id, strings.ToLower(strings.TrimSpace(p.Email)), 1
		out.CreatedAt, out.UpdatedAt = d.moment(), d.moment()
		out.tidy()
		if err := d.fits(ctx, tx, &out); err != nil {
			return err
		}
		if err := d.free(ctx, tx, out.Email); err != nil {
			return err
		}
		return first(
			func() error { return d.stillAdmin(ctx, tx, a) },
			func() error { return d.audit(tx, a, "person.added", "person:"+string(id), nil, out) },
			func() error { return claim(tx, &out) },
			func() error { return tx.Create(personKey(id), out) },
			func() error { return tx.Create(agentKey(id), out.agent(0)) },
			func() error { return d.followed(tx, a, opt, &out, PersonFact{Invite: true}) },
		)
	})
	return out, err
}

// free refuses an address that somebody else has.
func (d *Desk) free(ctx context.Context, tx *docdb.Tx, email string) error {
	found, err := docdb.Find[Person](ctx, tx, docdb.Query{
		Collection: people, Where: []docdb.Where{{Field: "email", Cmp: docdb.Equal, Value: email}}, Limit: 1,
	})
	if err == nil && len(found) > 0 {
		err = fault.New(fault.Conflict, "email_taken", "Somebody has this e-mail address already. Change that person instead.")
	}
	return err
}

// claim takes an address for a person, so that of two who are added at once one is refused.
func claim(tx *docdb.Tx, p *Person) error {
	sum := sha256.Sum256([]byte(p.Email))
	return tx.Create(docdb.Key{Collection: addresses, ID: hex.EncodeToString(sum[:])}, map[string]any{"person": string(p.ID)})
}

// alterPerson runs do on a person in one transaction, and writes what came of it with what
// routing knows of them. What changes nothing writes nothing.
func (d *Desk) alterPerson(ctx context.Context, id PersonID, opt Options, do func(tx *docdb.Tx, before, after *Person) error) (Person, error) {
	var out Person
	if !ValidID(string(id)) {
		return out, fault.Missing("person")
	}
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		before, err := docdb.Get[Person](ctx, tx, personKey(id))
		if fault.Is(err, fault.NotFound) {
			return fault.Missing("person")
		}
		if err != nil {
			return err
		}
		if opt.IfVersion != 0 && opt.IfVersion != before.Revision() {
			return fault.New(fault.Stale, "stale", "Somebody changed this in the meantime. Read it again, then repeat your change.")
		}
		out = before
		out.Version, out.UpdatedAt = before.Revision()+1, d.moment()
		before.tidy() // documents from before lack some values
		if err := do(tx, &before, &out); err != nil {
			return err
		}
		if out.tidy(); before.same(&out) {
			out = before
			return nil
		}
		return d.writePerson(ctx, tx, &out)
	})
	return out, err
}

// same reports whether two states of a person differ in nothing but version and time.
func (p *Person) same(q *Person) bool {
	r := *q
	r.Version, r.UpdatedAt = p.Version, p.UpdatedAt
	return reflect.DeepEqual(*p, r)
}

// writePerson writes a person, and what routing knows of them.
func (d *Desk) writePerson(ctx context.Context, tx *docdb.Tx, p *Person) error {
	agent, err := docdb.Get[Agent](ctx, tx, agentKey(p.ID))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return first(
		func() error { return d.fits(ctx, tx, p) },
		func() error { return tx.Put(personKey(p.ID), p) },
		func() error { return tx.Put(agentKey(p.ID), p.agent(agent.Open)) },
	)
}
