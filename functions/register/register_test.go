package register

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/attempts"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/serve"
)

// book keeps accounts in memory, by address. A token is the address.
type book struct {
	held     map[string]identity.Account
	verified map[string]bool
	mailed   []string
	weak     string // a password that is not taken
	down     bool
}

func (b *book) Ensure(_ context.Context, a identity.Account) error {
	if b.down {
		return fault.Down(nil)
	}
	if a.Password == b.weak {
		a.Password = ""
		b.held[a.Email] = a
		return fault.Bad("password", "Please choose a stronger password.")
	}
	b.held[a.Email] = a
	return nil
}

func (b *book) SignIn(_ context.Context, email, password string) (identity.Session, error) {
	email = strings.ToLower(email)
	if a, ok := b.held[email]; !ok || a.Password == "" || a.Password != password {
		return identity.Session{}, fault.New(fault.Unauthenticated, "sign_in_failed", "Wrong.")
	}
	return identity.Session{Access: email}, nil
}

func (b *book) SendReset(_ context.Context, email string) error {
	if _, ok := b.held[strings.ToLower(email)]; ok {
		b.mailed = append(b.mailed, "reset "+strings.ToLower(email))
	}
	return nil
}

func (b *book) SendVerification(_ context.Context, token string) error {
	b.mailed = append(b.mailed, "verify "+token)
	return nil
}

func (b *book) Verify(_ context.Context, token string) (identity.Token, error) {
	a, ok := b.held[token]
	if !ok {
		return identity.Token{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return identity.Token{UID: a.UID, Email: a.Email, EmailVerified: b.verified[token]}, nil
}

// door is the function over the in-memory twin.
type door struct {
	*desk.Desk
	*book
	t       *testing.T
	handler http.Handler
}

func newDoor(t *testing.T, allowed bool) *door {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(docdb.NewMemory(), desk.Indexes()).Twice(), func() time.Time { return now })
	if err := d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}); err != nil {
		t.Fatal(err)
	}
	b := &book{held: map[string]identity.Account{}, verified: map[string]bool{}, weak: "12345678"}
	a := serve.NewAPI("Test")
	routes(a, handlers{d, b, attempts.Book{DB: d.DB, Now: d.Now}, allowed, 0})
	return &door{d, b, t, serve.Guard{API: a}}
}

// post sends a body and returns status and body of the answer.
func (o *door) post(path, body string) (int, string) {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), "POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (o *door) register(email, password string) (int, string) {
	o.t.Helper()
	return o.post("/api/register/", `{"name": "Kim", "email": "`+email+`", "password": "`+password+`"}`)
}

// lastMail is what was mailed last.
func (o *door) lastMail() string {
	if len(o.mailed) == 0 {
		return ""
	}
	return o.mailed[len(o.mailed)-1]
}

