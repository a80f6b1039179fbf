package stories

import (
	"context"
	"net/http"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/gcp/identity"
)

func TestADemotionBitesWithinAMinute(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "accounts"})
	path := "/api/tickets/" + ticket + "/"
	w.must(t, "deniz", "GET", path, nil)
	d := desk.New(w.DB, time.Now)
	person, err := d.Person(t.Context(), "deniz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.save(t, d, person) })
	demoted := person
	demoted.Role, demoted.Departments = desk.RoleUser, nil
	w.save(t, d, demoted)
	began := time.Now()
	eventually(t, "the ticket is out of sight", func() bool { return w.ask(t, "deniz", "GET", path, nil).status == http.StatusNotFound })
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	if a := w.must(t, "deniz", "GET", "/api/users/", nil); a.body.Get("items.#").Int() != 1 {
		t.Errorf("people are still listed: %s", a.body.Raw)
	}
	w.must(t, "uma", "POST", path+"close/", nil)
}

func (w *whole) save(t *testing.T, d *desk.Desk, p desk.Person) {
	t.Helper()
	if err := d.SavePerson(context.WithoutCancel(t.Context()), p); err != nil { // also after the test's end
		t.Fatal(err)
	}
}

func TestASwitchedOffAccountIsOutWithinAMinute(t *testing.T) {
	w := start(t)
	w.must(t, "nour", "GET", "/api/users/me/", nil)
	people := identity.Open(config.Config{Project: w.Suite.Project, AuthHost: w.Suite.Auth, APIKey: "local"})
	if err := people.Disable(t.Context(), "nour", true); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, "the token is refused", func() bool {
		return w.ask(t, "nour", "GET", "/api/users/me/", nil).status == http.StatusUnauthorized
	})
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	if err := people.Disable(t.Context(), "nour", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the account is back", func() bool {
		return w.ask(t, "nour", "GET", "/api/users/me/", nil).status == http.StatusOK
	})
}
