package serve

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"ticketsystem.example/shared/event"
)

// Uploads is the side of a function that Cloud Storage tells of new objects, by way of
// Pub/Sub.
type Uploads struct {
	Name   string                                                           // as in dead letters
	Handle func(ctx context.Context, object string, generation int64) error // safe to repeat
	Bury   func(context.Context, event.DeadLetter) error                    // keeps what can never work
	Wake   Nudger                                                           // nil if Handle makes no facts
	Now    func() time.Time
}

// uploadPatience is how long the work on one object may take: its content is moved twice.
const uploadPatience = 50 * time.Second

// finalized is the type of the one notification that matters: an object is there, whole.
const finalized = "OBJECT_FINALIZE"

// ServeHTTP takes one notification. Like a Consumer's, 204 acknowledges it.
func (u Uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged(w, r, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), uploadPatience)
		defer cancel()
		p, err := readPush(r.Body)
		if err == nil {
			err = u.take(ctx, p)
		}
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (u Uploads) take(ctx context.Context, p push) error {
	said := p.Message.Attributes
	if said["eventType"] != finalized || said["objectId"] == "" {
		return nil
	}
	e := event.Event{ID: p.Message.ID, Type: finalized, Subject: said["objectId"]}
	entryOf(ctx).subject(e)
	generation, _ := strconv.ParseInt(said["objectGeneration"], 10, 64) // 0, whichever is there, for what is no number
	err := u.Handle(ctx, e.Subject, generation)
	if err == nil && u.Wake != nil {
		u.Wake.Nudge(context.WithoutCancel(ctx))
	}
	if !hopeless(err) {
		return err
	}
	return keep(ctx, u.Bury, event.DeadLetter{
		ID: u.Name + ":" + p.Message.ID, Consumer: u.Name, Event: e.ID, Type: e.Type, Subject: e.Subject,
		Reason: err.Error(), Payload: string(p.Message.Data), Attempts: p.Attempt, At: u.Now(),
	})
}
