package automation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/condition"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
)

// Handle runs the automations that a fact sets off, in the order in which they were made.
// Each sees what the ones before it did. Delivered again, it does nothing.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	l, err := read(ctx, d.DB)
	if err != nil {
		return err
	}
	for _, a := range l.List {
		if a.Active && slices.Contains(a.On, e.Type) {
			if err := a.try(ctx, d, e, fact); err != nil {
				return err
			}
		}
	}
	_, err = event.Once(ctx, d.DB, Consumer, e, d.Now(), func(*docdb.Tx) error { return nil })
	return err
}

// happened is the fact as conditions see it.
func happened(e event.Event, f desk.Fact) condition.Event {
	out := condition.Event{Type: e.Type, Actor: desk.PersonID(e.Actor), Alarm: f.Alarm, Note: f.Internal}
	for _, c := range f.Changes {
		out.Changed = append(out.Changed, c.Field)
	}
	return out
}

// try asks the condition, uses the macro, and writes the log.
func (a Automation) try(ctx context.Context, d *desk.Desk, e event.Event, fact desk.Fact) error {
	robot := desk.Robot(Consumer, e.ID, e.Depth)
	key := runKey(a.ID, e)
	r := Run{ID: key.ID, Automation: a.ID, Ticket: desk.TicketID(e.Subject), Number: fact.Number, Event: e.ID, Type: e.Type}
	if _, err := docdb.Get[Run](ctx, d.DB, key); !fault.Is(err, fault.NotFound) {
		return err // tried before, or not to be known
	}
	t, err := d.Show(ctx, robot, e.Subject)
	if fault.Is(err, fault.NotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	c, err := condition.Parse(a.Condition)
	var holds bool
	if err == nil {
		holds, err = c.Holds(condition.Of(t, happened(e, fact), d.Now()))
	}
	switch {
	case err != nil:
		r.Outcome, r.Reason = Failed, err.Error()
	case !holds:
		return nil
	case e.Depth >= MaxChain:
		r.Outcome, r.Reason = Looped, "It follows from what automations did before it, too many of them."
	default:
		if r.Outcome, r.Reason, err = a.use(ctx, d, robot, e); err != nil {
			return err
		}
	}
	r.Reason, r.At = r.Reason[:min(len(r.Reason), 500)], d.Now().UTC().Truncate(time.Microsecond)
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error { return tx.CreateUntil(key, r, r.At.Add(keepRuns)) })
	if fault.Is(err, fault.Conflict) { // a second delivery was faster
		return nil
	}
	return err
}

// use uses the macro, once for the fact.
func (a Automation) use(ctx context.Context, d *desk.Desk, robot desk.Actor, e event.Event) (Outcome, string, error) {
	sum := sha256.Sum256([]byte(a.ID + "~" + e.ID))
	key := &desk.Request{ID: "automation-" + hex.EncodeToString(sum[:]), Fingerprint: e.ID, Keep: event.Keep}
	_, err := preset.Apply(ctx, d, robot, a.Macro, e.Subject, "", desk.Options{Request: key, Trace: e.Trace})
	switch fault.KindOf(err) {
	case "":
		return Done, "", nil
	case fault.Invalid, fault.Conflict, fault.Forbidden, fault.NotFound, fault.Permanent: // it can't be done to this ticket
		return Refused, reason(err), nil
	}
	return "", "", err
}

// reason is what a person is told of a refusal.
func reason(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	out := f.Message
	for _, x := range f.Fields {
		out += " " + x.Name + ": " + x.Message
	}
	return out
}

// Runs is an automation's log, newest first.
func Runs(ctx context.Context, d *desk.Desk, a desk.Actor, id string, page desk.Page) ([]Run, string, error) {
	if _, err := Show(ctx, d, a, id); err != nil {
		return nil, "", err
	}
	return desk.Find[Run](ctx, d.DB, docdb.Query{
		Collection: runs, Where: []docdb.Where{{Field: "automation", Cmp: docdb.Equal, Value: id}},
	}, page)
}

// Tried is how many of the latest tickets a dry run asks about.
const Tried = 100

// DryRun says of which of the latest tickets a condition would hold, as they are now, if
// this happened to them by the hand of their requester. It changes nothing.
func DryRun(ctx context.Context, d *desk.Desk, a desk.Actor, text, kind string) (tried int, matched []desk.Ticket, err error) {
	if err := desk.AllowAdmin(a, desk.AutomationKeep); err != nil {
		return 0, nil, err
	}
	c, err := condition.Parse(text)
	if err != nil {
		return 0, nil, err
	}
	list, _, err := d.List(ctx, a, desk.Filter{ByCreation: true}, desk.Page{Limit: Tried})
	if err != nil {
		return 0, nil, err
	}
	for _, t := range list {
		holds, err := c.Holds(condition.Of(t, condition.Event{Type: kind, Actor: t.Requester}, d.Now()))
		if err != nil {
			return 0, nil, fault.Bad("condition", "It gives no answer for %s: %v", t.Number, err)
		}
		if holds {
			matched = append(matched, t)
		}
	}
	return len(list), matched, nil
}
