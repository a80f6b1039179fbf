package simulate

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// wire is a database with a fault between it and a function.
type wire struct {
	docdb.Store
	commit func(ctx context.Context, next docdb.Store, writes []docdb.Write) error
	get    func(ctx context.Context, next docdb.Store, keys []docdb.Key) ([]docdb.Record, error)
	query  func(ctx context.Context, next docdb.Store, q docdb.Query) ([]docdb.Record, error)
}

// Commit implements docdb.Store.
func (s wire) Commit(ctx context.Context, writes []docdb.Write) error {
	if s.commit == nil {
		return s.Store.Commit(ctx, writes)
	}
	return s.commit(ctx, s.Store, writes)
}

// Get implements docdb.Store.
func (s wire) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	if s.get == nil {
		return s.Store.Get(ctx, keys)
	}
	return s.get(ctx, s.Store, keys)
}

// Query implements docdb.Store.
func (s wire) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	if s.query == nil {
		return s.Store.Query(ctx, q)
	}
	return s.query(ctx, s.Store, q)
}

// writing is a fault in what functions write: each write as change makes it, or left out.
func writing(change func(function string, w docdb.Write) (docdb.Write, bool)) func(string, docdb.Store) docdb.Store {
	return func(function string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			var out []docdb.Write
			for _, w := range writes {
				if changed, ok := change(function, w); ok {
					out = append(out, changed)
				}
			}
			return next.Commit(ctx, out)
		}}
	}
}

// without leaves out the writes to a collection; of all functions, or of the one named.
func without(collection, only string) func(string, docdb.Store) docdb.Store {
	return writing(func(function string, w docdb.Write) (docdb.Write, bool) {
		return w, w.Key.Collection != collection || only != "" && function != only
	})
}

// with sets a field of what is put into a collection.
func with(collection, field string, value any) func(string, docdb.Store) docdb.Store {
	return writing(func(_ string, w docdb.Write) (docdb.Write, bool) {
		if w.Key.Collection == collection && w.Op == docdb.OpPut {
			w.Fields = copied(w.Fields)
			w.Fields[field] = value
		}
		return w, true
	})
}

// unconditional takes the conditions from the writes to collections.
func unconditional(collections ...string) func(string, docdb.Store) docdb.Store {
	return writing(func(_ string, w docdb.Write) (docdb.Write, bool) {
		if slices.Contains(collections, w.Key.Collection) {
			w.MustMiss, w.IfVersion = false, ""
		}
		return w, true
	})
}

func copied(f docdb.Fields) docdb.Fields {
	out := docdb.Fields{}
	for k, v := range f {
		out[k] = v
	}
	return out
}

// here lets a fault be in one function alone.
func here(function string, fault func(string, docdb.Store) docdb.Store) func(string, docdb.Store) docdb.Store {
	return func(f string, s docdb.Store) docdb.Store {
		if f != function {
			return s
		}
		return fault(f, s)
	}
}

// deaf is a publisher that says that all went well.
type deaf struct{ event.Publisher }

// Publish implements event.Publisher.
func (d deaf) Publish(ctx context.Context, events []event.Event) error {
	_ = d.Publisher.Publish(ctx, events) // the fault
	return nil
}

