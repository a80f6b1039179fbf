package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/event"
)

// How badly Pub/Sub behaves, of a thousand messages.
const (
	repeats   = 60 // are delivered once more, though they were acknowledged
	dawdles   = 40 // come up to ten minutes late
	forgets   = 15 // acknowledgements are lost
	halfTaken = 10 // publications are taken, or a part of them, and say that they failed
)

// bus is Pub/Sub: at least once, in any order, again after a failure or a silence, and to
// the dead letters in the end.
type bus struct {
	world *world
	open  int // deliveries that are not acknowledged
}

// message is what is published.
type message struct {
	id   string
	data []byte
	kind string // attribute "type"
}

// delivery is a message on its way to one subscription.
type delivery struct {
	message
	to       functions.Function
	from     string // the subscription whose dead letter it is, or ""
	attempts int
	done     bool
}

// Publish implements event.Publisher.
func (b *bus) Publish(_ context.Context, events []event.Event) error {
	t := b.world.running
	if t.in.dead {
		return errDead
	}
	t.rest(t.pause())
	if err := (shelf{b.world, t.in}).trouble(t); err != nil {
		t.note(t.name, fmt.Sprintf("publish %d: %v", len(events), err))
		return err
	}
	failed := t.happens(halfTaken)
	if failed {
		events = events[:t.luck.IntN(len(events)+1)]
	}
	for _, e := range events {
		t.note(t.name, "publish "+e.ID)
		b.world.wasPublished(e)
		data, err := event.Encode(e)
		if err != nil {
			return err
		}
		b.publish(message{id: fmt.Sprintf("%s.%d", e.ID, b.count(e.ID)), data: data, kind: e.Type})
	}
	if err := (shelf{b.world, t.in}).after(); err != nil {
		return err
	}
	if failed {
		return errLost
	}
	return nil
}

// count numbers the publications of one thing, so that their names hang on nothing else.
func (b *bus) count(id string) int {
	b.world.published[id]++
	return b.world.published[id]
}

// publish brings a message to every function that takes its type. Filters are the
// catalogue's.
func (b *bus) publish(m message) {
	for _, f := range functions.Catalogue {
		if f.Takes(m.kind) && b.world.functions[f.Name] != nil {
			b.send(&delivery{message: m, to: f})
		}
	}
}

func (b *bus) send(d *delivery) {
	luck := b.world.chance(fmt.Sprintf("%s to %s", d.id, d.to.Name))
	wait := time.Duration(luck.Int64N(int64(300 * time.Millisecond)))
	if !b.world.calm && luck.IntN(1000) < dawdles {
		wait = time.Duration(luck.Int64N(int64(10 * time.Minute)))
	}
	b.open++
	b.world.after(wait, func() { b.deliver(d) })
	if !b.world.calm && luck.IntN(1000) < repeats {
		again := &delivery{message: d.message, to: d.to, from: d.from, attempts: 100, done: true}
		b.world.after(time.Duration(luck.Int64N(int64(20*time.Minute))), func() { b.deliver(again) })
	}
}

// deliver makes one attempt.
func (b *bus) deliver(d *delivery) {
	w := b.world
	d.attempts++
	attempt := d.attempts
	name := fmt.Sprintf("%s %s #%d", d.to.Name, d.id, attempt)
	answer := httptest.NewRecorder()
	in := w.function(d.to.Name).instance(name)
	settled := false
	w.start(name, in, func(ctx context.Context) {
		in.handler.ServeHTTP(answer, d.request(ctx))
	}, func() {
		if in.dead || settled || d.done {
			return
		}
		settled = true
		luck := w.chance(name + " answer")
		w.note(name, fmt.Sprint("answers ", answer.Code))
		if answer.Code >= 300 {
			b.again(d, backoff(attempt))
			return
		}
		if !w.calm && luck.IntN(1000) < forgets {
			b.again(d, functions.AckDeadlineSec*time.Second)
			return
		}
		d.done = true
		b.open--
	})
	if d.done {
		return // a repetition, of which nobody keeps count
	}
	w.after(functions.AckDeadlineSec*time.Second, func() {
		if !settled && !d.done {
			settled = true
			w.note(name, "no answer in time")
			b.again(d, 0)
		}
	})
}

// backoff is the pause after so many attempts.
func backoff(attempts int) time.Duration {
	return min(functions.MinBackoffSec*time.Second<<min(attempts-1, 20), functions.MaxBackoffSec*time.Second)
}

// again delivers once more, or gives up.
func (b *bus) again(d *delivery, wait time.Duration) {
	if d.attempts < functions.MaxAttempts || d.from != "" {
		b.world.after(wait, func() {
			if !d.done {
				b.deliver(d)
			}
		})
		return
	}
	d.done = true
	b.open--
	grave, _ := functions.Named("bury")
	b.send(&delivery{message: message{id: d.id + "~" + d.to.Name, data: d.data, kind: d.kind}, to: grave, from: d.to.Subscription()})
}

// request is the push.
func (d *delivery) request(ctx context.Context) *http.Request {
	attributes := map[string]string{"type": d.kind}
	if d.from != "" {
		attributes["CloudPubSubDeadLetterSourceSubscription"] = d.from
	}
	body, _ := json.Marshal(map[string]any{ // never fails
		"message":      map[string]any{"data": d.data, "attributes": attributes, "messageId": d.id},
		"subscription": d.to.Subscription(), "deliveryAttempt": d.attempts,
	})
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Traceparent", trace)
	return r
}

// trace is every request's trace id: a random one would differ from run to run.
const trace = "00-0000000000000000000000000000000a-000000000000000a-00"
