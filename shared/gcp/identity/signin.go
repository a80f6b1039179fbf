package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ticketsystem.example/shared/fault"
)

// Session is what a person holds after signing in.
type Session struct {
	Access    string        // ID token: the bearer token of every request
	Refresh   string        // buys the next Access; valid until revoked
	ExpiresIn time.Duration // of Access, from now
	UID       string
}

// Limits on what is passed on to Google, in bytes.
const (
	maxEmail    = 254 // RFC 5321
	maxPassword = 4096
	maxRefresh  = 4096
)

// lockedFor is when to come back after too many attempts. Google doesn't say.
const lockedFor = time.Minute

// SignIn exchanges an e-mail address and a password for a session. An unknown address,
// a wrong password and a switched-off account give the same fault: Unauthenticated,
// sign_in_failed. Google's own limit on attempts is fault.TooMany.
func (c *Client) SignIn(ctx context.Context, email, password string) (Session, error) {
	if err := fault.Join(limit("email", email, maxEmail), limit("password", password, maxPassword)); err != nil {
		return Session{}, err
	}
	target, err := c.endpoint("identitytoolkit.googleapis.com", "accounts:signInWithPassword")
	if err != nil {
		return Session{}, err
	}
	body, err := json.Marshal(map[string]any{"email": email, "password": password, "returnSecureToken": true})
	if err != nil {
		return Session{}, fmt.Errorf("identity: %w", err)
	}
	return within(ctx, c.patience, func(ctx context.Context) (Session, error) {
		var answer struct {
			IDToken      string `json:"idToken"`
			RefreshToken string `json:"refreshToken"`
			ExpiresIn    string `json:"expiresIn"`
			LocalID      string `json:"localId"`
		}
		if err := c.post(ctx, target, "application/json", body, &answer); err != nil {
			return Session{}, sessionFault(err, signInFailed)
		}
		if answer.IDToken == "" {
			// A second factor is asked for, which this way of signing in doesn't have.
			return Session{}, refuse(signInFailed, errors.New("identity: the account needs a second factor"))
		}
		return session(answer.IDToken, answer.RefreshToken, answer.ExpiresIn, answer.LocalID)
	})
}

// Refresh exchanges a refresh token for a new session. A token that is unknown, revoked
// or of a switched-off account gives Unauthenticated, refresh_failed: the new ID token
// is verified before it is handed out, since not every issuer asks about revocation.
func (c *Client) Refresh(ctx context.Context, refreshToken string) (Session, error) {
	if err := limit("refresh", refreshToken, maxRefresh); err != nil {
		return Session{}, err
	}
	target, err := c.endpoint("securetoken.googleapis.com", "token")
	if err != nil {
		return Session{}, err
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}}.Encode()
	next, err := within(ctx, c.patience, func(ctx context.Context) (Session, error) {
		var answer struct {
			IDToken      string `json:"id_token"`
			RefreshToken string `json:"refresh_token"`
			ExpiresIn    string `json:"expires_in"`
			UserID       string `json:"user_id"`
		}
		if err := c.post(ctx, target, "application/x-www-form-urlencoded", []byte(form), &answer); err != nil {
			return Session{}, sessionFault(err, refreshFailed)
		}
		return session(answer.IDToken, answer.RefreshToken, answer.ExpiresIn, answer.UserID)
	})
	if err != nil {
		return Session{}, err
	}
	if _, err := c.Verify(ctx, next.Access); fault.Is(err, fault.Unauthenticated) {
		return Session{}, refuse(refreshFailed, err)
	} else if err != nil {
		return Session{}, err
	}
	return next, nil
}

// limit refuses an empty or overlong value.
func limit(field, value string, most int) error {
	if value == "" {
		return fault.Bad(field, "Please fill this in.")
	}
	if len(value) > most {
		return fault.Bad(field, "This is too long: at most %d characters.", most)
	}
	return nil
}

func session(access, refresh, expiresIn, uid string) (Session, error) {
	seconds, err := strconv.Atoi(expiresIn)
	if err != nil || access == "" || refresh == "" || uid == "" {
		return Session{}, fault.Down(errors.New("identity: Google's answer lacks a part of the session"))
	}
	return Session{Access: access, Refresh: refresh, ExpiresIn: time.Duration(seconds) * time.Second, UID: uid}, nil
}

// sessionFault classifies Google's refusal of a sign-in or a refresh. What isn't about
// the person is our mistake, e.g. a wrong API key or sign-in by password switched off.
func sessionFault(err error, r refusal) error {
	var answer *refused
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.code {
	case "EMAIL_NOT_FOUND", "INVALID_EMAIL", "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS",
		"USER_DISABLED", "USER_NOT_FOUND", "TOKEN_EXPIRED", "INVALID_REFRESH_TOKEN":
		return refuse(r, err)
	}
	if answer.status == http.StatusTooManyRequests || answer.code == "TOO_MANY_ATTEMPTS_TRY_LATER" || answer.code == "QUOTA_EXCEEDED" {
		slow := fault.Wrap(err, fault.TooMany, "too_many_attempts", "There were too many attempts to sign in. Please wait a minute and try again.")
		slow.Retry = lockedFor
		return slow
	}
	return err
}
