package analytics

import (
	"context"
	"strconv"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "measure"

// Kinds are the types of facts that Handle acts on. A note changes nothing that counts.
var Kinds = []string{
	desk.TicketCreated, desk.TicketUpdated, desk.TicketRouted, desk.TicketReplied, desk.TicketEscalated, desk.TicketAlarm,
	desk.TicketMerged, desk.TicketUnmerged, desk.TicketAbsorbed, desk.TicketReleased, desk.TicketRated, desk.TicketDeleted,
}

// edition names the counters that readers use, and those that a rebuild is making.
type edition struct {
	Current int64 `json:"current"`
	Next    int64 `json:"next"` // 0 for none
}

var editionKey = docdb.Key{Collection: editions, ID: "analytics"}

// readEdition says which counters there are; the first ones need no document.
func readEdition(ctx context.Context, r docdb.Reader) (edition, error) {
	e, err := docdb.Get[edition](ctx, r, editionKey)
	if fault.Is(err, fault.NotFound) {
		return edition{Current: 1}, nil
	}
	return e, err
}

// marker is the consumer's name for an edition, each of which counts every event.
func marker(edition int64) string {
	if edition == 1 {
		return Consumer
	}
	return Consumer + "." + strconv.FormatInt(edition, 10)
}

// Handle counts an event. It reads one document and writes the counters' documents and
// the marker, without a condition but the marker's, so that any number of events are
// counted at once. A fact from before there were outlines can't be counted.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	if fact.Outline == nil {
		return nil
	}
	deltas := Fold(Step{Type: e.Type, At: e.At, Actor: desk.PersonID(e.Actor), Was: fact.Was, Now: fact.Outline})
	if len(deltas) == 0 {
		return nil
	}
	ed, err := readEdition(ctx, d.DB)
	if err != nil {
		return err
	}
	for _, number := range []int64{ed.Current, ed.Next} {
		if number == 0 {
			continue
		}
		_, err := event.Once(ctx, d.DB, marker(number), e, d.Now(), func(tx *docdb.Tx) error { return deltas.write(tx, number) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Marker returns the name in the marker that Handle leaves for an event, "" if it leaves
// none because nothing is counted.
func Marker(ctx context.Context, d *desk.Desk) (func(event.Event) (string, error), error) {
	ed, err := readEdition(ctx, d.DB)
	return func(e event.Event) (string, error) {
		var fact desk.Fact
		if err := json.Unmarshal(e.Data, &fact); err == nil && (fact.Outline == nil ||
			len(Fold(Step{Type: e.Type, At: e.At, Actor: desk.PersonID(e.Actor), Was: fact.Was, Now: fact.Outline})) == 0) {
			return "", nil
		}
		return marker(ed.Current), nil
	}, err
}

func (d Deltas) write(tx *docdb.Tx, edition int64) error {
	for c, counters := range d {
		if err := tx.Add(keyOf(edition, c.collection, c.id), counters); err != nil {
			return err
		}
	}
	return nil
}
