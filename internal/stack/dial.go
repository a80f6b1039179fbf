package stack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"
)

// How long a request waits for a function whose process is being started again, as
// the platform holds requests while an instance starts. A push may wait longer: nobody
// looks at a screen meanwhile, and its deadline is far.
const (
	frontWaits = 2 * time.Second
	pushWaits  = 15 * time.Second
)

// patient returns a transport that waits up to wait for somebody to listen. A refused
// connection has carried nothing, so trying again is safe for any request.
func patient(wait time.Duration) *http.Transport {
	dialer := &net.Dialer{}
	return &http.Transport{
		MaxIdleConnsPerHost: 256, // no new connection for each request under load
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true, // bodies go through as they are
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			for until := time.Now().Add(wait); ; {
				conn, err := dialer.DialContext(ctx, network, address)
				if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(until) {
					return conn, err
				}
				select {
				case <-ctx.Done():
					return nil, err
				case <-time.After(20 * time.Millisecond):
				}
			}
		},
	}
}
