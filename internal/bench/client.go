package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// client sends HTTP requests over kept connections, one request on a connection at a
// time. It is here because it shares the machine with what it measures: net/http's own
// client wakes two goroutines for each request, which on busy cores is a good part of
// the latency that it would report. What it sends and reads is net/http's.
type client struct {
	mu   sync.Mutex
	idle map[string][]*connection // by address
}

type connection struct {
	net.Conn
	answers *bufio.Reader
}

// requestWithin bounds one request, however overloaded the machine is.
const requestWithin = 30 * time.Second

// do sends the request and reads the whole answer.
func (c *client) do(req *http.Request) (status int, body []byte, err error) {
	conn, err := c.take(req.Context(), req.URL.Host)
	if err != nil {
		return 0, nil, err
	}
	status, body, again, err := conn.exchange(req)
	if err != nil || !again {
		_ = conn.Close() // of no use any more
		return status, body, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle[req.URL.Host] = append(c.idle[req.URL.Host], conn)
	return status, body, nil
}

// take is a connection that nobody uses, or a new one.
func (c *client) take(ctx context.Context, address string) (*connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil {
		c.idle = map[string][]*connection{}
	}
	if n := len(c.idle[address]); n > 0 {
		conn := c.idle[address][n-1]
		c.idle[address] = c.idle[address][:n-1]
		return conn, nil
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{raw, bufio.NewReader(raw)}, nil
}

// exchange sends one request and reads its answer; again says whether the connection
// can take another one.
func (c *connection) exchange(req *http.Request) (status int, body []byte, again bool, err error) {
	if err := c.SetDeadline(time.Now().Add(requestWithin)); err != nil {
		return 0, nil, false, err
	}
	if err := req.Write(c); err != nil {
		return 0, nil, false, err
	}
	res, err := http.ReadResponse(c.answers, req)
	if err != nil {
		return 0, nil, false, fmt.Errorf("read the answer: %w", err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err == nil && !res.Close, err
}

// close ends all connections.
func (c *client) close() (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range c.idle {
		for _, conn := range list {
			err = errors.Join(err, conn.Close())
		}
	}
	c.idle = nil
	return err
}

// newRequest is an HTTP request of ours.
func newRequest(ctx context.Context, method, url, token, body string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}
