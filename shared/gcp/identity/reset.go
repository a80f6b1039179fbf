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
	target, err := c.endpoint("identitytoolkit.googleapis.com", "accounts:sendOobCode")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"requestType": "PASSWORD_RESET", "email": email})
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	_, err = within(ctx, c.patience, func(ctx context.Context) (struct{}, error) {
		var answer struct{}
		return answer, c.post(ctx, target, "application/json", body, &answer)
	})
	return resetFault(err)
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
