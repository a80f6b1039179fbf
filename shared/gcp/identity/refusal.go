package identity

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"firebase.google.com/go/v4/auth"
	"firebase.google.com/go/v4/errorutils"

	"ticketsystem.example/shared/fault"
)

// refusal is why a token or a sign-in is not accepted: a code for machines that never
// changes, and what a person can do.
type refusal struct{ code, message string }

var (
	tokenMissing    = refusal{"token_missing", "Please sign in first: this needs an access token."}
	tokenMalformed  = refusal{"token_malformed", "This is not an access token. Please send it exactly as it was given to you, or sign in again."}
	tokenInvalid    = refusal{"token_invalid", "This access token isn't valid here. Please sign in again."}
	tokenExpired    = refusal{"token_expired", "Your sign-in has run out. Please refresh it or sign in again."}
	tokenRevoked    = refusal{"token_revoked", "You have been signed out. Please sign in again."}
	accountDisabled = refusal{"account_disabled", "This account is switched off. Please ask your administrator."}
	signInFailed    = refusal{"sign_in_failed", "The e-mail address or the password is wrong. Please check both and try again."}
	refreshFailed   = refusal{"refresh_failed", "Your sign-in can't be continued. Please sign in again."}
)

func refuse(r refusal, cause error) error {
	return fault.Wrap(cause, fault.Unauthenticated, r.code, "%s", r.message)
}

// refusalOf classifies what the SDK says about a token.
func refusalOf(err error, idToken string) error {
	switch {
	case auth.IsIDTokenExpired(err):
		return refuse(tokenExpired, err)
	case auth.IsIDTokenRevoked(err), auth.IsUserNotFound(err):
		return refuse(tokenRevoked, err)
	case auth.IsUserDisabled(err):
		return refuse(accountDisabled, err)
	case auth.IsIDTokenInvalid(err) && !wellFormed(idToken):
		return refuse(tokenMalformed, err)
	case auth.IsIDTokenInvalid(err):
		return refuse(tokenInvalid, err)
	}
	return trouble(err)
}

// trouble classifies a failed call that says nothing about a person: Google refuses
// this service's own rights or request, which no repetition mends, or doesn't answer.
func trouble(err error) error {
	if errorutils.IsPermissionDenied(err) || errorutils.IsUnauthenticated(err) ||
		errorutils.IsInvalidArgument(err) || errorutils.IsNotFound(err) {
		return fmt.Errorf("identity: refused by Identity Platform: %w", err)
	}
	return fault.Down(err)
}

// wellFormed says whether a string has the shape of a signed token: three parts, the
// first two of them JSON objects.
func wellFormed(idToken string) bool {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return false
	}
	for i, part := range parts {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return false
		}
		var object map[string]any
		if i < 2 && json.Unmarshal(data, &object) != nil {
			return false
		}
	}
	return true
}
