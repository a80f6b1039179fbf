package desk_test

import (
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// administer changes a person as an administrator.
func (o *office) administer(who, id desk.PersonID, p desk.PersonPatch) (desk.Person, error) {
	return o.ChangePerson(o.t.Context(), o.as(who), id, p, desk.Options{})
}

// facts are those about people in the outbox, by id.
func (o *office) facts() map[string]desk.PersonFact {
	o.t.Helper()
	out := map[string]desk.PersonFact{}
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		if e.Type == desk.PersonChanged {
			var f desk.PersonFact
			o.must(docdb.Unmarshal(e.Data, &f))
			out[e.ID] = f
		}
	}
	return out
}

// agent is what routing knows of a person.
func (o *office) agent(id desk.PersonID) desk.Agent {
	o.t.Helper()
	a, err := docdb.Get[desk.Agent](o.t.Context(), o.DB, docdb.Key{Collection: "agents", ID: string(id)})
	o.must(err)
	return a
}

var kim = desk.Person{Name: " Kim Park ", Email: "Kim@demo.example", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}, Locale: "en", Zone: "UTC", Present: true, Capacity: 5, Skills: []string{"VPN", "vpn "}}

func TestPeopleSayOfThemselvesWhatIsTheirs(t *testing.T) {
	o := newOffice(t)
	ticket := o.open()
	_, err := o.patch("mia", ticket, desk.Patch{Assignee: to(desk.PersonID("nora"))})
	o.must(err)
	p, err := o.ChangeProfile(t.Context(), o.as("nora"), desk.Profile{
		Name: to("Nora L"), Locale: to("sv"), Zone: to("Europe/Stockholm"), Present: to(false), Capacity: to(7), Skills: to([]string{" VPN", "dns", "vpn"}),
	}, desk.Options{IfVersion: 1})
	o.must(err)
	if p.Revision() != 2 || p.Name != "Nora L" || p.Locale != "sv" || p.Present || p.Capacity != 7 || !slices.Equal(p.Skills, []string{"dns", "vpn"}) {
		t.Errorf("got %+v", p)
	}
	if a := o.agent("nora"); a.Present || a.Capacity != 7 || a.Open != 1 || !slices.Equal(a.Skills, p.Skills) {
		t.Errorf("routing knows %+v", a)
	}
	if f := o.facts(); len(f) != 1 || f["person-nora-000002"].SignOut {
		t.Errorf("the account follows %v", f)
	}
	_, err = o.ChangeProfile(t.Context(), o.as("nora"), desk.Profile{Present: to(true)}, desk.Options{IfVersion: 1})
	wantKind(t, err, fault.Stale)
	p, err = o.ChangeProfile(t.Context(), o.as("nora"), desk.Profile{Present: to(false)}, desk.Options{})
	if o.must(err); p.Revision() != 2 {
		t.Errorf("a change of nothing made version %d", p.Revision())
	}
}

