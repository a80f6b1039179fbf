package identity

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

func TestEnsuringAgainChangesNothing(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	s := signedIn(t, c, a)
	same := a
	same.Password = ""
	same.Email = strings.ToUpper(a.Email)
	for range 2 {
		ensure(t, c, same)
	}
	if _, err := c.Verify(t.Context(), s.Access); err != nil {
		t.Errorf("the session from before: %v", err)
	}
	if again := signedIn(t, c, a); again.UID != a.UID {
		t.Errorf("signed in as %q", again.UID)
	}
}

func TestEnsureBringsAnAccountToWhatIsAsked(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	changed := Account{
		UID: a.UID, Email: "new-" + a.Email, Name: "", Password: "another-pass-1", Role: "admin",
	}
	ensure(t, c, changed)
	_, err := c.SignIn(t.Context(), a.Email, a.Password)
	wantFault(t, err, fault.Unauthenticated, "sign_in_failed")
	got, err := c.Verify(t.Context(), signedIn(t, c, changed).Access)
	if err != nil {
		t.Fatal(err)
	}
	if got.UID != a.UID || got.Email != changed.Email || got.EmailVerified || got.Role != "admin" || len(got.Departments) != 0 {
		t.Errorf("got %+v", got)
	}
	changed.Disabled = true
	ensure(t, c, changed)
	_, err = c.SignIn(t.Context(), changed.Email, changed.Password)
	wantFault(t, err, fault.Unauthenticated, "sign_in_failed")
}

func TestManyWhoEnsureTheSameAccountAgree(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	if err := c.Delete(t.Context(), a.UID); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := c.Ensure(t.Context(), a); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if s := signedIn(t, c, a); s.UID != a.UID {
		t.Errorf("signed in as %q", s.UID)
	}
}

func TestAnAddressBelongsToOneAccount(t *testing.T) {
	c, _ := emulated(t)
	a, b := somebody(t, c), somebody(t, c)
	b.Email = a.Email
	wantFault(t, c.Ensure(t.Context(), b), fault.Conflict, "email_taken")
	b.UID += "-new"
	wantFault(t, c.Ensure(t.Context(), b), fault.Conflict, "email_taken")
}

func TestNewClaimsComeWithTheNextToken(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	s := signedIn(t, c, a)
	if err := c.SetClaims(t.Context(), a.UID, "user", []string{"billing", "finance"}); err != nil {
		t.Fatal(err)
	}
	next, err := c.Refresh(t.Context(), s.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Verify(t.Context(), next.Access)
	if err != nil {
		t.Fatal(err)
	}
	if got.Role != "user" || !reflect.DeepEqual(got.Departments, []string{"billing", "finance"}) {
		t.Errorf("got %+v", got)
	}
}

func TestChangesOfAnUnknownAccountSaySo(t *testing.T) {
	c, _ := emulated(t)
	for name, err := range map[string]error{
		"claims":  c.SetClaims(t.Context(), "nobody", "user", nil),
		"revoke":  c.Revoke(t.Context(), "nobody"),
		"disable": c.Disable(t.Context(), "nobody", true),
	} {
		t.Log(name)
		wantFault(t, err, fault.NotFound, "not_found")
	}
}

func TestClaimsFitUpToTheLastByte(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	var departments []string
	for i := range 60 {
		departments = append(departments, fmt.Sprintf("department-%02d", i)) // 16 bytes with quotes and comma
	}
	frame := len(`{"departments":[],"role":"staff"}`)
	fitting := departments[:(maxClaims-frame+1)/16]
	rest := maxClaims - frame - (16*len(fitting) - 1)
	fitting[0] += strings.Repeat("x", rest)
	if err := c.SetClaims(t.Context(), a.UID, "staff", fitting); err != nil {
		t.Errorf("exactly %d bytes: %v", maxClaims, err)
	}
	fitting[0] += "x"
	wantFields(t, c.SetClaims(t.Context(), a.UID, "staff", fitting), "departments")
	a.Departments = departments
	wantFields(t, c.Ensure(t.Context(), a), "departments")
}

func TestWhatCannotBeAnAccountIsNamed(t *testing.T) {
	t.Parallel()
	c := Open(config.Config{Project: project, AuthHost: "127.0.0.1:1"})
	long := strings.Repeat("x", 5000)
	for _, wrong := range []struct {
		account Account
		fields  []string
	}{
		{Account{}, []string{"uid", "email"}},
		{Account{UID: "a", Email: "nobody"}, []string{"email"}},
		{Account{UID: "a", Email: "a@b@c"}, []string{"email"}},
		{Account{UID: "a", Email: "a@b.example", Password: "short"}, []string{"password"}},
		{Account{UID: long, Email: long + "@b.example", Password: long}, []string{"uid", "email", "password"}},
	} {
		wantFields(t, c.Ensure(t.Context(), wrong.account), wrong.fields...)
	}
	wantFields(t, c.Delete(t.Context(), ""), "uid")
	wantFields(t, c.Revoke(t.Context(), long), "uid")
}

func TestWhatOnlyGoogleCanJudgeIsStillTheCallersMistake(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	g.refusal = "PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing password requirements"
	err := g.client().Ensure(t.Context(), Account{UID: "uma", Email: "uma@demo.example", Password: "123456"})
	wantFault(t, err, fault.Invalid, "account_refused")
}

func TestAnAddressIsSetOnlyWhenItChanges(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	c := g.client()
	ensure(t, c, Account{UID: "uma", Email: "Uma@demo.example"})
	ensure(t, c, Account{UID: "uma", Email: "uma@new.example"})
	if _, set := g.updates[0]["email"]; set {
		t.Error("set the address that the account has")
	}
	if g.updates[1]["email"] != "uma@new.example" {
		t.Errorf("set %v", g.updates[1])
	}
}
