package script

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// How often a wait asks: at first soon, since most of what is waited for takes some
// tens of milliseconds, then less often.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// waitFor repeats the latest request until the check holds.
func (u *run) waitFor(c check) error {
	if u.get == nil {
		return errors.New("only a GET can be repeated: wait must follow one")
	}
	q := u.get
	return u.poll(func() error {
		if err := c.hold(u); err == nil {
			return nil
		}
		if err := u.send(q); err != nil {
			return err
		}
		return c.hold(u)
	})
}

// waitForAct polls the history of $ticket, as the person who is at it.
func (u *run) waitForAct(kind string) error {
	history := &request{method: http.MethodGet, path: "/api/tickets/$ticket/history/?limit=100"}
	c, _ := parseCheck(".items.#.type contains " + kind)
	return u.poll(func() error {
		if err := u.send(history); err != nil {
			return err
		}
		return c.hold(u)
	})
}

// poll tries until it succeeds or patience ends.
func (u *run) poll(try func() error) error {
	began, pause := time.Now(), firstPause
	for {
		err := try()
		if err == nil {
			return nil
		}
		if took := time.Since(began); took > u.runner.Patience {
			return fmt.Errorf("after %.1f s: %w", took.Seconds(), err)
		}
		select {
		case <-u.ctx.Done():
			return fmt.Errorf("%w; the last was %w", u.ctx.Err(), err)
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}
