// Package relay is the function that publishes the facts waiting in the outbox.
//
// Trigger: a nudge (HTTP POST) from a function that has just committed facts, and the
// schedule every minute in case a nudge was lost. Moves facts from outbox to the archive
// facts when they are published to the topic. If it dies after publishing and before deleting, the facts are
// published again: consumers expect that. Rights: Firestore documents, publishing.
package relay

import (
	"context"
	"net/http"
	"sync"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/gcp/pubsub"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Relay", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		to, err := pubsub.Open(cfg)
		if err != nil {
			return nil, err
		}
		r := &runner{relay: event.Relay{DB: d.DB, To: to, Now: d.Now}}
		return serve.Task(r.run), nil
	})
}

// runner lets one drain run at a time; nudges that come meanwhile become one more
// drain after it, since their facts may have missed the query.
type runner struct {
	relay   event.Relay
	mu      sync.Mutex
	running bool
	again   bool
}

// run drains the outbox, or leaves that to the drain that is under way.
func (r *runner) run(ctx context.Context) error {
	if !r.begin() {
		return nil
	}
	for {
		_, err := r.relay.Drain(ctx)
		if r.end(err) {
			return err
		}
	}
}

func (r *runner) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.again = r.running
	if r.running {
		return false
	}
	r.running = true
	return true
}

// end reports whether the run is over: nobody came meanwhile, or it failed.
func (r *runner) end(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.again && err == nil {
		r.again = false
		return false
	}
	r.running, r.again = false, false
	return true
}
