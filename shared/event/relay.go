package event

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
)

// Publisher hands events to whatever delivers them. It returns nil only when every
// one has been taken for good; after an error any of them may have been.
type Publisher interface {
	Publish(ctx context.Context, events []Event) error
}

// Relay moves events from the outbox to a publisher, and then to the archive.
type Relay struct {
	DB  *docdb.DB
	To  Publisher
	Now func() time.Time // by which the archive is sorted; nil takes each fact's own time
}

// batch is how many events one publication holds at most.
const batch = 100

// Drain publishes until the outbox is empty and returns how many events went out.
// Two relays at once may publish an event twice, never lose one.
func (r Relay) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := r.step(ctx)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

func (r Relay) step(ctx context.Context) (int, error) {
	events, err := docdb.Find[Event](ctx, r.DB, docdb.Query{
		Collection: OutboxCollection,
		Order:      []docdb.Order{{Field: "at"}},
		Limit:      batch,
	})
	if err != nil || len(events) == 0 {
		return 0, err
	}
	slices.SortStableFunc(events, func(a, b Event) int { // facts of one moment by sequence
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Sequence, b.Sequence))
	})
	if err := r.To.Publish(ctx, events); err != nil {
		return 0, fmt.Errorf("publish %d events: %w", len(events), err)
	}
	for done := 0; done < len(events); {
		n, err := r.archive(ctx, events[done:])
		if err != nil {
			return 0, err
		}
		done += n
	}
	return len(events), nil
}

// What of a commit the archive fills at most, in bytes of payload.
const archiveBytes = 1 << 20

// archive moves the first of the events from the outbox to the archive, as many as fit
// into a commit, and returns how many. What went out again, for one consumer alone, is
// there already.
func (r Relay) archive(ctx context.Context, events []Event) (n int, err error) {
	err = r.DB.Run(ctx, func(tx *docdb.Tx) error {
		n = 0
		for size := 0; n < len(events) && size < archiveBytes; n++ {
			if err := tx.Delete(outboxKey(events[n])); err != nil {
				return err
			}
			if events[n].For != "" {
				continue
			}
			a, err := archived(events[n], r.published(events[n]))
			if err != nil {
				return err
			}
			if err := tx.Set(docdb.Key{Collection: ArchiveCollection, ID: a.ID}, a); err != nil {
				return err
			}
			size += len(a.Payload)
		}
		return nil
	})
	return n, err
}

// published is the time by which the archive is sorted.
func (r Relay) published(e Event) time.Time {
	if r.Now == nil {
		return e.At
	}
	return r.Now()
}

// Archived is a fact as the archive keeps it, for ever: what it is found by, and the
// event as it was published. The event is one string, which costs one entry of an index
// where its fields would cost dozens.
type Archived struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Subject   string    `json:"subject"`
	Sequence  int64     `json:"sequence"`
	At        time.Time `json:"at"`
	Published time.Time `json:"published"`
	Payload   string    `json:"payload"`
}

func archived(e Event, now time.Time) (Archived, error) {
	data, err := Encode(e)
	return Archived{ID: e.ID, Type: e.Type, Subject: e.Subject, Sequence: e.Sequence, At: e.At, Published: now, Payload: string(data)}, err
}

// Event is the fact itself.
func (a Archived) Event() (Event, error) { return Decode([]byte(a.Payload)) }
