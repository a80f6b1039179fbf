package console

import (
	"net/http"
	"slices"
	"time"

	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// How much is shown at most.
const (
	manyFacts   = 100
	manyEffects = 1000 // several belong to each fact
)

// Fact is one act of a ticket's history, and what came of it.
type Fact struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Ticket   string         `json:"ticket"`
	Sequence int64          `json:"sequence"`
	At       time.Time      `json:"at"`
	Actor    string         `json:"actor"`
	Waiting  bool           `json:"waiting"` // still in the outbox
	Effects  []event.Marker `json:"effects"` // oldest first
}

func (c console) functions(*http.Request) ([]stack.Function, error) { return c.stack.Functions(), nil }

func (c console) topics(*http.Request) ([]string, error) { return c.stack.Topics(), nil }

func (c console) subscriptions(*http.Request) ([]stack.Subscription, error) {
	return c.stack.Subscriptions(), nil
}

func (c console) deliveries(*http.Request) ([]stack.Delivery, error) {
	return c.stack.Deliveries(), nil
}

// outbox lists the events that wait to be published, oldest first.
func (c console) outbox(r *http.Request) ([]event.Event, error) {
	return docdb.Find[event.Event](r.Context(), c.stack.DB, docdb.Query{
		Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: manyFacts,
	})
}

// effects lists what consumers have done, newest first.
func (c console) effects(r *http.Request) ([]event.Marker, error) {
	return docdb.Find[event.Marker](r.Context(), c.stack.DB, docdb.Query{
		Collection: event.EffectCollection, Order: []docdb.Order{{Field: "at", Desc: true}}, Limit: manyEffects,
	})
}

// facts lists the latest acts, newest first, each with its effects.
func (c console) facts(r *http.Request) ([]Fact, error) {
	facts, err := docdb.Find[Fact](r.Context(), c.stack.DB, docdb.Query{
		Collection: "acts", Order: []docdb.Order{{Field: "at", Desc: true}}, Limit: manyFacts,
	})
	if err != nil {
		return nil, err
	}
	waiting, err := c.outbox(r)
	if err != nil {
		return nil, err
	}
	effects, err := c.effects(r)
	if err != nil {
		return nil, err
	}
	join(facts, waiting, effects)
	return facts, nil
}

// join tells each fact whether it waits and what came of it.
func join(facts []Fact, waiting []event.Event, effects []event.Marker) {
	at := map[string]*Fact{}
	for i := range facts {
		facts[i].Effects = []event.Marker{}
		at[facts[i].ID] = &facts[i]
	}
	for _, e := range waiting {
		if f := at[e.ID]; f != nil {
			f.Waiting = true
		}
	}
	for _, e := range slices.Backward(effects) {
		if f := at[e.Event]; f != nil {
			f.Effects = append(f.Effects, e)
		}
	}
}

// deadLetters lists what functions could not handle, newest first.
func (c console) deadLetters(r *http.Request) ([]event.DeadLetter, error) {
	return docdb.Find[event.DeadLetter](r.Context(), c.stack.DB, docdb.Query{
		Collection: event.DeadLetterCollection, Order: []docdb.Order{{Field: "at", Desc: true}}, Limit: manyFacts,
	})
}
