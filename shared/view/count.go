package view

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "count"

// Kinds are the types of facts that Handle acts on. A note changes nothing that a filter
// asks for.
var Kinds = []string{
	desk.TicketCreated, desk.TicketUpdated, desk.TicketRouted, desk.TicketReplied, desk.TicketEscalated, desk.TicketAlarm,
	desk.TicketMerged, desk.TicketUnmerged, desk.TicketAbsorbed, desk.TicketReleased, desk.TicketDeleted, FilterAdded,
}

// tally is what of a ticket has been counted.
type tally struct {
	Ticket     desk.TicketID `json:"ticket"`
	Sequence   int64         `json:"sequence"`   // up to this act
	Outline    *desk.Outline `json:"outline"`    // as it was then
	Generation int64         `json:"generation"` // by the filters up to this number
}

// Handle moves a ticket from the counts that it was in to those where it belongs, or
// brings a new filter in.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	if e.Type == FilterAdded {
		return recount(ctx, d, e)
	}
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	if fact.Outline == nil {
		return nil // from before there were outlines; the next act brings it in
	}
	var used int64
	done, err := event.Once(ctx, d.DB, Consumer, e, d.Now(), func(tx *docdb.Tx) (err error) {
		used, err = move(ctx, tx, tally{Ticket: desk.TicketID(e.Subject), Sequence: e.Sequence, Outline: fact.Outline})
		return err
	})
	if err != nil {
		return err
	}
	if !done {
		used = -1 // whoever did it may not have come to settle it
	}
	return settle(ctx, d, desk.TicketID(e.Subject), used)
}

// Marker returns the name in the marker that Handle leaves for an event, "" if it leaves
// none because nothing is counted.
func Marker(context.Context, *desk.Desk) (func(event.Event) (string, error), error) {
	return func(e event.Event) (string, error) {
		var fact desk.Fact
		if err := json.Unmarshal(e.Data, &fact); err == nil && e.Type != FilterAdded && fact.Outline == nil {
			return "", nil
		}
		return Consumer, nil
	}, nil
}

// move brings a ticket's tally to a newer state, and returns which filters that was
// counted by. A state that isn't newer changes nothing.
func move(ctx context.Context, tx *docdb.Tx, next tally) (int64, error) {
	reg, err := readRegistry(ctx, tx)
	if err != nil {
		return 0, err
	}
	last, err := docdb.Get[tally](ctx, tx, tallyKey(next.Ticket))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return 0, err
	}
	if last.Sequence >= next.Sequence {
		return last.Generation, nil
	}
	next.Generation = reg.Generation
	changed := deltas{}
	changed.put(reg, last, -1)
	changed.put(reg, next, 1)
	if err := tx.Put(tallyKey(next.Ticket), next); err != nil {
		return 0, err
	}
	return reg.Generation, changed.write(tx)
}

// settle makes sure that a ticket isn't left behind by a filter that was added while it
// was being counted: whoever adds one looks for tallies after that, and whoever counts a
// ticket looks for filters after that, so one of them sees the other.
func settle(ctx context.Context, d *desk.Desk, id desk.TicketID, used int64) error {
	recs, err := d.DB.Read(ctx, registryKey)
	if err != nil {
		return err
	}
	if latest, _ := recs[0].Fields["generation"].(int64); latest == used {
		return nil
	}
	return d.DB.Run(ctx, func(tx *docdb.Tx) error {
		_, err := upgrade(ctx, tx, []desk.TicketID{id})
		return err
	})
}

// deltas are what is added to counts, by document and counter.
type deltas map[docdb.Key]map[string]int64

// put adds n for every count that a tally's ticket is in.
func (d deltas) put(reg registry, t tally, n int64) {
	if t.Outline == nil || t.Outline.Deleted {
		return
	}
	for _, c := range reg.Filters {
		if c.Number <= t.Generation {
			d.one(c, t.Outline, n)
		}
	}
}

// one adds n for one filter: to the ticket's department, unless the filter means something
// else for each person, and to everyone whom the ticket concerns by name.
func (d deltas) one(c counted, o *desk.Outline, n int64) {
	name := counter(c.Number)
	if !c.Filter.personal() {
		if !c.Filter.For("").Matches(o) {
			return
		}
		d.add(departmentKey(o.Department), name, n)
	}
	for _, p := range o.Tied() {
		if c.Filter.For(p).Matches(o) {
			d.add(personKey(p), name+"~"+string(o.Department), n)
		}
	}
}

func counter(number int64) string { return "f" + strconv.FormatInt(number, 10) }

func (d deltas) add(key docdb.Key, name string, n int64) {
	if d[key] == nil {
		d[key] = map[string]int64{}
	}
	if d[key][name] += n; d[key][name] == 0 {
		delete(d[key], name)
	}
}

func (d deltas) write(tx *docdb.Tx) error {
	for key, counters := range d {
		if len(counters) == 0 {
			continue
		}
		if err := tx.Add(key, counters); err != nil {
			return err
		}
	}
	return nil
}

// Counts says how many tickets each view has for the actor; a view whose filter is still
// being counted is not in it. It reads one document, one for the person, and one for each
// department that they reach.
func Counts(ctx context.Context, d *desk.Desk, a desk.Actor, of []View) (map[string]int64, error) {
	out := map[string]int64{}
	if len(of) == 0 {
		return out, nil
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	reach := org.Reach(a)
	keys := []docdb.Key{registryKey, personKey(a.ID)}
	for _, id := range reach {
		keys = append(keys, departmentKey(id))
	}
	recs, err := d.DB.Read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var reg registry
	if recs[0].Exists() {
		if err := docdb.Decode(recs[0], &reg); err != nil {
			return nil, err
		}
	}
	for _, v := range of {
		if f, ok := reg.ready(v.Counted); ok {
			out[v.ID] = total(counter(v.Counted), f, recs[1], reach, recs[2:])
		}
	}
	return out, nil
}

// total adds up what somebody sees by department and, elsewhere, by name.
func total(name string, f Filter, own docdb.Record, reach []desk.DepartmentID, departments []docdb.Record) int64 {
	var sum int64
	for _, r := range departments {
		n, _ := r.Fields[name].(int64) // none for a filter that is personal
		sum += n
	}
	for field, v := range own.Fields {
		department, ok := strings.CutPrefix(field, name+"~")
		if n, _ := v.(int64); ok && (f.personal() || !slices.Contains(reach, desk.DepartmentID(department))) {
			sum += n
		}
	}
	return sum
}
