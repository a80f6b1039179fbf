package strain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/simulate"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// drainWithin is how long the system may take to come to rest, and page how many documents
// are read at once.
const (
	drainWithin = 4 * time.Minute
	page        = 300
)

// read are the collections that are judged.
var read = []string{
	"tickets", "acts", "replies", "notes", "organisation", "agents", "people", "notices", "inboxes", "threads", "days", "agent_days", "category_days", "stocks",
	"counts", "view_filters", event.OutboxCollection, event.EffectCollection, event.DeadLetterCollection,
}

// promised is what there has to be, and what was there before.
type promised struct {
	poison map[string]bool // events that cannot be handled
	before map[string]bool // what was wrong: the demo's tickets come without their facts
}

// judged is what is wrong before the crowd begins.
func judged(ctx context.Context, s *stack.Stack) (map[string]bool, error) {
	m, err := copied(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, w := range simulate.Judge(m, time.Now()) {
		out[w] = true
	}
	return out, nil
}

// reconcile waits until nothing is wrong any more, and says what still is in the end: facts
// may be on their way for a while, but what is lost or there twice stays so.
func (f *Figures) reconcile(ctx context.Context, o Options, s *stack.Stack, c *crowd, p promised) error {
	o.say("the crowd has gone home; waiting until the system is at rest")
	f.Requests, f.Refused, f.Opened, f.Said = int(c.requests.Load()), int(c.refused.Load()), len(c.opened), len(c.said)
	began := time.Now()
	for {
		if err := nudge(s); err != nil {
			return err
		}
		m, err := copied(ctx, s.DB)
		if err != nil { // it is still busy
			if time.Since(began) > drainWithin {
				return err
			}
			o.say("not at rest: %v", err)
			continue
		}
		f.Wrong = slices.DeleteFunc(simulate.Judge(m, time.Now()), func(w string) bool { return p.before[w] })
		f.Wrong = append(append(f.Wrong, c.missing(m)...), letters(m, p.poison)...)
		f.Acts, f.Effects, f.Letters = len(m.Dump("acts")), len(m.Dump(event.EffectCollection)), len(m.Dump(event.DeadLetterCollection))
		f.Drained = time.Since(began)
		if len(f.Wrong) == 0 || f.Drained > drainWithin {
			return nil
		}
		o.say("not at rest: %d differences, %s the first", len(f.Wrong), f.Wrong[0])
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(3 * time.Second):
		}
	}
}

// copied reads the documents into a database in memory.
func copied(ctx context.Context, db *docdb.DB) (*docdb.Memory, error) {
	m := docdb.NewMemory()
	for _, collection := range read {
		q := docdb.Query{Collection: collection, Limit: page}
		for {
			recs, err := db.Query(ctx, q)
			if err != nil {
				return nil, err
			}
			for _, r := range recs {
				if err := m.Commit(ctx, []docdb.Write{{Key: r.Key, Fields: r.Fields}}); err != nil {
					return nil, err
				}
			}
			if len(recs) < page {
				break
			}
			q.After = []any{recs[page-1].Key.ID}
		}
	}
	return m, nil
}

// missing compares what people were told is done with what is there.
func (c *crowd) missing(m *docdb.Memory) (out []string) {
	there := map[string]int{}
	for _, r := range m.Dump("tickets") {
		title, _ := r.Fields["title"].(string)
		there[title]++
	}
	for _, collection := range []string{"replies", "notes"} {
		for _, r := range m.Dump(collection) {
			body, _ := r.Fields["body"].(string)
			there[body]++
		}
	}
	for _, t := range c.opened {
		if there[t.title] == 0 {
			out = append(out, fmt.Sprintf("%s was acknowledged and is not there", t.title))
		}
	}
	for _, body := range c.said {
		if there[body] == 0 {
			out = append(out, fmt.Sprintf("%s was acknowledged and is not there", body))
		}
	}
	for what, n := range there {
		if n > 1 && what != "" {
			out = append(out, fmt.Sprintf("%s is there %d times", what, n))
		}
	}
	return out
}

// letters compares the dead letters with what was put in to die: one for each function that
// takes it, and nothing else.
func letters(m *docdb.Memory, poison map[string]bool) (out []string) {
	got := map[string]int{}
	for _, r := range m.Dump(event.DeadLetterCollection) {
		id, _ := r.Fields["event"].(string)
		consumer, _ := r.Fields["consumer"].(string)
		if !poison[id] {
			out = append(out, fmt.Sprintf("a dead letter of %s: %v %s: %v", consumer, r.Fields["type"], id, r.Fields["reason"]))
		}
		got[id]++
	}
	want := 0
	for _, f := range functions.Catalogue {
		if f.Takes("ticket.created") {
			want++
		}
	}
	for id := range poison {
		if got[id] != want {
			out = append(out, fmt.Sprintf("%s was buried by %d functions, not %d", id, got[id], want))
		}
	}
	return out
}
