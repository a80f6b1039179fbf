package stack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"ticketsystem.example/functions"
)

// schedule fires functions as Cloud Scheduler does: a POST to the function's root,
// by cron lines in UTC.
type schedule struct {
	ctx    context.Context // ends what is under way
	cancel context.CancelFunc
	cron   *cron.Cron
	jobs   []func()
}

// newSchedule prepares a job for every function that has a schedule; start begins.
func newSchedule(url func(functions.Function) string, say func(string)) (*schedule, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &schedule{ctx: ctx, cancel: cancel, cron: cron.New(cron.WithLocation(time.UTC))}
	for _, f := range functions.Catalogue {
		if f.Schedule == "" {
			continue
		}
		job := func() {
			if err := s.fire(f, url(f)); err != nil && ctx.Err() == nil {
				say(fmt.Sprintf("%s failed on schedule: %v", f.Name, err))
			}
		}
		if _, err := s.cron.AddFunc(f.Schedule, job); err != nil {
			cancel()
			return nil, fmt.Errorf("stack: schedule of %s: %w", f.Name, err)
		}
		s.jobs = append(s.jobs, job)
	}
	return s, nil
}

func (s *schedule) start() { s.cron.Start() }

// stop returns when no job runs any more.
func (s *schedule) stop() {
	s.cancel()
	<-s.cron.Stop().Done()
}

// fireAll fires every scheduled function now and waits for the answers.
func (s *schedule) fireAll() {
	var group sync.WaitGroup
	for _, job := range s.jobs {
		group.Go(job)
	}
	group.Wait()
}

func (s *schedule) fire(f functions.Function, url string) error {
	ctx, cancel := context.WithTimeout(s.ctx, time.Duration(f.TimeoutSec)*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode >= 300 {
		return fmt.Errorf("it answered %s", res.Status)
	}
	return nil
}
