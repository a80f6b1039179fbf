// Package invoke wakes the relay function over HTTP, with the identity of the calling
// function's service account.
//
// A nudge is only a hint: facts are safe in the outbox, and the schedule drains it
// every minute anyway. So a nudge never fails, never delays the caller by more than
// the time to send a few bytes, and many at once become one or two.
//
// It does not wait for the relay's answer and knows nothing of facts.
package invoke

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"cloud.google.com/go/compute/metadata"

	"ticketsystem.example/shared/config"
)

// Relay nudges the relay function. Its zero value is of no use; see NewRelay.
type Relay struct {
	url        string
	production bool
	client     *http.Client

	mu      sync.Mutex
	running bool // a nudge is on its way
	again   bool // another came meanwhile
	token   string
	expires time.Time
}

// timeouts: how long the relay may take to answer before we hang up (it goes on), and
// how long the caller waits for its nudge to be on the wire.
const (
	answerTimeout = 10 * time.Second
	sendTimeout   = 25 * time.Millisecond
)

// NewRelay returns a nudger for cfg.RelayURL; without one nudging does nothing.
func NewRelay(cfg config.Config) *Relay {
	return &Relay{url: cfg.RelayURL, production: cfg.Service != "", client: &http.Client{Timeout: answerTimeout}}
}

// Nudge asks the relay to drain the outbox. It returns when the request is on the
// wire (an instance may get no more CPU once its own answer is out), or after
// sendTimeout. While a nudge is under way, further ones become one that follows it.
func (r *Relay) Nudge(ctx context.Context) {
	if r.url == "" {
		return
	}
	r.mu.Lock()
	if r.running {
		r.again = true
		r.mu.Unlock()
		return
	}
	r.running = true
	r.mu.Unlock()
	sent := make(chan struct{})
	go r.run(context.WithoutCancel(ctx), sync.OnceFunc(func() { close(sent) }))
	select {
	case <-sent:
	case <-time.After(sendTimeout):
	}
}

func (r *Relay) run(ctx context.Context, sent func()) {
	for {
		r.post(ctx, sent)
		r.mu.Lock()
		if !r.again {
			r.running = false
			r.mu.Unlock()
			return
		}
		r.again = false
		r.mu.Unlock()
	}
}

// post sends one nudge; sent is called once it is on the wire or has failed.
func (r *Relay) post(ctx context.Context, sent func()) {
	defer sent()
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent() }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, r.url, nil)
	if err != nil {
		return
	}
	if token := r.identity(ctx); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if resp, err := r.client.Do(req); err == nil {
		_ = resp.Body.Close() // the answer is of no interest
	}
}

// identity is this function's ID token for the relay, renewed well before its hour is
// over; "" on a laptop, and where the metadata server doesn't answer.
func (r *Relay) identity(ctx context.Context) string {
	if !r.production {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.expires) {
		return r.token
	}
	token, err := metadata.GetWithContext(ctx, "instance/service-accounts/default/identity?audience="+url.QueryEscape(r.url))
	if err != nil {
		return ""
	}
	r.token, r.expires = token, time.Now().Add(45*time.Minute)
	return token
}
