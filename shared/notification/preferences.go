package notification

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Channel is a way in which somebody is told.
type Channel string

// The channels. What is for e-mail and push is kept as a Delivery.
const (
	InApp Channel = "in_app"
	Email Channel = "email"
	Push  Channel = "push"
)

// Types and Channels list all there are, in the order in which people see them.
var (
	Types    = []Type{Assignment, Comment, StatusChange, Escalation, SLABreach, Mention}
	Channels = []Channel{InApp, Email, Push}
)

// Preferences are what one person wants to be told, and how. What they say nothing of is
// told in the application and nowhere else.
type Preferences struct {
	Chosen map[Type]map[Channel]bool `json:"chosen,omitempty"`
	Quiet  Quiet                     `json:"quiet,omitzero"`
	Digest string                    `json:"digest,omitzero"` // hh:mm: e-mail is gathered and sent once a day, then; "" for at once
}

// Wants reports whether the person is told of a type by a channel.
func (p Preferences) Wants(t Type, c Channel) bool {
	if chosen, ok := p.Chosen[t][c]; ok {
		return chosen
	}
	return c == InApp
}

// later are the channels, beside the application, by which the person wants a type.
func (p Preferences) later(t Type) []Channel {
	var out []Channel
	for _, c := range Channels {
		if c != InApp && p.Wants(t, c) {
			out = append(out, c)
		}
	}
	return out
}

// Choose sets whether the person is told of a type by a channel.
func (p *Preferences) Choose(t Type, c Channel, wanted bool) {
	if p.Chosen == nil {
		p.Chosen = map[Type]map[Channel]bool{}
	}
	if p.Chosen[t] == nil {
		p.Chosen[t] = map[Channel]bool{}
	}
	p.Chosen[t][c] = wanted
}

// Quiet are the hours of each day in which nothing rings, by the clock on the person's
// wall: "22:00" to "07:00". They hold back e-mail and push; a notice in the application
// makes no noise, and comes at once.
type Quiet struct {
	From string `json:"from"` // hh:mm; "" for no quiet hours
	To   string `json:"to"`
}

// check refuses hours that are none, and quiet that never ends.
func (q Quiet) check() error {
	if q == (Quiet{}) {
		return nil
	}
	for _, one := range []struct{ field, value string }{{"quiet_hours.from", q.From}, {"quiet_hours.to", q.To}} {
		if _, err := time.Parse(hoursAndMinutes, one.value); err != nil || len(one.value) != len(hoursAndMinutes) {
			return fault.Bad(one.field, "This is not a time of day like 22:00.")
		}
	}
	if q.From == q.To {
		return fault.Bad("quiet_hours.to", "Quiet hours end at another time than they begin.")
	}
	return nil
}

// checkDigest refuses a time of day that is none.
func checkDigest(at string) error {
	if _, err := time.Parse(hoursAndMinutes, at); at != "" && (err != nil || len(at) != len(hoursAndMinutes)) {
		return fault.Bad("digest_at", "This is not a time of day like 08:00.")
	}
	return nil
}

const hoursAndMinutes = "15:04"

// in reports whether it is quiet at a time of day.
func (q Quiet) in(at string) bool {
	if q.From <= q.To {
		return q.From <= at && at < q.To
	}
	return q.From <= at || at < q.To
}

// until is when the quiet ends that there is now, and zero if there is none. It looks at
// the wall clock minute by minute, which is right too where an hour is left out or comes
// twice.
func (q Quiet) until(now time.Time, zone string) time.Time {
	loc, err := time.LoadLocation(zone)
	if q == (Quiet{}) || err != nil {
		return time.Time{}
	}
	at := now.Truncate(time.Minute)
	for range 48 * 60 {
		if !q.in(at.In(loc).Format(hoursAndMinutes)) {
			break
		}
		at = at.Add(time.Minute)
	}
	if !at.After(now) {
		return time.Time{}
	}
	return at.UTC()
}

// ReadPreferences are the actor's own.
func ReadPreferences(ctx context.Context, d *desk.Desk, a desk.Actor) (Preferences, error) {
	return readPreferences(ctx, d.DB, a.ID)
}

// ChangePreferences changes the actor's own, and nothing if change makes them invalid.
func ChangePreferences(ctx context.Context, d *desk.Desk, a desk.Actor, change func(*Preferences)) (Preferences, error) {
	var p Preferences
	err := d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		if p, err = readPreferences(ctx, tx, a.ID); err != nil {
			return err
		}
		change(&p)
		if err := fault.Join(p.Quiet.check(), checkDigest(p.Digest)); err != nil {
			return err
		}
		return tx.Put(preferencesKey(a.ID), p)
	})
	return p, err
}

func readPreferences(ctx context.Context, r docdb.Reader, person desk.PersonID) (Preferences, error) {
	p, err := docdb.Get[Preferences](ctx, r, preferencesKey(person))
	if fault.Is(err, fault.NotFound) {
		return Preferences{}, nil
	}
	return p, err
}

func preferencesKey(person desk.PersonID) docdb.Key {
	return docdb.Key{Collection: preferences, ID: string(person)}
}
