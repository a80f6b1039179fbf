package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"firebase.google.com/go/v4/auth"

	"ticketsystem.example/shared/fault"
)

// Account is a person's account as Ensure makes it.
type Account struct {
	UID           string // chosen by us, 1 to 128 characters
	Email         string
	Name          string
	Password      string // "" leaves the one there is; any other signs the person out everywhere
	Role          string
	Departments   []string // ids; with the role they must fit into 1,000 bytes of claims
	Disabled      bool
	EmailVerified bool

	// OwnVerification leaves EmailVerified as it is: the person shows by a link that the
	// address is theirs, and nobody else says so.
	OwnVerification bool
}

// Firebase's limits.
const (
	maxClaims   = 1000 // bytes of JSON
	maxUID      = 128  // bytes
	minPassword = 6    // bytes
)

// Ensure creates the account or brings it to what a says; doing it again changes
// nothing. fault.Invalid names wrong values; fault.Conflict, email_taken, means that
// another account has the address.
func (c *Client) Ensure(ctx context.Context, a Account) error {
	claims, err := a.check()
	if err != nil {
		return err
	}
	return c.administer(ctx, a.UID, func(ctx context.Context, sdk *auth.Client) error {
		before, err := sdk.GetUser(ctx, a.UID)
		if auth.IsUserNotFound(err) {
			before, err = a.create(ctx, sdk)
		}
		if err != nil {
			return err
		}
		_, err = sdk.UpdateUser(ctx, a.UID, a.changes(before, claims))
		return err
	})
}

// create makes the bare account. It has no password yet, so nobody can sign in before
// the update that follows has set the claims as well.
func (a Account) create(ctx context.Context, sdk *auth.Client) (*auth.UserRecord, error) {
	user, err := sdk.CreateUser(ctx, new(auth.UserToCreate).UID(a.UID).Email(a.Email))
	if auth.IsUIDAlreadyExists(err) { // somebody was faster
		return sdk.GetUser(ctx, a.UID)
	}
	return user, err
}

// changes says what to set. The address is left out unless it is a new one, since
// setting it ends the person's sessions.
func (a Account) changes(before *auth.UserRecord, claims map[string]any) *auth.UserToUpdate {
	to := new(auth.UserToUpdate).DisplayName(a.Name).Disabled(a.Disabled).CustomClaims(claims)
	if !a.OwnVerification {
		to.EmailVerified(a.EmailVerified)
	}
	if !strings.EqualFold(a.Email, before.Email) {
		to.Email(a.Email)
	}
	if a.Password != "" {
		to.Password(a.Password)
	}
	return to
}

// check refuses by name what Firebase would refuse, and returns the claims.
func (a Account) check() (map[string]any, error) {
	claims, err := claimsOf(a.Role, a.Departments)
	wrong := []error{limit("uid", a.UID, maxUID), limit("email", a.Email, maxEmail), err}
	name, domain, _ := strings.Cut(a.Email, "@")
	if a.Email != "" && (name == "" || domain == "" || strings.Contains(domain, "@")) {
		wrong = append(wrong, fault.Bad("email", "This is not an e-mail address."))
	}
	if a.Password != "" && len(a.Password) < minPassword {
		wrong = append(wrong, fault.Bad("password", "Please use at least %d characters.", minPassword))
	}
	if len(a.Password) > maxPassword {
		wrong = append(wrong, limit("password", a.Password, maxPassword))
	}
	return claims, fault.Join(wrong...)
}

// claimsOf returns the custom claims of a token, if they fit.
func claimsOf(role string, departments []string) (map[string]any, error) {
	if departments == nil {
		departments = []string{}
	}
	claims := map[string]any{"role": role, "departments": departments}
	data, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	if over := len(data) - maxClaims; over > 0 {
		return nil, fault.Bad("departments", "These are too many departments for one account, by %d characters. Please name a department above them instead.", over)
	}
	return claims, nil
}
