package desk

import (
	"context"
	"net/mail"
	"slices"
	"time"
	"unicode/utf8"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// Person returns a person's document, whoever asks; it is for signing in and for our
// own functions.
func (d *Desk) Person(ctx context.Context, id PersonID) (Person, error) {
	if !ValidID(string(id)) {
		return Person{}, fault.Missing("person")
	}
	p, err := docdb.Get[Person](ctx, d.DB, personKey(id))
	if fault.Is(err, fault.NotFound) {
		return p, fault.Missing("person")
	}
	return p, err
}

// People returns those of the ids that exist, with one read each.
func (d *Desk) People(ctx context.Context, ids []PersonID) (map[PersonID]Person, error) {
	out := map[PersonID]Person{}
	if len(ids) == 0 {
		return out, nil
	}
	keys := make([]docdb.Key, len(ids))
	for i, id := range ids {
		keys[i] = personKey(id)
	}
	recs, err := d.DB.Read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, r := range recs {
		if !r.Exists() {
			continue
		}
		var p Person
		if err := docdb.Decode(r, &p); err != nil {
			return nil, err
		}
		out[ids[i]] = p
	}
	return out, nil
}

// MaxAdmins is how many admins hear of what concerns them all.
const MaxAdmins = 50

// Admins are the ids of the people who administer the desk, at most MaxAdmins.
func (d *Desk) Admins(ctx context.Context) ([]PersonID, error) {
	found, err := docdb.Find[Person](ctx, d.DB, docdb.Query{
		Collection: people,
		Where:      []docdb.Where{{Field: "role", Cmp: docdb.Equal, Value: string(RoleAdmin)}},
		Limit:      MaxAdmins,
	})
	out := make([]PersonID, len(found))
	for i, p := range found {
		out[i] = p.ID
	}
	return out, err
}

// ShowPerson returns a person if the actor may see people, or is that person.
func (d *Desk) ShowPerson(ctx context.Context, a Actor, id PersonID) (Person, error) {
	if id != a.ID && !May(a, PeopleList, nil) {
		return Person{}, fault.Missing("person")
	}
	return d.Person(ctx, id)
}

// ShowPeople returns those of the ids whom the actor may see, with one read each.
func (d *Desk) ShowPeople(ctx context.Context, a Actor, ids []PersonID) (map[PersonID]Person, error) {
	var seen []PersonID
	for _, id := range ids {
		if (id == a.ID || May(a, PeopleList, nil)) && !slices.Contains(seen, id) {
			seen = append(seen, id)
		}
	}
	return d.People(ctx, seen)
}

// Roster is the filter of a list of people; an empty value asks for nothing.
type Roster struct {
	Role       Role
	Department DepartmentID
	Name       string // how the name begins, whatever its case and accents
}

// rosterIndexes let people be listed by any of the filters, or several.
func rosterIndexes() []docdb.Index {
	return []docdb.Index{
		docdb.On(people, "role", "name"), docdb.On(people, "departments array", "name"),
		docdb.On(people, "role", "name_key"), docdb.On(people, "departments array", "name_key"),
	}
}

// query is the filter as the database is asked.
func (r Roster) query() docdb.Query {
	q := docdb.Query{Collection: people, Order: []docdb.Order{{Field: "name"}}}
	if r.Role != "" {
		q.Where = append(q.Where, docdb.Where{Field: "role", Cmp: docdb.Equal, Value: string(r.Role)})
	}
	if r.Department != "" {
		q.Where = append(q.Where, docdb.Where{Field: "departments", Cmp: docdb.Contains, Value: string(r.Department)})
	}
	if key := search.Fold(r.Name); key != "" {
		q.Where = append(q.Where,
			docdb.Where{Field: "name_key", Cmp: docdb.MoreEqual, Value: key},
			docdb.Where{Field: "name_key", Cmp: docdb.Less, Value: key + string(utf8.MaxRune)})
		q.Order = []docdb.Order{{Field: "name_key"}}
	}
	return q
}

// ListPeople lists people by name: everyone for those who may see people, otherwise
// the actor alone.
func (d *Desk) ListPeople(ctx context.Context, a Actor, r Roster, page Page) ([]Person, string, error) {
	if !May(a, PeopleList, nil) {
		me, err := d.Person(ctx, a.ID)
		return []Person{me}, "", err
	}
	return Find[Person](ctx, d.DB, r.query(), page)
}

// SavePerson creates or replaces a person and what routing knows of them. It asks no
// policy: it is for operations.
func (d *Desk) SavePerson(ctx context.Context, p Person) error {
	p, err := d.checkPerson(ctx, p)
	if err != nil {
		return err
	}
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		p.CreatedAt, p.UpdatedAt, p.Version = d.moment(), d.moment(), 1
		before, err := docdb.Get[Person](ctx, tx, personKey(p.ID))
		switch {
		case err == nil:
			p.CreatedAt, p.Version = before.CreatedAt, before.Revision()+1
		case !fault.Is(err, fault.NotFound):
			return err
		}
		agent, err := docdb.Get[Agent](ctx, tx, agentKey(p.ID))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := tx.Put(personKey(p.ID), p); err != nil {
			return err
		}
		return tx.Put(agentKey(p.ID), p.agent(agent.Open))
	})
}