// mutations are deliberate faults and what must be said of each.
var mutations = []struct {
	Mutation
	says string
}{
	{Mutation{Name: "numbers are counted without a marker", Store: without(event.EffectCollection, "measure")}, "counts"},
	{Mutation{Name: "feeds are told without a marker", Store: without(event.EffectCollection, "notify")}, "has not handled"},
	{Mutation{Name: "a marker refuses nothing", Store: here("measure", func(_ string, s docdb.Store) docdb.Store {
		return unconditional(event.EffectCollection)("measure", wire{Store: s, get: func(ctx context.Context, next docdb.Store, keys []docdb.Key) ([]docdb.Record, error) {
			recs, err := next.Get(ctx, keys)
			for i := range recs {
				if recs[i].Key.Collection == event.EffectCollection {
					recs[i] = docdb.Record{Key: recs[i].Key}
				}
			}
			return recs, err
		}})
	})}, "counts"},
	{Mutation{Name: "the marker comes in a commit of its own, first", Store: here("measure", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			return inTurn(ctx, next, writes, func(w docdb.Write) bool { return w.Key.Collection == event.EffectCollection })
		}}
	})}, "counts"},
	{Mutation{Name: "the marker comes in a commit of its own, last", Store: here("measure", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			return inTurn(ctx, next, writes, func(w docdb.Write) bool { return w.Key.Collection != event.EffectCollection })
		}}
	})}, "counts"},
	{Mutation{Name: "facts are published before they are true", Store: func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			for _, w := range writes {
				if w.Key.Collection == event.OutboxCollection && w.Op == docdb.OpPut {
					of := s.(shelf).world
					_ = of.bus.Publish(ctx, []event.Event{read[event.Event](of, w)}) // part of the fault
				}
			}
			return next.Commit(ctx, writes)
		}}
	}}, "had not happened"},
	{Mutation{Name: "the fact is left out", Store: without(event.OutboxCollection, "tickets")}, "without its fact"},
	{Mutation{Name: "the fact is a commit of its own", Store: func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			return inTurn(ctx, next, writes, func(w docdb.Write) bool { return w.Key.Collection != event.OutboxCollection })
		}}
	}}, "without its fact"},
	{Mutation{Name: "the relay removes facts before it publishes them", Store: here("relay", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, query: func(ctx context.Context, next docdb.Store, q docdb.Query) ([]docdb.Record, error) {
			recs, err := next.Query(ctx, q)
			for _, r := range recs {
				if err := next.Commit(ctx, []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}); err != nil {
					return nil, err
				}
			}
			return recs, err
		}}
	})}, "was not published"},
	{Mutation{Name: "the relay takes a failure for a success", Publisher: func(p event.Publisher) event.Publisher { return deaf{p} }}, "was not published"},
	{Mutation{Name: "failures are acknowledged", Handler: func(function string, h http.Handler) http.Handler {
		if _, ok := consumers[function]; !ok {
			return h
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusNoContent)
		})
	}}, "has not handled"},
	{Mutation{Name: "everything is counted twice", Store: here("measure", writing(func(_ string, w docdb.Write) (docdb.Write, bool) {
		if w.Op == docdb.OpAdd {
			w.Fields = copied(w.Fields)
			for f, n := range w.Fields {
				w.Fields[f] = 2 * n.(int64)
			}
		}
		return w, true
	}))}, "counts"},
	{Mutation{Name: "views don't remember what they counted", Store: here("count", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, get: func(ctx context.Context, next docdb.Store, keys []docdb.Key) ([]docdb.Record, error) {
			recs, err := next.Get(ctx, keys)
			for i := range recs {
				delete(recs[i].Fields, "sequence")
				delete(recs[i].Fields, "outline")
			}
			return recs, err
		}}
	})}, "views count"},
	{Mutation{Name: "what is unread is not counted", Store: without("inboxes", "notify")}, "unread"},
	{Mutation{Name: "a notice is lost", Store: without("notices", "")}, "was not told"},
	{Mutation{Name: "whoever is named is told", Store: here("notify", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, get: func(ctx context.Context, next docdb.Store, keys []docdb.Key) ([]docdb.Record, error) {
			recs, err := next.Get(ctx, keys)
			for i := range recs {
				if recs[i].Key.Collection == "people" && recs[i].Exists() {
					recs[i].Fields["role"] = "admin"
				}
			}
			return recs, err
		}}
	})}, "may not see"},
	{Mutation{Name: "versions are ignored", Store: unconditional("tickets", "acts", event.OutboxCollection)}, "happened twice"},
	{Mutation{Name: "the least busy agent is written unconditionally", Store: unconditional("agents")}, "open tickets"},
	{Mutation{Name: "numbers are leased unconditionally", Store: unconditional("counters")}, "given twice"},
	{Mutation{Name: "keys of requests are forgotten", Store: without("requests", "")}, "is there 2 times"},
	{Mutation{Name: "it says done and did nothing", Store: here("tickets", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			if err := next.Commit(ctx, writes); err == nil || strings.Contains(err.Error(), "collided") {
				return err
			}
			return nil
		}}
	})}, "is there 0 times"},
	{Mutation{Name: "a change is half written", Store: here("tickets", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			return inTurn(ctx, next, writes, func(w docdb.Write) bool { return w.Key.Collection != "tickets" && w.Key.Collection != "agents" })
		}}
	})}, "made version"},
	{Mutation{Name: "history lies about what was before", Store: with("acts", "changes", []any{map[string]any{"field": "title", "before": "a lie", "after": "another"}})}, "act 1 says"},
	{Mutation{Name: "an act is lost", Store: without("acts", "alarm")}, "comes instead of"},
	{Mutation{Name: "alarms forget that they rang", Store: here("alarm", with("tickets", "fired", []any{}))}, "rang twice"},
	{Mutation{Name: "tickets have no next alarm", Store: with("tickets", "alarm_at", nil)}, "did not ring"},
	{Mutation{Name: "pauses are forgotten", Store: with("tickets", "pauses", []any{})}, "is due at"},
	{Mutation{Name: "deadlines run from now", Store: here("tickets", with("tickets", "due_at", "2026-12-24T12:00:00.000000Z"))}, "is due at"},
	{Mutation{Name: "a branch moves without its tickets", Store: without("tickets", "reorganise")}, "is seen by"},
	{Mutation{Name: "a branch takes no second look", Store: here("reorganise", with("moves", "state", "done"))}, "is seen by"},
	{Mutation{Name: "everybody sees everything", Store: here("tickets", with("tickets", "audience", []any{"role:admin", "dept:it", "dept:finance", "person:uma", "person:otto"}))}, "is seen by"},
	{Mutation{Name: "what can't be read is dropped", Store: without(event.DeadLetterCollection, "")}, "was not buried"},
	{Mutation{Name: "a function answers its own facts", Store: here("count", func(_ string, s docdb.Store) docdb.Store {
		return wire{Store: s, commit: func(ctx context.Context, next docdb.Store, writes []docdb.Write) error {
			for _, w := range writes {
				id, ours := strings.CutPrefix(w.Key.ID, "count~")
				if e, ok := s.(shelf).world.facts[id]; ok && ours && w.Key.Collection == event.EffectCollection {
					e.ID, e.Depth = e.ID+"+", e.Depth+1
					fields, err := docdb.Encode(e)
					if err != nil {
						return err
					}
					writes = append(writes, docdb.Write{Key: docdb.Key{Collection: event.OutboxCollection, ID: e.ID}, Fields: fields, MustMiss: true})
				}
			}
			return next.Commit(ctx, writes)
		}}
	})}, "in a chain of causes"},
}

// inTurn writes what is chosen first and the rest after it.
func inTurn(ctx context.Context, to docdb.Store, writes []docdb.Write, first func(docdb.Write) bool) error {
	var parts [2][]docdb.Write
	for _, w := range writes {
		if first(w) {
			parts[0] = append(parts[0], w)
		} else {
			parts[1] = append(parts[1], w)
		}
	}
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if err := to.Commit(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// mutantSeeds is how many seeds a mutation may take to be caught.
const mutantSeeds = 120

// TestEveryDeliberateFaultIsCaught puts each fault into the wiring and expects that some
// seed says what it does.
func TestEveryDeliberateFaultIsCaught(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.Name, func(t *testing.T) {
			var said []string
			for seed := range uint64(mutantSeeds) {
				r := Plan(seed).Run(Options{Mutation: &m.Mutation})
				for _, w := range r.Wrong {
					if strings.Contains(w, m.says) {
						t.Logf("seed %d: %s", seed, w)
						return
					}
				}
				said = append(said, r.Wrong...)
			}
			t.Errorf("nobody noticed; said was %v", said[:min(len(said), 5)])
		})
	}
}
