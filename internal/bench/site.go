package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Who makes the requests, with the demo organisation's one password. uma is a plain
// user; nora is staff of the department network.
const (
	requester = "uma@demo.example"
	agent     = "nora@demo.example"
	password  = "demo-pass-1234"
)

// workTickets is how many tickets the operations take in turns. It is larger than any
// concurrency, so that no two requests at once change the same one.
const workTickets = 64

// site is the running system as its clients know it: an address, people who are
// signed in, and tickets to work on.
type site struct {
	client           client
	requester, agent string   // access tokens
	tickets          []string // ids
}

// request is one HTTP request and the answer that it must get.
type request struct {
	method, path string
	token        string
	body         string
	status       int
}

// newSite signs in and opens the tickets to work on.
func newSite(ctx context.Context, url string) (*site, error) {
	s := &site{}
	var err error
	if s.requester, err = s.signIn(ctx, url, requester); err != nil {
		return nil, err
	}
	if s.agent, err = s.signIn(ctx, url, agent); err != nil {
		return nil, err
	}
	for range workTickets {
		answer, err := s.do(ctx, url, request{http.MethodPost, "/api/tickets/", s.requester, workTicket, http.StatusCreated})
		if err != nil {
			return nil, err
		}
		var t struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(answer, &t); err != nil {
			return nil, err
		}
		s.tickets = append(s.tickets, t.ID)
	}
	return s, nil
}

func (s *site) signIn(ctx context.Context, url, email string) (string, error) {
	answer, err := s.do(ctx, url, signIn(email))
	if err != nil {
		return "", err
	}
	var t struct {
		Access string `json:"access"`
	}
	err = json.Unmarshal(answer, &t)
	return t.Access, err
}

func signIn(email string) request {
	return request{http.MethodPost, "/api/token/", "", `{"email":"` + email + `","password":"` + password + `"}`, http.StatusOK}
}

// worked is the ticket that an operation's i-th request is about, "" for none.
func (s *site) worked(op operation, i int) string {
	if op.perTicket {
		return s.ticket(i)
	}
	return ""
}

// do sends the request to the server at url and returns the answer's body. Any other
// status than the expected one is an error: a benchmark of failures is none. 503 is
// errBusy.
func (s *site) do(ctx context.Context, url string, r request) ([]byte, error) {
	req, err := newRequest(ctx, r.method, url+r.path, r.token, r.body)
	if err != nil {
		return nil, err
	}
	status, body, err := s.client.do(req)
	if err == nil && status == http.StatusServiceUnavailable {
		err = fmt.Errorf("%s %s: %w: %.300s", r.method, r.path, errBusy, body)
	} else if err == nil && status != r.status {
		err = fmt.Errorf("%s %s answered %d: %.300s", r.method, r.path, status, body)
	}
	return body, err
}
