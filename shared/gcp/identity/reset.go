package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ticketsystem.example/shared/fault"
)

// SendReset has Firebase mail a link by which the person chooses a password; it is the
// invitation to a new account, too. An address without an account, or with one that is
// switched off, is no error and gets no mail: who asks must not learn which there are.
func (c *Client) SendReset(ctx context.Context, email string) error {
	if err := limit("email", email, maxEmail); err != nil {
		return err
	}
	return resetFault(c.sendLink(ctx, map[string]string{"requestType": "PASSWORD_RESET", "email": email}))
}

// SendVerification has Firebase mail the bearer of an ID token a link by which they show
// that the account's address is theirs. Tokens from before don't say so yet.
func (c *Client) SendVerification(ctx context.Context, idToken string) error {
	if len(idToken) > maxToken {
		return refuse(tokenMalformed, nil)
	}
	if idToken == "" {
		return refuse(tokenMissing, nil)
	}
	err := c.sendLink(ctx, map[string]string{"requestType": "VERIFY_EMAIL", "idToken": idToken})
	var answer *refused
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.code {
	case "INVALID_ID_TOKEN", "TOKEN_EXPIRED", "USER_NOT_FOUND", "USER_DISABLED", "CREDENTIAL_TOO_OLD_LOGIN_AGAIN":
		return refuse(tokenInvalid, err)
	case "TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED":
		return fault.Down(err)
	}
	return err
}

// sendLink has Firebase mail a link.
func (c *Client) sendLink(ctx context.Context, wish map[string]string) error {
	target, err := c.endpoint("identitytoolkit.googleapis.com", "accounts:sendOobCode")
	if err != nil {
		return err
	}
	body, err := json.Marshal(wish)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	_, err = within(ctx, c.patience, func(ctx context.Context) (struct{}, error) {
		var answer struct{}
		return answer, c.post(ctx, target, "application/json", body, &answer)
	})
	return err
}

// resetFault classifies Google's refusal to send a link.
func resetFault(err error) error {
	var answer *refused
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.code {
	case "EMAIL_NOT_FOUND", "INVALID_EMAIL", "MISSING_EMAIL", "USER_DISABLED", "USER_NOT_FOUND":
		return nil
	case "RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED":
		return fault.Down(err) // of the whole project, and it passes
	}
	return err
}
