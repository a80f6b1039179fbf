package main

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/search"
)

const (
	maxCopies  = 200_000
	week       = 7 * 24 * time.Hour
	spread     = 2 * 52 // weeks over which copies are spread
	copiesOnce = 25     // written by one worker at a time
)

// loadCopies adds n tickets that are copies of the demo's, moved back by whole weeks, so
// that working hours fall where they did. Their assignees have as much more to do; but
// nobody is notified of them, they are not counted in any day's numbers, and no alarm
// rings for them. The demo is played once and its documents are copied: playing each
// copy would take six times as long.
func (l *loader) loadCopies(ctx context.Context, n int) error {
	s, err := replay(ctx, l.demo, l.now)
	if err != nil {
		return err
	}
	originals, err := s.originals()
	if err != nil {
		return err
	}
	copies := make([]*duplicate, n)
	for i := range copies {
		round, rounds := i/len(originals), (n-1)/len(originals)+1
		older := week*time.Duration(1+round*spread/rounds) + time.Second*time.Duration(round)
		copies[i] = &duplicate{original: originals[i%len(originals)], id: idOf(fmt.Sprintf("copy-%d-%d", l.now.UnixNano(), i)), older: older}
	}
	if err := number(ctx, l.store, copies); err != nil {
		return err
	}
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.NumCPU())
	for part := range slices.Chunk(copies, copiesOnce) {
		group.Go(func() error {
			var writes []docdb.Write
			for _, d := range part {
				writes = append(writes, d.writes()...)
			}
			return commitAll(all, l.store, writes)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return burden(ctx, l.store, copies)
}

// original is a ticket of the demo with all documents that belong to it.
type original struct {
	desk.Ticket
	documents []docdb.Write
	tokens    search.Set // of its number
}

// originals are the tickets that were played.
func (s *stage) originals() ([]*original, error) {
	var all []*original
	byID := map[string]*original{}
	for _, r := range s.store.Dump("tickets") {
		o := &original{}
		if err := docdb.Decode(r, &o.Ticket); err != nil {
			return nil, err
		}
		o.tokens = tokens(o.Number)
		all, byID[r.Key.ID] = append(all, o), o
	}
	for _, w := range s.store.writes() {
		for part := range strings.SplitSeq(w.Key.ID, "-") {
			if o := byID[part]; o != nil {
				o.documents = append(o.documents, w)
			}
		}
	}
	return all, nil
}

func tokens(number string) search.Set {
	s := search.Set{}
	s.Add("", number, 0)
	return s
}

// duplicate is a copy of a ticket, older than the original.
type duplicate struct {
	*original
	id, number string
	older      time.Duration
}

// number gives each copy a number of its month that no other ticket has or will have:
// the months' counters go up first.
func number(ctx context.Context, store docdb.Store, copies []*duplicate) error {
	next := map[string]int64{}
	for _, d := range copies {
		next[d.month()] = 1
	}
	var keys []docdb.Key
	for _, month := range slices.Sorted(maps.Keys(next)) {
		keys = append(keys, docdb.Key{Collection: "counters", ID: "numbers-" + month})
	}
	recs, err := store.Get(ctx, keys)
	if err != nil {
		return err
	}
	for _, r := range recs {
		if n, ok := r.Fields["next"].(int64); ok {
			next[strings.TrimPrefix(r.Key.ID, "numbers-")] = n
		}
	}
	for _, d := range copies {
		d.number = fmt.Sprintf("TKT-%s-%04d", d.month(), next[d.month()])
		next[d.month()]++
	}
	var writes []docdb.Write
	for _, k := range keys {
		writes = append(writes, docdb.Write{Key: k, Fields: docdb.Fields{"next": next[strings.TrimPrefix(k.ID, "numbers-")]}})
	}
	return commitAll(ctx, store, writes)
}

func (d *duplicate) month() string { return d.CreatedAt.Add(-d.older).UTC().Format("200601") }

// writes are the copy's documents.
func (d *duplicate) writes() []docdb.Write {
	names := strings.NewReplacer(string(d.ID), d.id, d.Number, d.number)
	out := make([]docdb.Write, len(d.documents))
	for i, w := range d.documents {
		w.Key.ID = names.Replace(d.earlier(w.Key.ID))
		fields := d.move(w.Fields, names).(docdb.Fields)
		delete(fields, "alarm_at")
		if w.Key.Collection == "search" {
			fields = d.renumbered(fields)
		}
		w.Fields = fields
		out[i] = w
	}
	return out
}

// earlier is the key of a search entry, which begins with the time backwards.
func (d *duplicate) earlier(id string) string {
	backwards, rest, _ := strings.Cut(id, "-")
	if n, err := strconv.ParseInt(backwards, 10, 64); err == nil && len(backwards) == 16 {
		return fmt.Sprintf("%016d-%s", n+d.older.Microseconds(), rest)
	}
	return id
}

// move is a copy of a value with the new names, and with times that much earlier.
func (d *duplicate) move(v any, names *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		if len(v) == len(docdb.TimeFormat) && v[10] == 'T' {
			if at, err := time.Parse(docdb.TimeFormat, v); err == nil {
				return docdb.Stamp(at.Add(-d.older))
			}
		}
		return names.Replace(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = d.move(e, names)
		}
		return out
	case docdb.Fields:
		out := make(docdb.Fields, len(v))
		for k, e := range v {
			out[k] = d.move(e, names)
		}
		return out
	}
	return v
}

// renumbered is a search entry that is found by the copy's number, not the original's.
func (d *duplicate) renumbered(fields docdb.Fields) docdb.Fields {
	found := map[string]bool{} // the kinds of tokens it has
	for name := range fields {
		if kind, token, ok := strings.Cut(name, ":"); ok && d.tokens[token] {
			found[kind] = true
			delete(fields, name)
		}
	}
	for token := range tokens(d.number) {
		for kind := range found {
			fields[kind+":"+token] = true
		}
	}
	return fields
}

// burden adds the open copies to what their assignees have to do.
func burden(ctx context.Context, store docdb.Store, copies []*duplicate) error {
	more := map[desk.PersonID]int64{}
	for _, d := range copies {
		if d.Assignee != "" && d.Status.Open() {
			more[d.Assignee]++
		}
	}
	var writes []docdb.Write
	for _, who := range slices.Sorted(maps.Keys(more)) {
		writes = append(writes, docdb.Write{Key: docdb.Key{Collection: "agents", ID: string(who)}, Op: docdb.OpAdd, Fields: docdb.Fields{"open": more[who]}})
	}
	if len(writes) == 0 {
		return nil
	}
	return store.Commit(ctx, writes) // once: adding twice would be too much
}
