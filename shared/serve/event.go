package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is the event side of a function.
type Consumer struct {
	Name   string                                        // as in markers and subscriptions
	Kinds  []string                                      // types of facts it acts on; others are taken and passed over
	Handle func(context.Context, event.Event) error      // safe to repeat
	Bury   func(context.Context, event.DeadLetter) error // keeps what can never work
	Wake   Nudger                                        // nil if Handle makes no facts
	Now    func() time.Time
}

// push is the body of a Pub/Sub push request.
type push struct {
	Message struct {
		Data       []byte            `json:"data"`
		Attributes map[string]string `json:"attributes"`
		ID         string            `json:"messageId"`
	} `json:"message"`
	Subscription string `json:"subscription"`
	Attempt      int    `json:"deliveryAttempt"`
}

// maxPush is the largest push request: Pub/Sub's own limit of 10 MB, in base64.
const maxPush = 14 << 20

// ServeHTTP takes one delivery. 204 acknowledges it; anything else asks Pub/Sub for
// another one later, until the subscription's dead-letter policy takes it away.
func (c Consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged(w, r, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		p, err := readPush(r.Body)
		if err == nil {
			err = c.take(ctx, p)
		}
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func readPush(body io.Reader) (push, error) {
	var p push
	if err := json.UnmarshalRead(io.LimitReader(body, maxPush), &p); err != nil {
		return p, fault.Wrap(err, fault.Invalid, "malformed", "This is not a push request of Pub/Sub.")
	}
	return p, nil
}

// take handles the fact of a delivery, and buries what can never be handled.
func (c Consumer) take(ctx context.Context, p push) error {
	e, err := event.Decode(p.Message.Data)
	if err == nil {
		if !slices.Contains(c.Kinds, e.Type) {
			return nil
		}
		entryOf(ctx).subject(e)
		err = c.Handle(ctx, e)
	}
	if err == nil {
		if c.Wake != nil {
			c.Wake.Nudge(context.WithoutCancel(ctx))
		}
		return nil
	}
	if !hopeless(err) {
		return err
	}
	logger.LogAttrs(ctx, slog.LevelError, "buried "+e.Type, slog.String("error", err.Error()), slog.String("event", e.ID))
	return c.Bury(ctx, event.DeadLetter{
		ID: c.Name + "~" + p.Message.ID, Consumer: c.Name, Event: e.ID, Type: e.Type, Subject: e.Subject,
		Reason: err.Error(), Payload: string(p.Message.Data), Attempts: p.Attempt, At: c.Now(),
	})
}

// hopeless reports whether another delivery can't help.
func hopeless(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Kind == fault.Permanent || f.Kind == fault.Invalid)
}

// deadEvent is what a dead letter was about: a fact, or an object.
func deadEvent(p push) (event.Event, error) {
	if object := p.Message.Attributes["objectId"]; object != "" {
		return event.Event{ID: p.Message.ID, Type: finalized, Subject: object}, nil
	}
	return event.Decode(p.Message.Data)
}

// DeadLetters is the consumer of dead-letter topics: it keeps what other functions
// failed to handle too often. The topic's subscription names the function.
func DeadLetters(bury func(context.Context, event.DeadLetter) error, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged(w, r, func(w http.ResponseWriter, r *http.Request) {
			p, err := readPush(r.Body)
			if err == nil {
				e, unreadable := deadEvent(p)
				consumer := p.Message.Attributes["CloudPubSubDeadLetterSourceSubscription"]
				l := event.DeadLetter{
					ID: consumer + "~" + p.Message.ID, Consumer: consumer, Event: e.ID, Type: e.Type, Subject: e.Subject,
					Reason: "The function failed on every delivery; its log says why.", Payload: string(p.Message.Data), At: now(),
				}
				if unreadable != nil {
					l.Reason = unreadable.Error()
				}
				err = bury(r.Context(), l)
			}
			if err != nil {
				WriteProblem(w, r, err)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	})
}
