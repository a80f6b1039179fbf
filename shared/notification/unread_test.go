package notification_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
)

// recount compares all that is said to be unread of somebody with a count of their
// notices: in all, by the list of unread ones, and for each ticket.
func (o *office) recount(t interface{ Fatalf(string, ...any) }, id desk.PersonID) int64 {
	a := desk.Actor{ID: id}
	var box notification.Inbox
	recs, err := o.DB.Read(o.t.Context(), docdb.Key{Collection: "inboxes", ID: string(id)})
	o.must(err)
	if recs[0].Exists() {
		o.must(docdb.Decode(recs[0], &box))
	}
	var want, all int64
	unread, count := map[desk.TicketID]int64{}, map[desk.TicketID]int64{}
	for _, r := range o.store.Dump("notices") {
		var n notification.Notice
		o.must(docdb.Decode(r, &n))
		if n.Person != id {
			continue
		}
		all++
		count[n.Ticket]++
		if !n.Read && n.Epoch == box.Epoch {
			want++
			unread[n.Ticket]++
		}
	}
	items, _, said, err := notification.List(o.t.Context(), o.Desk, a, true, desk.Page{Limit: 100})
	o.must(err)
	if said != want || int64(len(items)) != want {
		t.Fatalf("%s: %d unread by count, %d by list, %d of %d notices", id, said, len(items), want, all)
	}
	found, _, said, err := notification.Threads(o.t.Context(), o.Desk, a, desk.Page{Limit: 100})
	o.must(err)
	if said != want || len(found) != len(count) {
		t.Fatalf("%s: %d unread by threads, not %d; %d threads, not %d", id, said, want, len(found), len(count))
	}
	for _, one := range found {
		if one.Unread != unread[one.Ticket] || one.Count != count[one.Ticket] {
			t.Fatalf("%s, ticket %s: %d of %d unread, not %d of %d", id, one.Ticket, one.Unread, one.Count, unread[one.Ticket], count[one.Ticket])
		}
	}
	return want
}

// reply is a fact of a reply by Nora to one of Uma's tickets.
func (o *office) reply(ticket, sequence int) event.Event {
	fact := desk.Fact{Number: fmt.Sprintf("TKT-202611-%04d", ticket), Title: "Printer", Department: "network", Requester: "uma", Watchers: []desk.PersonID{"otto"}, ActorName: "Nora"}
	data, err := docdb.Marshal(fact)
	o.must(err)
	id := fmt.Sprintf("t%d-%06d", ticket, sequence)
	return event.Event{Schema: 1, ID: id, Type: desk.TicketReplied, Subject: fmt.Sprintf("t%d", ticket), Sequence: int64(sequence), At: o.Now(), Actor: "nora", Data: data}
}

// TestUnreadIsWhatARecountSays plays random sequences of facts, old ones again among
// them, and of reading.
func TestUnreadIsWhatARecountSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := newOffice(t)
		uma := desk.Actor{ID: "uma"}
		var facts []event.Event
		steps := rapid.IntRange(1, 25).Draw(r, "steps")
		for range steps {
			*o.clock = o.clock.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "seconds")) * time.Second)
			items, _, _, err := notification.List(t.Context(), o.Desk, uma, false, desk.Page{Limit: 100})
			o.must(err)
			switch rapid.SampledFrom([]string{"reply", "reply", "again", "read", "ticket", "all"}).Draw(r, "what") {
			case "reply":
				facts = append(facts, o.reply(rapid.IntRange(1, 3).Draw(r, "ticket"), len(facts)+1))
				o.must(notification.Handle(t.Context(), o.Desk, facts[len(facts)-1]))
			case "again":
				if len(facts) > 0 {
					o.must(notification.Handle(t.Context(), o.Desk, rapid.SampledFrom(facts).Draw(r, "fact")))
				}
			case "read":
				if len(items) > 0 {
					_, err := notification.MarkRead(t.Context(), o.Desk, uma, rapid.SampledFrom(items).Draw(r, "notice").ID)
					o.must(err)
				}
			case "ticket":
				o.must(notification.MarkTicketRead(t.Context(), o.Desk, uma, fmt.Sprintf("t%d", rapid.IntRange(1, 4).Draw(r, "ticket"))))
			case "all":
				o.must(notification.MarkAllRead(t.Context(), o.Desk, uma))
			}
			o.recount(r, "uma")
			o.recount(r, "otto")
		}
	})
}

// TestUnreadIsRightAfterEverybodyReadsAndTellsAtOnce lets facts, each twice, and all ways of
// reading meet, many times over.
func TestUnreadIsRightAfterEverybodyReadsAndTellsAtOnce(t *testing.T) {
	uma := desk.Actor{ID: "uma"}
	for round := range 20 {
		o := newOffice(t)
		patiently := func(do func() error) {
			for {
				err := do()
				if !fault.Is(err, fault.Unavailable) {
					o.must(err)
					return
				}
			}
		}
		var group sync.WaitGroup
		for i := range 12 {
			e := o.reply(i%3, i)
			for range 2 {
				group.Go(func() { patiently(func() error { return notification.Handle(t.Context(), o.Desk, e) }) })
			}
			group.Go(func() {
				patiently(func() error {
					items, _, _, err := notification.List(t.Context(), o.Desk, uma, false, desk.Page{})
					if err != nil || len(items) == 0 {
						return err
					}
					_, err = notification.MarkRead(t.Context(), o.Desk, uma, items[0].ID)
					return err
				})
			})
			if i%4 == round%4 {
				group.Go(func() { patiently(func() error { return notification.MarkAllRead(t.Context(), o.Desk, uma) }) })
				group.Go(func() { patiently(func() error { return notification.MarkTicketRead(t.Context(), o.Desk, uma, "t1") }) })
			}
		}
		group.Wait()
		o.recount(t, "uma")
		if got := o.recount(t, "otto"); got != 12 {
			t.Errorf("otto, who read nothing, has %d unread", got)
		}
	}
}

func TestReadingAllIsNotUndoneByWhatIsBeingToldJustThen(t *testing.T) {
	o := newOffice(t)
	o.must(notification.Handle(t.Context(), o.Desk, o.reply(1, 1)))
	// A fact whose transaction has read the inbox before everything is marked as read, and
	// is written after it.
	late := o.reply(1, 2)
	first := true
	slow := desk.New(docdb.Open(pausing{o.store, func() {
		if first {
			first = false
			o.must(notification.MarkAllRead(t.Context(), o.Desk, desk.Actor{ID: "uma"}))
		}
	}}, desk.Indexes(), notification.Indexes()), o.Now)
	o.must(notification.Handle(t.Context(), slow, late))
	if got := o.recount(t, "uma"); got != 0 {
		t.Errorf("%d unread", got)
	}
	o.must(notification.Handle(t.Context(), o.Desk, o.reply(1, 3)))
	if got := o.recount(t, "uma"); got != 1 {
		t.Errorf("%d unread after one more", got)
	}
}

// pausing is a store in which something happens before the first commit.
type pausing struct {
	docdb.Store
	before func()
}

func (p pausing) Commit(ctx context.Context, writes []docdb.Write) error {
	p.before()
	return p.Store.Commit(ctx, writes)
}
