package identity

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

func TestSignInAndRefreshOverGooglesProtocol(t *testing.T) {
	t.Parallel()
	client := newGoogle(t).client()
	first, err := client.SignIn(t.Context(), "uma@demo.example", "demo-pass-1234")
	if err != nil {
		t.Fatal(err)
	}
	if first.UID != "uma" || first.ExpiresIn != time.Hour || first.Refresh != "refresh-1" {
		t.Errorf("signed in as %+v", first)
	}
	next, err := client.Refresh(t.Context(), first.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if next.UID != "uma" || next.ExpiresIn != time.Hour || next.Refresh != "refresh-2" {
		t.Errorf("refreshed to %+v", next)
	}
	if _, err := client.Verify(t.Context(), next.Access); err != nil {
		t.Error(err)
	}
}

func TestGooglesRefusalsOfASignInAreOne(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	var messages []string
	for _, refusal := range []string{
		"EMAIL_NOT_FOUND", "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "USER_DISABLED", "INVALID_EMAIL",
		"USER_DISABLED : The user account has been disabled by an administrator.",
	} {
		g.set(func() { g.refusal = refusal })
		_, err := client.SignIn(t.Context(), "uma@demo.example", "secret")
		wantFault(t, err, fault.Unauthenticated, "sign_in_failed")
		message, _, _ := strings.Cut(err.Error(), ": identity")
		messages = append(messages, message)
	}
	for _, m := range messages {
		if m != messages[0] {
			t.Errorf("two refusals differ: %q and %q", m, messages[0])
		}
	}
}

func TestGooglesOtherRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		refusal string
		kind    fault.Kind
	}{
		{"TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been temporarily disabled.", fault.TooMany},
		{"QUOTA_EXCEEDED : Exceeded quota for verifying passwords.", fault.TooMany},
		{"API key not valid. Please pass a valid API key.", fault.Internal},
		{"OPERATION_NOT_ALLOWED", fault.Internal},
	}
	g := newGoogle(t)
	client := g.client()
	for _, c := range cases {
		g.set(func() { g.refusal = c.refusal })
		_, err := client.SignIn(t.Context(), "uma@demo.example", "secret")
		wantKind(t, err, c.kind)
		_, err = client.Refresh(t.Context(), "refresh-1")
		wantKind(t, err, c.kind)
	}
	for status, kind := range map[int]fault.Kind{
		http.StatusInternalServerError: fault.Unavailable,
		http.StatusTooManyRequests:     fault.TooMany,
	} {
		g.set(func() { g.broken = status })
		_, err := client.SignIn(t.Context(), "uma@demo.example", "secret")
		wantKind(t, err, kind)
	}
}

func TestAPasswordIsNotCarriedElsewhere(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	g.broken = http.StatusTemporaryRedirect
	_, err := g.client().SignIn(t.Context(), "uma@demo.example", "secret")
	wantFault(t, err, fault.Unavailable, "unavailable")
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.requests != 1 {
		t.Errorf("%d requests, want the one that was answered with a redirect", g.requests)
	}
}

func TestARefreshIsRefusedWhenTheSignInHasEnded(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	for _, refusal := range []string{"TOKEN_EXPIRED", "USER_DISABLED", "USER_NOT_FOUND", "INVALID_REFRESH_TOKEN"} {
		g.set(func() { g.refusal = refusal })
		_, err := client.Refresh(t.Context(), "refresh-1")
		wantFault(t, err, fault.Unauthenticated, "refresh_failed")
	}
	// The issuer doesn't mind, the account does.
	for _, p := range []person{{Disabled: true}, {ValidSince: secondsAgo(300)}} {
		g.set(func() { g.refusal, g.people["uma"] = "", p })
		_, err := client.Refresh(t.Context(), "refresh-1")
		wantFault(t, err, fault.Unauthenticated, "refresh_failed")
	}
}

func TestSignInTakesNoEmptyOrEndlessValues(t *testing.T) {
	t.Parallel()
	client := newGoogle(t).client()
	long := strings.Repeat("x", 5000)
	for _, c := range []struct{ email, password string }{{"", ""}, {long, long}} {
		_, err := client.SignIn(t.Context(), c.email, c.password)
		wantFields(t, err, "email", "password")
	}
	for _, token := range []string{"", long} {
		_, err := client.Refresh(t.Context(), token)
		wantFields(t, err, "refresh")
	}
}

func TestWithoutAKeyNobodySignsInAndItIsSaid(t *testing.T) {
	t.Parallel()
	client := Open(config.Config{Project: project, GoogleHost: newGoogle(t).host})
	_, err := client.SignIn(t.Context(), "uma@demo.example", "secret")
	if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), "FIREBASE_API_KEY") {
		t.Errorf("got %v", err)
	}
}

func TestTheLogLearnsNoPasswordAddressOrKey(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	client.patience = 200 * time.Millisecond
	for _, change := range []func(){
		func() { g.refusal = "EMAIL_NOT_FOUND" },
		func() { g.refusal = "OPERATION_NOT_ALLOWED" },
		func() { g.broken = http.StatusInternalServerError },
		func() { client = Open(config.Config{Project: project, APIKey: "web-key", GoogleHost: "127.0.0.1:1"}) },
	} {
		g.set(change)
		_, err := client.SignIn(t.Context(), "uma@demo.example", "demo-pass-1234")
		if err == nil {
			t.Fatal("signed in")
		}
		for _, secret := range []string{"uma@", "demo-pass", "web-key"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows %q: %v", secret, err)
			}
		}
	}
}
