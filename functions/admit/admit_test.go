package admit

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
)

// book keeps accounts in memory.
type book struct {
	held    map[string]identity.Account
	ended   map[string]time.Time
	mailed  []string
	during  func() // runs while an account is brought up to date
	failing error
}

func (b *book) Ensure(_ context.Context, a identity.Account) error {
	if b.failing != nil {
		return b.failing
	}
	if during := b.during; during != nil {
		b.during = nil
		during()
	}
	b.held[a.UID] = a
	return nil
}

func (b *book) RevokeBefore(_ context.Context, uid string, at time.Time) error {
	b.ended[uid] = at
	return nil
}

func (b *book) SendReset(_ context.Context, email string) error {
	b.mailed = append(b.mailed, email)
	return nil
}

// office is a desk on the in-memory twin with a follower.
type office struct {
	*desk.Desk
	t    *testing.T
	book *book
	sent []event.Event
}

func newOffice(t *testing.T) *office {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &office{t: t, book: &book{held: map[string]identity.Account{}, ended: map[string]time.Time{}}}
	o.Desk = desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()).Twice(), func() time.Time { return now })
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff} {
		o.must(o.SavePerson(t.Context(), desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Departments: []desk.DepartmentID{"it"}, Zone: "UTC", Locale: "en"}))
	}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// change gives nora a role, as ada.
func (o *office) change(r desk.Role) {
	o.t.Helper()
	ada, err := o.Person(o.t.Context(), "ada")
	o.must(err)
	_, err = o.ChangePerson(o.t.Context(), ada.Actor(), "nora", desk.PersonPatch{Role: &r}, desk.Options{})
	o.must(err)
}

// Publish implements event.Publisher.
func (o *office) Publish(_ context.Context, events []event.Event) error {
	o.sent = append(o.sent, events...)
	return nil
}

// facts are those that wait.
func (o *office) facts() []event.Event {
	o.t.Helper()
	o.sent = nil
	_, err := event.Relay{DB: o.DB, To: o}.Drain(o.t.Context())
	o.must(err)
	return o.sent
}

func (o *office) handle(e event.Event) error {
	return follower{o.Desk, o.book}.handle(o.t.Context(), e)
}

func TestAnAccountFollowsAndItsSignInsEnd(t *testing.T) {
	o := newOffice(t)
	o.change(desk.RoleUser)
	e := o.facts()[0]
	for range 2 {
		o.must(o.handle(e))
	}
	if a := o.book.held["nora"]; a.Role != "user" || a.Email != "nora@demo.example" || !slices.Equal(a.Departments, []string{"it"}) {
		t.Errorf("the account is %+v", a)
	}
	if !o.book.ended["nora"].Equal(e.At) || len(o.book.mailed) != 0 {
		t.Errorf("ended %v, mailed %v", o.book.ended, o.book.mailed)
	}
}

func TestAnotherNameEndsNoSignIns(t *testing.T) {
	o := newOffice(t)
	nora, err := o.Person(t.Context(), "nora")
	o.must(err)
	name := "Nora L"
	_, err = o.ChangeProfile(t.Context(), nora.Actor(), desk.Profile{Name: &name}, desk.Options{})
	o.must(err)
	o.must(o.handle(o.facts()[0]))
	if o.book.held["nora"].Name != name || len(o.book.ended) != 0 {
		t.Errorf("accounts %v, ended %v", o.book.held, o.book.ended)
	}
}

func TestALateFactBringsWhatIsTrueByNow(t *testing.T) {
	o := newOffice(t)
	o.change(desk.RoleUser)
	o.change(desk.RoleAdmin)
	facts := o.facts()
	slices.Reverse(facts)
	for _, e := range facts {
		o.must(o.handle(e))
	}
	if a := o.book.held["nora"]; a.Role != "admin" {
		t.Errorf("the account is %+v", a)
	}
}

func TestAChangeWhileTheAccountFollowsIsNotLost(t *testing.T) {
	o := newOffice(t)
	o.change(desk.RoleUser)
	e := o.facts()[0]
	o.book.during = func() { o.change(desk.RoleAdmin) }
	o.must(o.handle(e))
	if a := o.book.held["nora"]; a.Role != "admin" {
		t.Errorf("the account is %+v", a)
	}
}

func TestWhoIsNewIsInvitedOnce(t *testing.T) {
	o := newOffice(t)
	ada, err := o.Person(t.Context(), "ada")
	o.must(err)
	p, err := o.AddPerson(t.Context(), ada.Actor(), desk.Person{Name: "Kim", Email: "kim@demo.example", Role: desk.RoleUser, Zone: "UTC", Locale: "en"}, desk.Options{})
	o.must(err)
	e := o.facts()[0]
	o.book.failing = fault.Down(errors.New("no network"))
	if err := o.handle(e); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	o.book.failing = nil
	for range 2 {
		o.must(o.handle(e))
	}
	if !slices.Equal(o.book.mailed, []string{"kim@demo.example"}) || o.book.held[string(p.ID)].Name != "Kim" {
		t.Errorf("mailed %v, accounts %v", o.book.mailed, o.book.held)
	}
}

func TestWhatCanNeverWorkIsBuriedAtOnce(t *testing.T) {
	o := newOffice(t)
	o.change(desk.RoleUser)
	e := o.facts()[0]
	o.book.failing = fault.New(fault.Conflict, "email_taken", "Taken.")
	strangers, broken := e, e
	strangers.Subject, broken.Data = "nobody", []byte(`"`)
	for _, wrong := range []event.Event{e, strangers, broken} {
		if err := o.handle(wrong); !fault.Is(err, fault.Permanent) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
