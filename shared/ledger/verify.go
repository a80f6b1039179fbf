package ledger

import (
	"context"
	"fmt"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Verified is what verifying went through.
type Verified struct {
	Tickets, Acts, Days int
	Unchained           int // acts from before there were chains
	Wrong               int
}

// verifier goes through the history and says what is wrong.
type verifier struct {
	desk  *desk.Desk
	say   func(string)
	begun sealer // how far sealing was when verifying began
	out   Verified

	last  docdb.Fields // the act before, of the same ticket
	chain desk.Head    // what the ticket's acts add up to so far
}

const verifyPage = 300

// unchainedFor is how long after sealing began a function may still have been one that
// knows of no chains.
const unchainedFor = 24 * time.Hour

// Verify goes through every act, every ticket and every seal, and says what does not fit:
// an act that was changed, taken away or put in, even by somebody who could write
// everything, as long as the day's seal is the old one. It reads each act and each ticket
// twice, and only reads; the system goes on meanwhile.
func Verify(ctx context.Context, d *desk.Desk, say func(string)) (Verified, error) {
	s, err := docdb.Get[sealer](ctx, d.DB, sealerKey)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Verified{}, err
	}
	v := &verifier{desk: d, say: say, begun: s}
	for _, part := range []func(context.Context) error{v.chains, v.tickets, v.seals} {
		if err := part(ctx); err != nil {
			return v.out, err
		}
	}
	return v.out, nil
}

func (v *verifier) wrong(format string, args ...any) {
	v.out.Wrong++
	v.say(fmt.Sprintf(format, args...))
}

// chains holds each ticket's acts against each other and against the ticket.
func (v *verifier) chains(ctx context.Context) error {
	for after := ""; ; {
		recs, err := v.desk.StoredActs(ctx, after, verifyPage)
		if err != nil {
			return err
		}
		for _, r := range recs {
			if ticket := desk.TicketID(text(r.Fields, "ticket")); ticket != v.chain.Ticket {
				if err := v.head(ctx); err != nil {
					return err
				}
				v.chain, v.last = desk.Head{Ticket: ticket}, nil
			}
			if err := v.act(r); err != nil {
				return err
			}
		}
		if len(recs) < verifyPage {
			return v.head(ctx)
		}
		after = recs[len(recs)-1].Key.ID
	}
}

func text(f docdb.Fields, name string) string {
	s, _ := f[name].(string)
	return s
}

// act holds one act against the one before it.
func (v *verifier) act(r docdb.Record) error {
	v.out.Acts++
	hash, err := desk.HashOf(r.Fields)
	if err != nil {
		return err
	}
	sequence, _ := r.Fields["sequence"].(int64)
	if sequence != v.chain.Version+1 || r.Key.ID != fmt.Sprintf("%s-%06d", v.chain.Ticket, sequence) || text(r.Fields, "id") != r.Key.ID {
		v.wrong("act %s: it is number %d of its ticket, after number %d", r.Key.ID, sequence, v.chain.Version)
	}
	v.chain.Version = sequence
	stored := text(r.Fields, "hash")
	switch {
	case stored == "":
		v.unchained(r)
	case stored != hash:
		v.wrong("act %s: it was changed: its hash is not that of what it says", r.Key.ID)
	case text(r.Fields, "prev") != text(v.last, "hash"):
		v.wrong("act %s: it does not follow from the act before it", r.Key.ID)
	}
	v.last, v.chain.Chain = r.Fields, stored
	return nil
}

// unchained counts an act without a hash: all right only from before chains, or from a
// function that knew nothing of them yet.
func (v *verifier) unchained(r docdb.Record) {
	v.out.Unchained++
	at, err := time.Parse(docdb.TimeFormat, text(r.Fields, "at"))
	if err != nil || !v.begun.Since.IsZero() && at.After(v.begun.Since.Add(unchainedFor)) {
		v.wrong("act %s: it has no hash", r.Key.ID)
	}
}

// head holds the end of a ticket's chain against what the ticket says, unless the ticket
// goes on just now.
func (v *verifier) head(ctx context.Context) error {
	if v.chain.Ticket == "" {
		return nil
	}
	h, err := v.desk.HeadOf(ctx, v.chain.Ticket)
	if err != nil || h == v.chain {
		return err
	}
	if h.Version > v.chain.Version {
		later, err := v.desk.HasActs(ctx, []desk.Head{v.chain}, func(c desk.Head) int64 { return c.Version + 1 })
		if err != nil || later[0] {
			return err
		}
	}
	v.wrong("ticket %s: its history ends with act %d, but the ticket with %d", h.Ticket, v.chain.Version, h.Version)
	return nil
}

// tickets looks for those without any history.
func (v *verifier) tickets(ctx context.Context) error {
	for after := desk.TicketID(""); ; {
		heads, err := v.desk.Heads(ctx, after, verifyPage)
		if err != nil || len(heads) == 0 {
			return err
		}
		there, err := v.desk.HasActs(ctx, heads, func(desk.Head) int64 { return 1 })
		if err != nil {
			return err
		}
		for i, h := range heads {
			v.out.Tickets++
			if !there[i] {
				v.wrong("ticket %s: its history does not begin", h.Ticket)
			}
		}
		after = heads[len(heads)-1].Ticket
	}
}

// seals makes the root of each sealed day again.
func (v *verifier) seals(ctx context.Context) error {
	q := docdb.Query{Collection: seals, Limit: verifyPage}
	var before, sealed Seal
	for {
		recs, err := v.desk.DB.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range recs {
			var s Seal
			if err := docdb.Decode(r, &s); err != nil {
				return err
			}
			v.out.Days++
			if err := v.seal(ctx, r.Key.ID, before, s); err != nil {
				return err
			}
			if before = s; s.Day < v.begun.Seal.Day {
				sealed = s
			}
		}
		if len(recs) < verifyPage {
			break
		}
		q.After = []any{recs[len(recs)-1].Key.ID}
	}
	if sealed.Root != v.begun.Seal.Prev || v.begun.Since.IsZero() && v.out.Days > 0 {
		v.wrong("seals: that of the day before %s is missing", v.begun.Seal.Day)
	}
	return nil
}

// seal makes the root of one day again.
func (v *verifier) seal(ctx context.Context, id string, before, s Seal) error {
	day, err := time.Parse(time.DateOnly, id)
	if err != nil || s.Day != id || s.Prev != before.Root ||
		before.Day != "" && day.AddDate(0, 0, -1).Format(time.DateOnly) != before.Day {
		v.wrong("seal of %s: it does not follow from that of the day before", id)
		return nil
	}
	again := begin(day, before.Root)
	for after := []any(nil); ; {
		recs, next, err := v.desk.ActsBetween(ctx, day, day.AddDate(0, 0, 1), after, verifyPage)
		if err != nil {
			return err
		}
		if err := again.add(recs); err != nil {
			return err
		}
		if after = next; len(recs) < verifyPage {
			break
		}
	}
	if again != s {
		v.wrong("seal of %s: it was made of %d acts, and there are %d now, or one of them is another", id, s.Acts, again.Acts)
	}
	return nil
}
