package identity

import (
	"context"
	"errors"
	"time"

	"firebase.google.com/go/v4/auth"
)

// Verifier tells who is behind a token. *Client asks Google each time, *Cache remembers.
type Verifier interface {
	Verify(ctx context.Context, idToken string) (Token, error)
}

const (
	// maxToken is far above what Firebase issues (claims are limited to 1,000 bytes),
	// in bytes.
	maxToken = 8 << 10

	// skew is how far the clock of whoever issued a token may be ahead of ours. The SDK
	// alone would allow five minutes, and as much after a token's end.
	skew = time.Minute
)

// Verify checks an ID token and its account. It answers within about three seconds.
//
// Refusals are fault.Unauthenticated with one of the codes token_missing,
// token_malformed, token_invalid, token_expired, token_revoked and account_disabled.
// fault.Unavailable means that Google's keys or accounts can't be reached, which says
// nothing about the token.
func (c *Client) Verify(ctx context.Context, idToken string) (Token, error) {
	if idToken == "" {
		return Token{}, refuse(tokenMissing, nil)
	}
	if len(idToken) > maxToken {
		return Token{}, refuse(tokenMalformed, nil)
	}
	return within(ctx, c.patience, func(ctx context.Context) (Token, error) {
		sdk, err := c.admin()
		if err != nil {
			return Token{}, err
		}
		claims, err := sdk.VerifyIDToken(ctx, idToken)
		if err != nil {
			return Token{}, refusalOf(err, idToken)
		}
		if err := checkClaims(claims, time.Now()); err != nil {
			return Token{}, err
		}
		if err := checkAccount(ctx, sdk, claims); err != nil {
			return Token{}, err
		}
		return tokenOf(claims), nil
	})
}

// checkClaims adds to the SDK's checks of a token's content: its times without five
// minutes of grace, the sign-in's own time, and no tenant, since this product has none
// and a tenant's user ids are not the project's.
func checkClaims(claims *auth.Token, now time.Time) error {
	if claims.Firebase.Tenant != "" {
		return refuse(tokenInvalid, errors.New("identity: token of a tenant"))
	}
	latest := now.Add(skew).Unix()
	notBefore, _ := claims.Claims["nbf"].(float64)
	if max(claims.IssuedAt, claims.AuthTime) > latest || notBefore > float64(latest) {
		return refuse(tokenInvalid, errors.New("identity: token of the future"))
	}
	if claims.Expires <= now.Unix() {
		return refuse(tokenExpired, nil)
	}
	return nil
}

// checkAccount refuses tokens of accounts that are gone, switched off or signed out.
// The SDK's VerifyIDTokenAndCheckRevoked compares the time a token was issued, which a
// refresh renews; what a revocation ends is a sign-in, so its time is what counts here,
// at the same price of one look-up.
func checkAccount(ctx context.Context, sdk *auth.Client, claims *auth.Token) error {
	user, err := sdk.GetUser(ctx, claims.UID)
	switch {
	case auth.IsUserNotFound(err):
		return refuse(tokenRevoked, err)
	case err != nil:
		return trouble(err)
	case user.Disabled:
		return refuse(accountDisabled, nil)
	case claims.AuthTime < user.TokensValidAfterMillis/1000:
		return refuse(tokenRevoked, nil)
	}
	return nil
}
