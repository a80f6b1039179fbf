package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// newREST returns the client for the two calls that the SDK doesn't have because they
// are made in a person's name: sign-in and refresh. It follows no redirect, which could
// carry a password elsewhere.
func newREST(cfg config.Config) *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: patience,
	}
	if standsIn(cfg) {
		transport = plainTo(cfg.GoogleHost)
	}
	if cfg.AuthHost != "" {
		// The emulator hangs up on a connection after five idle seconds. A sign-in that
		// is just being sent then fails, and is not sent again, since it is a POST.
		transport.IdleConnTimeout = 2 * time.Second
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpoint returns the URL of a method of one of Google's services.
func (c *Client) endpoint(service, method string) (string, error) {
	base, key := "https://"+service, c.cfg.APIKey
	if c.cfg.AuthHost != "" {
		base = "http://" + c.cfg.AuthHost + "/" + service
		if key == "" {
			key = "emulator" // takes any
		}
	}
	if key == "" {
		return "", errors.New("identity: FIREBASE_API_KEY is not set, so nobody can sign in")
	}
	return base + "/v1/" + method + "?key=" + url.QueryEscape(key), nil
}

// refused is Google's answer to a call that it understood and didn't accept.
type refused struct {
	status int
	code   string // e.g. "EMAIL_NOT_FOUND"
}

func (r *refused) Error() string {
	return fmt.Sprintf("identity: Google answered %d %s", r.status, r.code)
}

// post sends body and decodes the answer into out. The error is a *refused for a 4xx
// answer, fault.Unavailable when there is none that helps.
func (c *Client) post(ctx context.Context, target, contentType string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := c.rest.Do(req)
	if err != nil {
		return fault.Down(withoutURL(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fault.Down(err)
	}
	if resp.StatusCode >= 400 && resp.StatusCode < 500 {
		return &refused{resp.StatusCode, refusalCode(answer)}
	}
	if resp.StatusCode != http.StatusOK {
		return fault.Down(fmt.Errorf("identity: Google answered %d", resp.StatusCode))
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fault.Down(fmt.Errorf("identity: Google's answer can't be read: %w", err))
	}
	return nil
}

// refusalCode finds the code in {"error": {"message": "CODE : words"}}.
func refusalCode(answer []byte) string {
	var problem struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(answer, &problem) != nil {
		return ""
	}
	code, _, _ := strings.Cut(problem.Error.Message, ":")
	return strings.TrimSpace(code)
}

// withoutURL keeps the API key, which is part of the URL, out of the log.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
