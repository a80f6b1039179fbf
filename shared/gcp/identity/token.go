package identity

import (
	"time"

	"firebase.google.com/go/v4/auth"
)

// Token is what a verified ID token says about its bearer.
type Token struct {
	UID           string // never empty
	Email         string
	EmailVerified bool
	Role          string   // "" for an account without claims
	Departments   []string // ids, e.g. "network"
	IssuedAt      time.Time
	AuthTime      time.Time // when the person signed in, however often the token was refreshed since
	Expires       time.Time
}

// tokenOf reads the claims. A claim of the wrong type counts as absent: it grants
// nothing.
func tokenOf(claims *auth.Token) Token {
	t := Token{
		UID:      claims.UID,
		IssuedAt: time.Unix(claims.IssuedAt, 0).UTC(),
		AuthTime: time.Unix(claims.AuthTime, 0).UTC(),
		Expires:  time.Unix(claims.Expires, 0).UTC(),
	}
	t.Email, _ = claims.Claims["email"].(string)
	t.EmailVerified, _ = claims.Claims["email_verified"].(bool)
	t.Role, _ = claims.Claims["role"].(string)
	departments, _ := claims.Claims["departments"].([]any)
	for _, d := range departments {
		if id, ok := d.(string); ok && id != "" {
			t.Departments = append(t.Departments, id)
		}
	}
	return t
}