// agent is what routing knows of a person: only staff take tickets.
func (p Person) agent(open int) Agent {
	a := Agent{Person: p.ID, Departments: []DepartmentID{}, Present: p.Present && !p.Disabled, Capacity: p.Capacity, Skills: []string{}, Open: open}
	if p.Role == RoleStaff {
		a.Departments, a.Skills = p.Departments, p.Skills
	}
	return a
}

// MaxDepartments is how many departments a person can be in: with their own name
// they must fit into one query's 30 principals.
const MaxDepartments = 29

func (d *Desk) checkPerson(ctx context.Context, p Person) (Person, error) {
	org, err := d.Organisation(ctx)
	if err != nil {
		return p, err
	}
	p.tidy()
	return p, p.check(org)
}

// check refuses a person who can't be.
func (p *Person) check(org *Organisation) error {
	_, badName := Text("name", p.Name, 1, MaxTitle, false)
	errs := []error{badName,
		check(ValidID(string(p.ID)) && !IsRobot(p.ID), "id", "This can't be a person's id."),
		check(contains(Roles, p.Role), "role", "A role is admin, staff or user."),
		check(validEmail(p.Email), "email", "This is not an e-mail address."),
		check(validZone(p.Zone), "zone", "This is not a time zone of the IANA list."),
		check(p.Capacity >= 0 && p.Capacity <= MaxCapacity, "capacity", "A capacity is 0 to %d open tickets.", MaxCapacity),
		check(len(p.Departments) <= MaxDepartments, "departments", "A person can be in at most %d departments.", MaxDepartments),
		check(p.claimed() <= maxClaimed, "departments", "These are too many for one account. Name a department above them instead."),
		check(!slices.ContainsFunc(p.Departments, func(id DepartmentID) bool { _, ok := org.Department(id); return !ok }), "departments", "One of these is not a department."),
		check(len(p.Skills) <= MaxSkills, "skills", "A person has at most %d skills.", MaxSkills),
	}
	for _, s := range p.Skills {
		_, err := Text("skills", s, 1, MaxSkill, false)
		errs = append(errs, err)
	}
	return fault.Join(errs...)
}

func check(ok bool, field, format string, args ...any) error {
	if ok {
		return nil
	}
	return fault.Bad(field, format, args...)
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

func validZone(s string) bool {
	_, err := time.LoadLocation(s)
	return err == nil && s != "" && s != "Local"
}

// SaveOrganisation replaces the tree of departments. It asks no policy: it is for
// operations.
func (d *Desk) SaveOrganisation(ctx context.Context, o Organisation) error {
	if err := o.Check(); err != nil {
		return err
	}
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		before, err := docdb.Get[Organisation](ctx, tx, organisationKey)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		o.Version = before.Version + 1
		return tx.Put(organisationKey, o)
	})
}

// LeastLoaded returns the present member of the department with the fewest open
// tickets and room for one more. Reading it in the transaction that assigns makes
// the choice safe: the agent's document is in the read set and count writes it.
// It reads at most leastLoadedReads documents; ok is false if nobody has room.
func LeastLoaded(ctx context.Context, r docdb.Reader, department DepartmentID) (a Agent, ok bool, err error) {
	found, err := docdb.Find[Agent](ctx, r, docdb.Query{
		Collection: agents,
		Where: []docdb.Where{
			{Field: "departments", Cmp: docdb.Contains, Value: string(department)},
			{Field: "present", Cmp: docdb.Equal, Value: true},
		},
		Order: []docdb.Order{{Field: "open"}},
		Limit: leastLoadedReads,
	})
	for _, a := range found {
		if a.Open < a.Capacity {
			return a, true, err
		}
	}
	return Agent{}, false, err
}

// leastLoadedReads bounds the search for an agent with room: those with the fewest
// tickets come first, so more than a few full ones mean that the team is full.
const leastLoadedReads = 5
