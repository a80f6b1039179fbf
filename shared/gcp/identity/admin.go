package identity

import (
	"context"
	"time"

	"firebase.google.com/go/v4/auth"
	"firebase.google.com/go/v4/errorutils"

	"ticketsystem.example/shared/fault"
)

// adminPatience multiplies the patience of a request for changes of accounts: they are
// several calls each, and nobody's page waits for them.
const adminPatience = 3

// SetClaims gives the account its role and departments. Tokens carry them from the next
// sign-in or refresh on.
func (c *Client) SetClaims(ctx context.Context, uid, role string, departments []string) error {
	claims, err := claimsOf(role, departments)
	if err != nil {
		return err
	}
	return c.administer(ctx, uid, func(ctx context.Context, sdk *auth.Client) error {
		return sdk.SetCustomUserClaims(ctx, uid, claims)
	})
}

// Revoke ends every sign-in that the person has. Firebase compares whole seconds, so it
// waits up to one second for the next to begin: then a sign-in of the moment before is
// ended as well.
func (c *Client) Revoke(ctx context.Context, uid string) error {
	return c.administer(ctx, uid, func(ctx context.Context, sdk *auth.Client) error {
		now := time.Now()
		turn := time.NewTimer(now.Truncate(time.Second).Add(time.Second).Sub(now))
		defer turn.Stop()
		select {
		case <-turn.C:
			return sdk.RevokeRefreshTokens(ctx, uid)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// RevokeBefore ends the sign-ins from before a moment. Done again it ends no later ones.
func (c *Client) RevokeBefore(ctx context.Context, uid string, at time.Time) error {
	done := false
	err := c.administer(ctx, uid, func(ctx context.Context, sdk *auth.Client) error {
		user, err := sdk.GetUser(ctx, uid)
		done = err == nil && user.TokensValidAfterMillis >= at.UnixMilli()
		return err
	})
	if err != nil || done {
		return err
	}
	return c.Revoke(ctx, uid)
}

// Disable switches the account off or on again. Sessions from before come back to life
// with it, unless they are revoked.
func (c *Client) Disable(ctx context.Context, uid string, off bool) error {
	return c.administer(ctx, uid, func(ctx context.Context, sdk *auth.Client) error {
		_, err := sdk.UpdateUser(ctx, uid, new(auth.UserToUpdate).Disabled(off))
		return err
	})
}

// Delete removes the account for good. One that is gone already is no error.
func (c *Client) Delete(ctx context.Context, uid string) error {
	return c.administer(ctx, uid, func(ctx context.Context, sdk *auth.Client) error {
		if err := sdk.DeleteUser(ctx, uid); !auth.IsUserNotFound(err) {
			return err
		}
		return nil
	})
}

// administer runs a change of an account and classifies its failure.
func (c *Client) administer(ctx context.Context, uid string, change func(context.Context, *auth.Client) error) error {
	if err := limit("uid", uid, maxUID); err != nil {
		return err
	}
	_, err := within(ctx, adminPatience*c.patience, func(ctx context.Context) (struct{}, error) {
		sdk, err := c.admin()
		if err == nil {
			err = accountFault(change(ctx, sdk))
		}
		return struct{}{}, err
	})
	return err
}

// accountFault classifies the failure of a change.
func accountFault(err error) error {
	switch {
	case err == nil:
		return nil
	case auth.IsUserNotFound(err):
		return fault.Missing("account")
	case auth.IsEmailAlreadyExists(err):
		return fault.Wrap(err, fault.Conflict, "email_taken", "Another account has this e-mail address already. Please use a different one.")
	case errorutils.IsInvalidArgument(err):
		return fault.Wrap(err, fault.Invalid, "account_refused", "The account can't be saved like this. Please check the e-mail address and choose a stronger password.")
	}
	return trouble(err)
}
