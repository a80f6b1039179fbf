package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/process"
)

// lone is a process of a function beside a stack's, with the stack's settings. It takes
// part in nothing: Pub/Sub and the front door do not know it.
type lone struct {
	process *process.Process
	url     string
	began   time.Time
}

// launch starts one; env is added to the settings of the stack.
func (b *bench) launch(s *stack.Stack, row functions.Function, env ...string) (*lone, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil { // free again, and hardly taken within a moment
		return nil, err
	}
	p := &lone{url: fmt.Sprintf("http://127.0.0.1:%d", port), began: time.Now()}
	p.process, err = process.Start(process.Spec{
		Name: row.Name, Path: filepath.Join(b.dir, "bin", row.Name), Dir: b.dir,
		Env: append(s.FunctionEnv(row, port), env...), Log: filepath.Join(b.dir, "lone-"+row.Name+".log"),
	}, b.options.Progress)
	return p, err
}

func (p *lone) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	p.process.Stop(ctx)
}

// How often, and for how long, a function that starts is asked.
const (
	askEvery    = time.Millisecond
	startWithin = 20 * time.Second
)

// firstAnswer waits for the first answer of /healthz and returns how long after the
// start of the process it came.
func (p *lone) firstAnswer(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		status, err := ask(ctx, http.MethodGet, p.url+"/healthz", "", "")
		if err == nil && status == http.StatusOK {
			return time.Since(p.began), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("no answer within %s: %w", startWithin, errors.Join(ctx.Err(), err))
		case <-time.After(askEvery):
		}
	}
}

// asker keeps no connections, since what it asks soon ends.
var asker = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func ask(ctx context.Context, method, url, token, body string) (int, error) {
	req, err := newRequest(ctx, method, url, token, body)
	if err != nil {
		return 0, err
	}
	res, err := asker.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}
