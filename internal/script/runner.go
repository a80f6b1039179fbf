package script

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Runner tells stories to a system. It may tell several at once; people sign in once
// and keep their tokens.
type Runner struct {
	URL      string        // of the front door, without a slash at the end
	Accounts Accounts      // of the people in stories
	Patience time.Duration // how long a wait lasts at most

	client *http.Client

	mu      sync.Mutex
	signIns map[string]*signIn
}

// Account is what somebody signs in with.
type Account struct {
	Email    string
	Password string
}

// Accounts finds the account behind a name in a story.
type Accounts func(name string) (Account, error)

// DemoPassword is that of all accounts of the demo organisation.
const DemoPassword = "demo-pass-1234"

// Demo is the accounts of the demo organisation: uma is uma@demo.example.
func Demo(name string) (Account, error) {
	return Account{Email: name + "@demo.example", Password: DemoPassword}, nil
}

// NewRunner returns a runner for the system whose front door is at a URL. It has
// patience for 20 seconds.
func NewRunner(url string, accounts Accounts) *Runner {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.DisableCompression = true // a story sees what the API sends
	return &Runner{
		URL: strings.TrimSuffix(url, "/"), Accounts: accounts, Patience: 20 * time.Second, signIns: map[string]*signIn{},
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// signIn is one person's token. Its lock makes others wait who want the same one.
type signIn struct {
	mu    sync.Mutex
	token string
	until time.Time
}

// Token is a person's access token; it signs them in unless they are.
func (r *Runner) Token(ctx context.Context, name string) (string, error) {
	r.mu.Lock()
	s := r.signIns[name]
	if s == nil {
		s = &signIn{}
		r.signIns[name] = s
	}
	r.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && time.Now().Before(s.until) {
		return s.token, nil
	}
	account, err := r.Accounts(name)
	if err != nil {
		return "", err
	}
	asked := time.Now()
	token, lasts, err := r.signIn(ctx, account)
	if err != nil {
		return "", fmt.Errorf("%s can't sign in: %w", name, err)
	}
	s.token, s.until = token, asked.Add(lasts/2)
	return token, nil
}

// signIn exchanges the account for a token. Its errors show no part of either.
func (r *Runner) signIn(ctx context.Context, a Account) (token string, lasts time.Duration, err error) {
	body, err := json.Marshal(map[string]string{"email": a.Email, "password": a.Password})
	if err != nil {
		return "", 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/api/token/", bytes.NewReader(body))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := r.client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	var said struct {
		Access    string `json:"access"`
		ExpiresIn int    `json:"expires_in"`
		Code      string `json:"code"`
		Detail    string `json:"detail"`
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		return "", 0, fmt.Errorf("the answer (%s) is not JSON: %w", res.Status, err)
	}
	if res.StatusCode != http.StatusOK || said.Access == "" {
		return "", 0, fmt.Errorf("%s, %s: %s", res.Status, said.Code, said.Detail)
	}
	return said.Access, time.Duration(said.ExpiresIn) * time.Second, nil
}
