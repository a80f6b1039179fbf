package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

// accountsPage is how many accounts the Auth emulator hands out at most.
const accountsPage = "1000"

// accounts are Auth's own records, taken and given back as they are. The
// emulator's password hashes are readable text, and it takes them back, so that
// people sign in as before.
type accounts struct {
	Users []json.RawMessage `json:"users"`
}

func saveAuth(ctx context.Context, s *Suite, dir string) error {
	var all accounts
	for token := ""; ; {
		var page struct {
			accounts
			NextPageToken string `json:"nextPageToken"`
		}
		query := url.Values{"maxResults": {accountsPage}}
		if token != "" {
			query.Set("nextPageToken", token)
		}
		if err := s.call(ctx, http.MethodGet, s.Auth, s.accountsPath("batchGet")+"?"+query.Encode(), nil, &page); err != nil {
			return err
		}
		all.Users = append(all.Users, page.Users...)
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	var settings json.RawMessage
	if err := s.call(ctx, http.MethodGet, s.Auth, s.settingsPath(), nil, &settings); err != nil {
		return err
	}
	return errors.Join(
		writeJSON(filepath.Join(dir, "accounts.json"), all),
		writeJSON(filepath.Join(dir, "settings.json"), settings),
	)
}

func loadAuth(ctx context.Context, s *Suite, dir string) error {
	var settings json.RawMessage
	if err := readJSON(filepath.Join(dir, "settings.json"), &settings); err != nil {
		return err
	}
	if err := s.call(ctx, http.MethodPatch, s.Auth, s.settingsPath(), settings, nil); err != nil {
		return err
	}
	var all accounts
	if err := readJSON(filepath.Join(dir, "accounts.json"), &all); err != nil || len(all.Users) == 0 {
		return err
	}
	var answer struct {
		Error []struct{ Message string } `json:"error"`
	}
	if err := s.call(ctx, http.MethodPost, s.Auth, s.accountsPath("batchCreate"), all, &answer); err != nil {
		return err
	}
	if len(answer.Error) > 0 {
		return fmt.Errorf("%d of %d accounts were refused, the first: %s", len(answer.Error), len(all.Users), answer.Error[0].Message)
	}
	return nil
}

func (s *Suite) accountsPath(verb string) string {
	return "/identitytoolkit.googleapis.com/v1/projects/" + s.Project + "/accounts:" + verb
}

func (s *Suite) settingsPath() string { return "/emulator/v1/projects/" + s.Project + "/config" }

func writeJSON(path string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, encoded, 0o600)
}

func readJSON(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, value)
}
