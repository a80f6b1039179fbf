package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
		if !slices.Contains(c.Kinds, e.Type) || e.For != "" && e.For != c.Name {
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
	return keep(ctx, c.Bury, event.DeadLetter{
		ID: c.Name + ":" + p.Message.ID, Consumer: c.Name, Event: e.ID, Type: e.Type, Subject: e.Subject,
		Reason: err.Error(), Payload: string(p.Message.Data), Attempts: p.Attempt, At: c.Now(),
	})
}

// keep buries a dead letter and writes the line that an alert waits for: an error with
// the message "dead letter".
func keep(ctx context.Context, bury func(context.Context, event.DeadLetter) error, l event.DeadLetter) error {
	if err := bury(ctx, l); err != nil {
		return err
	}
	logger.LogAttrs(ctx, slog.LevelError, "dead letter", slog.String("consumer", l.Consumer), slog.String("type", l.Type),
		slog.String("letter", l.ID), slog.String("event", l.Event), slog.String("error", l.Reason))
	return nil
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

// failing is the name of the function whose dead letter this is. Its subscription is the
// source that Pub/Sub names, or that of the dead-letter topic less its last word; both
// end in the function's name.
func failing(p push) string {
	source := p.Message.Attributes["CloudPubSubDeadLetterSourceSubscription"]
	if source == "" {
		source = strings.TrimSuffix(p.Subscription, "-dead")
	}
	return source[strings.LastIndexAny(source, "-/")+1:]
}

// DeadLetters is the consumer of dead-letter topics: it keeps what other functions
// failed to handle too often.
func DeadLetters(bury func(context.Context, event.DeadLetter) error, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged(w, r, func(w http.ResponseWriter, r *http.Request) {
			p, err := readPush(r.Body)
			if err == nil {
				err = keep(r.Context(), bury, deadLetter(p, now()))
			}
			if err != nil {
				WriteProblem(w, r, err)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	})
}

func deadLetter(p push, now time.Time) event.DeadLetter {
	e, unreadable := deadEvent(p)
	consumer := failing(p)
	attempts, _ := strconv.Atoi(p.Message.Attributes["CloudPubSubDeadLetterSourceDeliveryCount"]) // 0 where it is not said
	l := event.DeadLetter{
		ID: consumer + ":" + p.Message.ID, Consumer: consumer, Event: e.ID, Type: e.Type, Subject: e.Subject, Attempts: attempts,
		Reason: "The function failed on every delivery; its log says why.", Payload: string(p.Message.Data), At: now,
	}
	if unreadable != nil {
		l.Reason = unreadable.Error()
	}
	return l
}
