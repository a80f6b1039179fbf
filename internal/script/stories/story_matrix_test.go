package stories

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"ticketsystem.example/internal/contract"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/gcp/identity"
)

// Knows, Send and Settle make the whole system what the matrix is played to.
func (w *whole) Knows(contract.Operation) bool { return true }

func (w *whole) Send(ctx context.Context, person, method, path, body string, head ...string) (contract.Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return contract.Answer{}, err
	}
	if person != "" {
		token, err := w.runner.Token(ctx, person)
		if err != nil {
			return contract.Answer{}, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return contract.Answer{}, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	return contract.Answer{Status: res.StatusCode, Type: res.Header.Get("Content-Type"), Body: said}, err
}

func (w *whole) Settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

func TestTheMatrixHoldsForTheWholeSystem(t *testing.T) {
	w := start(t)
	d, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	m, err := contract.ReadMatrix("../../../testdata/matrix/table.txt", "../../../testdata/matrix/recipes.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.switchOff(t, "hannah")
	for _, row := range m.Rows {
		t.Run(row.Name, func(t *testing.T) {
			if err := m.Play(t.Context(), w, d, row); err != nil {
				t.Error(err)
			}
		})
	}
}

// switchOff disables somebody who stays signed in, until the test's end.
func (w *whole) switchOff(t *testing.T, person string) {
	t.Helper()
	w.must(t, person, "GET", "/api/users/me/", nil)
	people := identity.Open(config.Config{Project: w.Suite.Project, AuthHost: w.Suite.Auth, APIKey: "local"})
	if err := people.Disable(t.Context(), person, true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := people.Disable(context.WithoutCancel(t.Context()), person, false); err != nil {
			t.Error(err)
		}
	})
	for _, path := range []string{"/api/users/me/", "/api/tickets/", "/api/notifications/", "/api/views/", "/api/analytics/summary/"} {
		eventually(t, "the token is refused", func() bool { return w.ask(t, person, "GET", path, nil).status == http.StatusUnauthorized })
	}
}