func TestWhatAProfileCannotSayIsRefused(t *testing.T) {
	o := newOffice(t)
	for what, c := range map[string]struct {
		who desk.PersonID
		p   desk.Profile
	}{
		"no name":          {"nora", desk.Profile{Name: to(" ")}},
		"no language":      {"nora", desk.Profile{Locale: to("klingonese!")}},
		"no zone":          {"nora", desk.Profile{Zone: to("Mars/Olympus")}},
		"no capacity":      {"nora", desk.Profile{Capacity: to(0)}},
		"all the capacity": {"nora", desk.Profile{Capacity: to(desk.MaxOwnCapacity + 1)}},
		"a long skill":     {"nora", desk.Profile{Skills: to([]string{strings.Repeat("x", desk.MaxSkill+1)})}},
		"an empty skill":   {"nora", desk.Profile{Skills: to([]string{""})}},
		"many skills":      {"nora", desk.Profile{Skills: to(strings.Split("abcdefghijklmnopqrstu", ""))}},
		"a user's skill":   {"uma", desk.Profile{Skills: to([]string{"vpn"})}},
		"a user's load":    {"uma", desk.Profile{Capacity: to(5)}},
		"a user's shift":   {"uma", desk.Profile{Present: to(true)}},
	} {
		if _, err := o.ChangeProfile(t.Context(), o.as(c.who), c.p, desk.Options{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestADemotionReachesRoutingTheAuditAndTheAccount(t *testing.T) {
	o := newOffice(t)
	p, err := o.administer("ada", "nora", desk.PersonPatch{Role: to(desk.RoleUser)})
	o.must(err)
	if a := o.agent("nora"); p.Role != desk.RoleUser || len(a.Departments) != 0 {
		t.Errorf("got %+v, routing knows %+v", p, a)
	}
	if f := o.facts(); !f["person-nora-000002"].SignOut {
		t.Errorf("the account follows %v", f)
	}
	found, _, err := o.ListAudits(t.Context(), o.as("ada"), desk.Audits{Subject: "person:nora"}, desk.Page{})
	o.must(err)
	if len(found) != 1 || found[0].Kind != "person.changed" || !strings.Contains(found[0].Before, `"role":"staff"`) || !strings.Contains(found[0].After, `"role":"user"`) {
		t.Errorf("the audit has %+v", found)
	}
	_, err = o.administer("ada", "nora", desk.PersonPatch{Role: to(desk.RoleUser)})
	o.must(err)
	if n := len(o.facts()); n != 1 {
		t.Errorf("a change of nothing made %d facts", n)
	}
}

func TestADisabledPersonGetsNoTickets(t *testing.T) {
	o := newOffice(t)
	for _, id := range []desk.PersonID{"nora", "noah"} {
		_, err := o.administer("ada", id, desk.PersonPatch{Disabled: to(true)})
		o.must(err)
	}
	if a, ok, err := desk.LeastLoaded(t.Context(), o.DB, "network"); ok || err != nil {
		t.Errorf("picked %+v, %v", a, err)
	}
}

func TestNobodyChangesTheirOwnRights(t *testing.T) {
	o := newOffice(t)
	for what, p := range map[string]desk.PersonPatch{
		"role":        {Role: to(desk.RoleUser)},
		"departments": {Departments: to([]desk.DepartmentID{"it"})},
		"disabled":    {Disabled: to(true)},
	} {
		if _, err := o.administer("ada", "ada", p); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := o.administer("ada", "ada", desk.PersonPatch{Profile: desk.Profile{Name: to("Ada B")}, Role: to(desk.RoleAdmin)})
	o.must(err)
}

func TestOnlyAdminsChangeOthers(t *testing.T) {
	o := newOffice(t)
	for _, who := range []desk.PersonID{"mia", "nora", "uma"} {
		_, err := o.administer(who, "otto", desk.PersonPatch{Role: to(desk.RoleAdmin)})
		wantKind(t, err, fault.Forbidden)
		_, err = o.administer(who, who, desk.PersonPatch{Role: to(desk.RoleAdmin)})
		wantKind(t, err, fault.Forbidden)
		_, err = o.AddPerson(t.Context(), o.as(who), kim, desk.Options{})
		wantKind(t, err, fault.Forbidden)
	}
}

func TestAnAdminOfAMomentAgoChangesNobody(t *testing.T) {
	o := newOffice(t)
	_, err := o.administer("ada", "mia", desk.PersonPatch{Role: to(desk.RoleAdmin)})
	o.must(err)
	ada := o.as("ada") // as a function remembers her
	_, err = o.administer("mia", "ada", desk.PersonPatch{Role: to(desk.RoleUser)})
	o.must(err)
	_, err = o.ChangePerson(t.Context(), ada, "mia", desk.PersonPatch{Role: to(desk.RoleUser)}, desk.Options{})
	wantKind(t, err, fault.Forbidden)
	_, err = o.AddPerson(t.Context(), ada, kim, desk.Options{})
	wantKind(t, err, fault.Forbidden)
	_, err = o.ChangePerson(t.Context(), ada, "ada", desk.PersonPatch{Profile: desk.Profile{Capacity: to(3)}}, desk.Options{})
	wantKind(t, err, fault.Forbidden)
}

func TestTwoAdminsWhoDemoteEachOtherLeaveOne(t *testing.T) {
	for range 50 {
		o := newOffice(t)
		_, err := o.administer("ada", "mia", desk.PersonPatch{Role: to(desk.RoleAdmin)})
		o.must(err)
		ada, mia, done := o.as("ada"), o.as("mia"), make(chan error)
		demote := func(who desk.Actor, id desk.PersonID) {
			_, err := o.ChangePerson(t.Context(), who, id, desk.PersonPatch{Role: to(desk.RoleUser)}, desk.Options{})
			done <- err
		}
		go demote(ada, "mia")
		go demote(mia, "ada")
		if a, b := <-done, <-done; (a == nil) == (b == nil) {
			t.Fatalf("answers: %v, %v", a, b)
		}
		if left, err := o.Admins(t.Context()); err != nil || len(left) != 1 {
			t.Fatalf("left are %v, %v", left, err)
		}
	}
}

func TestAPersonIsAddedOnceAndInvited(t *testing.T) {
	o := newOffice(t)
	opt := func() desk.Options { return desk.Options{Request: &desk.Request{ID: "r", Fingerprint: "f"}} }
	p, err := o.AddPerson(t.Context(), o.as("ada"), kim, opt())
	o.must(err)
	again, err := o.AddPerson(t.Context(), o.as("ada"), kim, opt())
	o.must(err)
	if again.ID != p.ID || p.Name != "Kim Park" || p.Email != "kim@demo.example" || !slices.Equal(p.Skills, []string{"vpn"}) {
		t.Errorf("got %+v and %+v", p, again)
	}
	if f := o.facts(); len(f) != 1 || !f["person-"+string(p.ID)+"-000001"].Invite {
		t.Errorf("the account follows %v", f)
	}
	if a := o.agent(p.ID); !a.Present || a.Capacity != 5 || a.Departments[0] != "network" {
		t.Errorf("routing knows %+v", a)
	}
	for _, email := range []string{"KIM@demo.example", "uma@demo.example"} {
		twin := kim
		twin.Email = email
		_, err = o.AddPerson(t.Context(), o.as("ada"), twin, desk.Options{})
		wantKind(t, err, fault.Conflict)
	}
	if n := len(o.store.Dump("audits")); n != 1 {
		t.Errorf("the audit has %d entries", n)
	}
}

func TestWhatIsNoPersonIsNotAdded(t *testing.T) {
	o := newOffice(t)
	for what, change := range map[string]func(*desk.Person){
		"no address":      func(p *desk.Person) { p.Email = "kim" },
		"no role":         func(p *desk.Person) { p.Role = "king" },
		"a robot":         func(p *desk.Person) { p.Role = desk.RoleRobot },
		"no department":   func(p *desk.Person) { p.Departments = []desk.DepartmentID{"nowhere"} },
		"no zone":         func(p *desk.Person) { p.Zone = "" },
		"no language":     func(p *desk.Person) { p.Locale = "" },
		"a huge capacity": func(p *desk.Person) { p.Capacity = desk.MaxCapacity + 1 },
	} {
		p := kim
		change(&p)
		if _, err := o.AddPerson(t.Context(), o.as("ada"), p, desk.Options{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOfManyWhoAddAnAddressOneDoes(t *testing.T) {
	o := newOffice(t)
	_, err := o.administer("ada", "mia", desk.PersonPatch{Role: to(desk.RoleAdmin)})
	o.must(err)
	done := make(chan error)
	for _, who := range []desk.Actor{o.as("ada"), o.as("mia")} {
		go func() {
			_, err := o.AddPerson(t.Context(), who, kim, desk.Options{})
			done <- err
		}()
	}
	if a, b := <-done, <-done; (a == nil) == (b == nil) {
		t.Errorf("answers: %v, %v", a, b)
	}
}

func TestPeopleAreFoundByRoleDepartmentAndHowTheirNameBegins(t *testing.T) {
	o := newOffice(t)
	_, err := o.administer("ada", "liam", desk.PersonPatch{Profile: desk.Profile{Name: to("Émile Noir")}})
	o.must(err)
	for _, c := range []struct {
		by   desk.Roster
		want []desk.PersonID
	}{
		{desk.Roster{Role: desk.RoleAdmin}, []desk.PersonID{"ada"}},
		{desk.Roster{Department: "it"}, []desk.PersonID{"mia"}},
		{desk.Roster{Role: desk.RoleStaff, Department: "network"}, []desk.PersonID{"gone", "noah", "nora"}},
		{desk.Roster{Name: "EMI"}, []desk.PersonID{"liam"}},
		{desk.Roster{Name: "name of no", Role: desk.RoleStaff, Department: "network"}, []desk.PersonID{"noah", "nora"}},
		{desk.Roster{Name: "zz"}, nil},
	} {
		found, _, err := o.ListPeople(t.Context(), o.as("nora"), c.by, desk.Page{})
		o.must(err)
		var got []desk.PersonID
		for _, p := range found {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.by, got, c.want)
		}
	}
	found, _, err := o.ListPeople(t.Context(), o.as("uma"), desk.Roster{Role: desk.RoleAdmin}, desk.Page{})
	if o.must(err); len(found) != 1 || found[0].ID != "uma" {
		t.Errorf("a user sees %v", found)
	}
}
