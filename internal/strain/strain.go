// Package strain puts the whole system, as it runs on one machine, under strain, and
// afterwards counts whether everything that it promised is there, once.
//
// A crowd (crowd.go) works through the front door and remembers what it was told is done.
// Meanwhile, in Chaos (chaos.go), function processes are killed, pushes come late and
// twice, subscriptions are interrupted and the way to Firestore is slow or closed. When
// that is over the system may come to rest, and then its documents are read whole and
// judged (reconcile.go), by the rules of package simulate and against the crowd's memory.
//
// It is for development and is never deployed.
package strain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ticketsystem.example/internal/stack"
)

// Options say how hard it is.
type Options struct {
	For      time.Duration // how long the crowd works
	Kills    int           // processes that are killed meanwhile, in Chaos
	Workers  int           // people at a time; 0 means 6
	Progress func(line string)
}

// Figures are what there was.
type Figures struct {
	Requests, Refused int // that were sent; that were answered by 429 or 503 or not at all
	Opened, Said      int // tickets and comments that were acknowledged
	Kills             int
	Late, Twice       int // pushes
	Interrupted       int // subscriptions
	Gates             int // times that the way to Firestore was slow or closed
	Drained           time.Duration
	Acts, Effects     int
	Letters           int      // dead letters, all of them of what was put in to die
	Wrong             []string // differences
}

// String is the figures in some lines.
func (f Figures) String() string {
	return fmt.Sprintf(`%d requests, %d of them refused or not answered; acknowledged: %d tickets, %d comments
%d processes killed, %d pushes late, %d pushes twice, %d subscriptions interrupted, %d times no good way to Firestore
at rest after %.1f s: %d acts, %d markers of effects, %d dead letters, all of what was put in to die
%d differences`, f.Requests, f.Refused, f.Opened, f.Said, f.Kills, f.Late, f.Twice, f.Interrupted, f.Gates,
		f.Drained.Seconds(), f.Acts, f.Effects, f.Letters, len(f.Wrong))
}

func (o Options) say(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// begin starts a stack with the demo organisation and a crowd that is signed in.
func begin(ctx context.Context, o Options, s stack.Options) (*stack.Stack, *crowd, error) {
	s.Progress = o.Progress
	system, err := stack.Start(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err = system.Seed(ctx); err == nil {
		c := newCrowd(system.URL)
		if err = c.signIn(ctx); err == nil {
			return system, c, nil
		}
	}
	return nil, nil, errors.Join(err, end(system))
}

// end stops a stack.
func end(s *stack.Stack) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return s.Stop(ctx)
}

// nudge lets everything run that is on the schedule.
func nudge(s *stack.Stack) error {
	shift, err := s.Clock()
	if err != nil {
		return err
	}
	return s.MoveClock(shift)
}

// quickly is a client for the crowd, which waits about as long as people do.
func quickly() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}
