package identity

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/fault"
)

// mailed are the addresses to which the emulator would have mailed a link.
func mailed(t *testing.T) map[string]int {
	t.Helper()
	suite := emulator.Use(t, emulator.Auth)
	resp, err := http.Get("http://" + suite.Auth + "/emulator/v1/projects/" + suite.Project + "/oobCodes")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Codes []struct {
			Email string `json:"email"`
			Kind  string `json:"requestType"`
		} `json:"oobCodes"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, c := range answer.Codes {
		if c.Kind == "PASSWORD_RESET" {
			out[c.Email]++
		}
	}
	return out
}

func TestALinkIsMailedToWhoHasAnAccount(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	for _, email := range []string{a.Email, "nobody-" + a.Email, "no address"} {
		if err := c.SendReset(t.Context(), email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	if m := mailed(t); m[a.Email] != 1 || m["nobody-"+a.Email] != 0 {
		t.Errorf("mailed %v", m)
	}
	wantFields(t, c.SendReset(t.Context(), ""), "email")
}

func TestAnInvitationReachesAnAccountWithoutAPassword(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	a.UID, a.Email, a.Password = a.UID+"-new", "new-"+a.Email, ""
	ensure(t, c, a)
	t.Cleanup(func() { _ = c.Delete(context.WithoutCancel(t.Context()), a.UID) })
	if err := c.SendReset(t.Context(), a.Email); err != nil {
		t.Fatal(err)
	}
	if m := mailed(t); m[a.Email] != 1 {
		t.Errorf("mailed %v", m)
	}
}

func TestRevokingBeforeAMomentSparesLaterSignIns(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	before, at := signedIn(t, c, a), time.Now()
	if err := c.RevokeBefore(t.Context(), a.UID, at); err != nil {
		t.Fatal(err)
	}
	_, err := c.Verify(t.Context(), before.Access)
	wantFault(t, err, fault.Unauthenticated, "token_revoked")
	later := signedIn(t, c, a)
	if err := c.RevokeBefore(t.Context(), a.UID, at); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Verify(t.Context(), later.Access); err != nil {
		t.Errorf("the later sign-in: %v", err)
	}
	wantFault(t, c.RevokeBefore(t.Context(), "nobody", at), fault.NotFound, "not_found")
}

func TestGooglesRefusalsOfALinkTellNothingOfAccounts(t *testing.T) {
	t.Parallel()
	for code, kind := range map[string]fault.Kind{
		"EMAIL_NOT_FOUND": "", "USER_DISABLED": "", "INVALID_EMAIL": "",
		"RESET_PASSWORD_EXCEED_LIMIT": fault.Unavailable, "OPERATION_NOT_ALLOWED": fault.Internal,
	} {
		err := resetFault(&refused{http.StatusBadRequest, code})
		if kind == "" {
			if err != nil {
				t.Errorf("%s: %v", code, err)
			}
			continue
		}
		wantKind(t, err, kind)
	}
}

func TestWhoShowsThatAnAddressIsTheirsKeepsThat(t *testing.T) {
	c, _ := emulated(t)
	a := somebody(t, c)
	a.OwnVerification = true
	ensure(t, c, a)
	s := signedIn(t, c, a)
	if err := c.SendVerification(t.Context(), s.Access); err != nil {
		t.Fatal(err)
	}
	for token, code := range map[string]string{"": "token_missing", "hello": "token_invalid"} {
		wantFault(t, c.SendVerification(t.Context(), token), fault.Unauthenticated, code)
	}
	before, err := c.Verify(t.Context(), s.Access)
	if err != nil {
		t.Fatal(err)
	}
	a.EmailVerified = !before.EmailVerified
	ensure(t, c, a)
	if after, err := c.Verify(t.Context(), signedIn(t, c, a).Access); err != nil || after.EmailVerified != before.EmailVerified {
		t.Errorf("verified was %v: %+v, %v", before.EmailVerified, after, err)
	}
}
