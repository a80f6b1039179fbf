package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

func TestMain(m *testing.M) { emulator.Main(m) }

const password = "demo-pass-1234"

// emulated returns a client of the Auth emulator and the project that it is for. It
// makes the test a parallel one, but only after the emulator is known: the environment
// names it, and clients of other tests hide that name for a moment.
func emulated(t *testing.T) (*Client, string) {
	t.Helper()
	suite := emulator.Use(t, emulator.Auth)
	t.Parallel()
	return Open(config.Config{Project: suite.Project, AuthHost: suite.Auth}), suite.Project
}

// somebody returns an account that only this test has, and makes it.
func somebody(t *testing.T, c *Client) Account {
	t.Helper()
	uid := "p-" + strings.ToLower(rand.Text()[:12])
	a := Account{
		UID: uid, Email: uid + "@demo.example", Name: "Nora Net", Password: password,
		Role: "staff", Departments: []string{"network"}, EmailVerified: true,
	}
	ensure(t, c, a)
	t.Cleanup(func() {
		if err := c.Delete(context.Background(), uid); err != nil {
			t.Error(err)
		}
	})
	return a
}

func ensure(t *testing.T, c *Client, a Account) {
	t.Helper()
	if err := c.Ensure(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func signedIn(t *testing.T, c *Client, a Account) Session {
	t.Helper()
	s, err := c.SignIn(t.Context(), a.Email, a.Password)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAPersonSignsInAndStaysSignedIn(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	s := signedIn(t, c, a)
	if s.UID != a.UID || s.ExpiresIn != time.Hour {
		t.Errorf("signed in as %+v", s)
	}
	next, err := c.Refresh(t.Context(), s.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if next.UID != a.UID || next.ExpiresIn != time.Hour {
		t.Errorf("refreshed to %+v", next)
	}
	for _, access := range []string{s.Access, next.Access} {
		got, err := c.Verify(t.Context(), access)
		if err != nil {
			t.Fatal(err)
		}
		if got.UID != a.UID || got.Email != a.Email || !got.EmailVerified || got.Role != "staff" ||
			!reflect.DeepEqual(got.Departments, a.Departments) {
			t.Errorf("verified as %+v", got)
		}
		if life := got.Expires.Sub(got.IssuedAt); life != time.Hour || time.Since(got.AuthTime) > time.Minute {
			t.Errorf("lives for %v, signed in at %v", life, got.AuthTime)
		}
	}
}

func TestAWrongPasswordAnUnknownAddressAndASwitchedOffAccountLookTheSame(t *testing.T) {
	c, _ := emulated(t)
	a, off := somebody(t, c), somebody(t, c)
	if err := c.Disable(t.Context(), off.UID, true); err != nil {
		t.Fatal(err)
	}
	var seen []fault.Error
	for _, attempt := range [][2]string{
		{a.Email, "wrong-pass-1234"}, {"nobody-" + a.Email, password}, {off.Email, password},
		{off.Email, "wrong-pass-1234"}, {"not an address", password},
	} {
		_, err := c.SignIn(t.Context(), attempt[0], attempt[1])
		wantFault(t, err, fault.Unauthenticated, "sign_in_failed")
		var f *fault.Error
		errors.As(err, &f)
		shown := fault.Error{Kind: f.Kind, Code: f.Code, Message: f.Message, Fields: f.Fields, Allowed: f.Allowed, Retry: f.Retry}
		seen = append(seen, shown)
		if !reflect.DeepEqual(shown, seen[0]) {
			t.Errorf("%q can be told apart: %+v and %+v", attempt, shown, seen[0])
		}
	}
}

func TestRevokingEndsTheSignInAndItsRefresh(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	before := signedIn(t, c, a)
	if err := c.Revoke(t.Context(), a.UID); err != nil {
		t.Fatal(err)
	}
	_, err := c.Verify(t.Context(), before.Access)
	wantFault(t, err, fault.Unauthenticated, "token_revoked")
	_, err = c.Refresh(t.Context(), before.Refresh)
	wantFault(t, err, fault.Unauthenticated, "refresh_failed")
	if _, err := c.Verify(t.Context(), signedIn(t, c, a).Access); err != nil {
		t.Errorf("after signing in again: %v", err)
	}
}

func TestASwitchedOffAccountIsLockedOutUntilSwitchedOn(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	s := signedIn(t, c, a)
	if err := c.Disable(t.Context(), a.UID, true); err != nil {
		t.Fatal(err)
	}
	_, err := c.Verify(t.Context(), s.Access)
	wantFault(t, err, fault.Unauthenticated, "account_disabled")
	_, err = c.Refresh(t.Context(), s.Refresh)
	wantFault(t, err, fault.Unauthenticated, "refresh_failed")
	if err := c.Disable(t.Context(), a.UID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Verify(t.Context(), s.Access); err != nil {
		t.Errorf("switched on again: %v", err)
	}
}

func TestADeletedAccountIsLockedOut(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	s := signedIn(t, c, a)
	for range 2 {
		if err := c.Delete(t.Context(), a.UID); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Verify(t.Context(), s.Access)
	wantFault(t, err, fault.Unauthenticated, "token_revoked")
	_, err = c.SignIn(t.Context(), a.Email, a.Password)
	wantFault(t, err, fault.Unauthenticated, "sign_in_failed")
	_, err = c.Refresh(t.Context(), s.Refresh)
	wantFault(t, err, fault.Unauthenticated, "refresh_failed")
}

func TestAnInventedRefreshTokenIsRefused(t *testing.T) {
	c, _ := emulated(t)
	_, err := c.Refresh(t.Context(), "invented")
	wantFault(t, err, fault.Unauthenticated, "refresh_failed")
}

func TestTheEmulatorsUnsignedTokensAreStillChecked(t *testing.T) {
	c, project := emulated(t)
	a := somebody(t, c)
	own := umas().but(claims{
		"aud": project, "iss": "https://securetoken.google.com/" + project,
		"sub": a.UID, "auth_time": secondsAgo(-1), "iat": secondsAgo(0),
	})
	if _, err := c.Verify(t.Context(), unsigned(own)); err != nil {
		t.Fatalf("what the emulator itself could have issued: %v", err)
	}
	for _, forged := range []struct {
		name    string
		changes claims
		code    string
	}{
		{"another project", claims{"aud": "demo-other", "iss": "https://securetoken.google.com/demo-other"}, "token_invalid"},
		{"another audience", claims{"aud": "demo-other"}, "token_invalid"},
		{"another issuer", claims{"iss": "https://securetoken.google.com/demo-other"}, "token_invalid"},
		{"nobody", claims{"sub": ""}, "token_invalid"},
		{"a stranger", claims{"sub": "nobody-" + a.UID}, "token_revoked"},
		{"expired", claims{"exp": secondsAgo(1)}, "token_expired"},
		{"long expired", claims{"iat": secondsAgo(7200), "exp": secondsAgo(3600)}, "token_expired"},
		{"of the future", claims{"iat": secondsAgo(-3600), "exp": secondsAgo(-7200)}, "token_invalid"},
		{"from before the account", claims{"auth_time": secondsAgo(3600)}, "token_revoked"},
		{"without a sign-in", claims{"auth_time": nil}, "token_revoked"},
	} {
		t.Run(forged.name, func(t *testing.T) {
			_, err := c.Verify(t.Context(), unsigned(own.but(forged.changes)))
			wantFault(t, err, fault.Unauthenticated, forged.code)
		})
	}
}

func TestAGoneEmulatorIsUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	suite, err := emulator.Start(t.Context(), emulator.Options{Only: []emulator.Kind{emulator.Auth}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := Open(config.Config{Project: suite.Project, AuthHost: suite.Auth})
	a := somebody(t, c)
	s := signedIn(t, c, a)
	if err := suite.Kill(emulator.Auth); err != nil {
		t.Fatal(err)
	}
	_, err = c.Verify(t.Context(), s.Access)
	wantFault(t, err, fault.Unavailable, "unavailable")
	_, err = c.SignIn(t.Context(), a.Email, a.Password)
	wantFault(t, err, fault.Unavailable, "unavailable")
	if err := suite.Restart(t.Context(), emulator.Auth); err != nil {
		t.Fatal(err)
	}
	ensure(t, c, a) // it forgets its accounts
	if _, err := c.Verify(t.Context(), signedIn(t, c, a).Access); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}