// people are all who have a document.
func (o *door) people() []desk.Person {
	o.t.Helper()
	found, err := docdb.Find[desk.Person](o.t.Context(), o.DB, docdb.Query{Collection: "people", Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

func TestWhoRegistersIsAUserAndIsMailedALink(t *testing.T) {
	o := newDoor(t, true)
	if status, body := o.register("Kim@demo.example", "a-good-password"); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	all := o.people()
	if len(all) != 1 || all[0].Role != desk.RoleUser || !all[0].Registered || all[0].Email != "kim@demo.example" {
		t.Errorf("there are %+v", all)
	}
	a := o.held["kim@demo.example"]
	if a.UID != string(all[0].ID) || a.Role != "user" || a.EmailVerified || !a.OwnVerification || a.Password != "a-good-password" {
		t.Errorf("the account is %+v", a)
	}
	if o.lastMail() != "verify kim@demo.example" {
		t.Errorf("mailed %q", o.mailed)
	}
	facts, err := docdb.Find[event.Event](t.Context(), o.DB, docdb.Query{Collection: event.OutboxCollection, Limit: 10})
	if err != nil || len(facts) != 1 || facts[0].Type != desk.PersonChanged {
		t.Errorf("facts %v, %v", facts, err)
	}
}

func TestATakenAddressIsAnsweredAlikeAndNothingOfItChanges(t *testing.T) {
	o := newDoor(t, true)
	status, body := o.register("kim@demo.example", "a-good-password")
	before := o.held["kim@demo.example"]
	again, same := o.register("KIM@demo.example", "another-password")
	if again != status || same != body {
		t.Errorf("%d %s and %d %s", status, body, again, same)
	}
	if a := o.held["kim@demo.example"]; a.Password != before.Password || len(o.people()) != 1 {
		t.Errorf("the account is %+v", a)
	}
	if o.lastMail() != "reset kim@demo.example" {
		t.Errorf("mailed %q", o.mailed)
	}
}

func TestRegisteringAgainAfterACrashEndsWell(t *testing.T) {
	o := newDoor(t, true)
	o.down = true
	if status, _ := o.register("kim@demo.example", "a-good-password"); status != http.StatusServiceUnavailable {
		t.Fatalf("answered %d", status)
	}
	o.down = false
	p := o.people()[0] // and admit makes the account meanwhile
	o.held[p.Email] = identity.Account{UID: string(p.ID), Email: p.Email}
	if status, _ := o.register("kim@demo.example", "a-good-password"); status != http.StatusAccepted || o.lastMail() != "reset kim@demo.example" {
		t.Errorf("%d, mailed %q", status, o.mailed)
	}
}

func TestAPasswordThatFirebaseRefusesIsChosenByTheLink(t *testing.T) {
	o := newDoor(t, true)
	if status, _ := o.register("kim@demo.example", o.weak); status != http.StatusAccepted || o.lastMail() != "reset kim@demo.example" {
		t.Errorf("%d, mailed %q", status, o.mailed)
	}
}

func TestAnotherLinkGoesToWhoIsUnverifiedOnly(t *testing.T) {
	o := newDoor(t, true)
	o.register("kim@demo.example", "a-good-password")
	resend := func() (int, string) { return o.post("/api/register/resend/", `{"access": "kim@demo.example"}`) }
	status, body := resend()
	if status != http.StatusAccepted || len(o.mailed) != 2 {
		t.Errorf("%d %s, mailed %q", status, body, o.mailed)
	}
	o.verified["kim@demo.example"] = true
	if again, same := resend(); again != status || same != body || len(o.mailed) != 2 {
		t.Errorf("%d %s, mailed %q", again, same, o.mailed)
	}
	if status, _ := o.post("/api/register/resend/", `{"access": "nobody"}`); status != http.StatusUnauthorized {
		t.Errorf("nobody is answered %d", status)
	}
}

func TestMailToOneAddressComesToAnEnd(t *testing.T) {
	o := newDoor(t, true)
	for range 5 {
		o.register("kim@demo.example", "a-good-password")
	}
	sent := len(o.mailed)
	if status, _ := o.register("Kim@demo.example", "a-good-password"); status != http.StatusTooManyRequests || len(o.mailed) != sent {
		t.Errorf("%d, mailed %q", status, o.mailed)
	}
	if status, _ := o.register("lee@demo.example", "a-good-password"); status != http.StatusAccepted {
		t.Errorf("another address is answered %d", status)
	}
}

func TestNobodyRegistersWhereTheStackDoesNotAllowIt(t *testing.T) {
	o := newDoor(t, false)
	status, body := o.register("kim@demo.example", "a-good-password")
	if status != http.StatusNotFound || !strings.Contains(body, "not_found") || len(o.people()) != 0 {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := o.post("/api/register/resend/", `{"access": "kim"}`); status != http.StatusNotFound {
		t.Errorf("answered %d", status)
	}
}

func TestWhoRegistersChoosesNoRole(t *testing.T) {
	o := newDoor(t, true)
	for _, extra := range []string{`"role": "admin"`, `"departments": ["it"]`, `"registered": false`, `"email_verified": true`} {
		status, body := o.post("/api/register/", `{"name": "Kim", "email": "kim@demo.example", "password": "a-good-password", `+extra+`}`)
		if status != http.StatusUnprocessableEntity || len(o.people()) != 0 {
			t.Errorf("%s: %d %s", extra, status, body)
		}
	}
}
