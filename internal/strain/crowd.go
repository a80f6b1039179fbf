package strain

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// crowd are people at work who remember what they were told is done.
type crowd struct {
	url    string
	client *http.Client
	tokens map[string]string

	requests, refused atomic.Int64
	number            atomic.Int64

	mu     sync.Mutex
	opened []ticket
	said   []string // bodies of comments
}

// ticket is one that was acknowledged.
type ticket struct{ id, title, requester string }

// Those who open tickets, and the one who works on them all.
var (
	requesters = []string{"uma", "otto", "amara", "elif", "can", "hannah"}
	worker     = "ada"
)

func newCrowd(url string) *crowd {
	return &crowd{url: url, client: quickly(), tokens: map[string]string{}}
}

// signIn fetches everybody's token; they last an hour.
func (c *crowd) signIn(ctx context.Context) error {
	for _, who := range append([]string{worker}, requesters...) {
		var answer struct{ Access string }
		status, body, err := c.send(ctx, "", http.MethodPost, "/api/token/", "", map[string]any{"email": who + "@demo.example", "password": "demo-pass-1234"})
		if err == nil {
			err = json.Unmarshal(body, &answer)
		}
		if err != nil || answer.Access == "" {
			return fmt.Errorf("strain: %s can't sign in: %d, %w", who, status, err)
		}
		c.tokens[who] = answer.Access
	}
	return nil
}

// send makes one request.
func (c *crowd) send(ctx context.Context, who, method, path, key string, body any) (int, []byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+c.tokens[who])
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := c.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// tries is how often somebody repeats what was refused or not answered.
const tries = 8

// insist makes a request, with a key, until it is answered.
func (c *crowd) insist(ctx context.Context, who, method, path string, body any) (status int, answer []byte) {
	key := fmt.Sprint("crowd-", c.number.Add(1))
	for try := range tries {
		c.requests.Add(1)
		status, answer, err := c.send(ctx, who, method, path, key, body)
		if err == nil && status < 500 && status != http.StatusTooManyRequests {
			return status, answer
		}
		c.refused.Add(1)
		select {
		case <-ctx.Done():
			return 0, nil
		case <-time.After(time.Duration(100+rand.IntN(400)) * time.Millisecond << min(try, 4)):
		}
	}
	return 0, nil
}

// work is one person's day: it lasts until the context's end, and what is under way then is
// finished.
func (c *crowd) work(ctx context.Context) {
	for ctx.Err() == nil {
		c.act(context.WithoutCancel(ctx))
	}
}

// act does one thing, as often as people do it.
func (c *crowd) act(ctx context.Context) {
	luck := rand.IntN(100)
	t, ok := c.some()
	switch {
	case luck < 25 || !ok:
		c.open(ctx)
	case luck < 45:
		c.say(ctx, t, t.requester, false)
	case luck < 60:
		c.say(ctx, t, worker, false)
	case luck < 70:
		c.say(ctx, t, worker, true)
	case luck < 78:
		c.insist(ctx, worker, http.MethodPatch, "/api/tickets/"+t.id+"/", map[string]any{"priority": []string{"high", "medium", "low"}[rand.IntN(3)]})
	case luck < 84:
		c.insist(ctx, worker, http.MethodPost, "/api/tickets/"+t.id+"/resolve/", map[string]any{"resolution": "Done."})
	case luck < 92:
		c.insist(ctx, t.requester, http.MethodGet, "/api/tickets/"+t.id+"/", nil)
	default:
		c.insist(ctx, worker, http.MethodGet, "/api/tickets/", nil)
	}
}

func (c *crowd) some() (ticket, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.opened) == 0 {
		return ticket{}, false
	}
	return c.opened[max(0, len(c.opened)-1-rand.IntN(50))], true
}

func (c *crowd) open(ctx context.Context) {
	t := ticket{title: fmt.Sprint("Strain number ", c.number.Add(1)), requester: requesters[rand.IntN(len(requesters))]}
	status, body := c.insist(ctx, t.requester, http.MethodPost, "/api/tickets/", map[string]any{"title": t.title, "description": "The VPN is slow.", "department": "network"})
	var made struct{ ID string }
	if status == http.StatusCreated && json.Unmarshal(body, &made) == nil {
		t.id = made.ID
		c.mu.Lock()
		c.opened = append(c.opened, t)
		c.mu.Unlock()
	}
}

func (c *crowd) say(ctx context.Context, t ticket, who string, internal bool) {
	body := fmt.Sprint("Words number ", c.number.Add(1), ".")
	status, _ := c.insist(ctx, who, http.MethodPost, "/api/tickets/"+t.id+"/comments/", map[string]any{"body": body, "internal": internal})
	if status == http.StatusCreated {
		c.mu.Lock()
		c.said = append(c.said, body)
		c.mu.Unlock()
	}
}
