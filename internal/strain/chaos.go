package strain

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/pubsub"
)

// Chaos lets a crowd work on a system of its own while everything around it breaks, and
// says what became of it. The emulators are those of the environment, or its own.
func Chaos(ctx context.Context, o Options) (f Figures, err error) {
	suite, own, err := emulators(ctx, o)
	if err != nil {
		return f, err
	}
	if own {
		defer func() { err = errors.Join(err, suite.Stop(context.WithoutCancel(ctx))) }()
	}
	way, err := openGate(suite.Firestore)
	if err != nil {
		return f, err
	}
	defer way.close()
	var p spoiler
	s, c, err := begin(ctx, o, stack.Options{Suite: suite, Env: []string{"FIRESTORE_EMULATOR_HOST=" + way.address()}, Pushes: p.around})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, end(s)) }()
	poison, err := poisoned(ctx, s)
	if err != nil {
		return f, err
	}
	before, err := judged(ctx, s)
	if err != nil {
		return f, err
	}
	p.on.Store(true)
	f.Kills, f.Interrupted, f.Gates, err = breakAll(ctx, o, s, way, c)
	p.on.Store(false)
	f.Late, f.Twice = int(p.late.Load()), int(p.twice.Load())
	if err != nil {
		return f, err
	}
	return f, f.reconcile(ctx, o, s, c, promised{poison, before})
}

func emulators(ctx context.Context, o Options) (*emulator.Suite, bool, error) {
	suite, ok, err := emulator.FromEnv()
	if err != nil || ok {
		return suite, false, err
	}
	suite, err = emulator.Start(ctx, emulator.Options{Progress: o.Progress})
	return suite, true, err
}

// breakAll breaks things as long as the crowd works.
func breakAll(ctx context.Context, o Options, s *stack.Stack, way *gate, c *crowd) (kills, interrupted, gates int, err error) {
	working, cancel := context.WithTimeout(ctx, o.For)
	defer cancel()
	var group sync.WaitGroup
	for range max(o.Workers, 1) {
		group.Go(func() { c.work(working) })
	}
	var failed [2]error
	group.Go(func() {
		for rest(working, o.For/20) {
			subs := s.Subscriptions()
			failed[0] = errors.Join(failed[0], s.Interrupt(ctx, subs[rand.IntN(len(subs))], o.For/60))
			interrupted++
		}
	})
	group.Go(func() {
		for rest(working, o.For/8) {
			gates++
			way.set(time.Duration(50+rand.IntN(300))*time.Millisecond, gates%2 == 0)
			time.Sleep(min(o.For/40, 8*time.Second))
			way.set(0, false)
		}
	})
	for rest(working, o.For/time.Duration(o.Kills+2)) && kills < o.Kills {
		victim := functions.Catalogue[rand.IntN(len(functions.Catalogue))]
		failed[1] = errors.Join(failed[1], s.Kill(victim.Name))
		kills++
	}
	group.Wait()
	return kills, interrupted, gates, errors.Join(failed[:]...)
}

// rest waits, and says whether there is more to do.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// spoiler delays and repeats pushes.
type spoiler struct {
	on          atomic.Bool
	late, twice atomic.Int64
}

// around goes around the internal door.
func (p *spoiler) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !p.on.Load() {
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
			return
		}
		again := r.Clone(context.WithoutCancel(r.Context()))
		if rand.IntN(10) == 0 {
			p.late.Add(1)
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
		}
		if rand.IntN(10) == 0 {
			p.twice.Add(1)
			go func() {
				time.Sleep(time.Duration(rand.IntN(2000)) * time.Millisecond)
				again.Body = io.NopCloser(bytes.NewReader(body))
				next.ServeHTTP(httptest.NewRecorder(), again)
			}()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// poisoned publishes what nobody can read, and returns the events' ids.
func poisoned(ctx context.Context, s *stack.Stack) (map[string]bool, error) {
	settings := map[string]string{}
	for _, line := range s.Env() {
		name, value, _ := bytes.Cut([]byte(line), []byte("="))
		settings[string(name)] = string(value)
	}
	cfg, err := config.From(func(name string) string { return settings[name] })
	if err != nil {
		return nil, err
	}
	to, err := pubsub.Open(cfg)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	var events []event.Event
	for _, id := range []string{"poison-1", "poison-2"} {
		ids[id] = true
		events = append(events, event.Event{Schema: event.Schema, ID: id, Type: "ticket.created", Subject: id, Sequence: 1, At: time.Now().UTC(), Actor: "nobody", Data: []byte(`[]`)})
	}
	return ids, to.Publish(ctx, events)
}
