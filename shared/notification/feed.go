package notification

import (
	"context"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// Feed is a document that clients listen to. It says that something changed, and
// nothing of what it is now: the client asks the API, which knows who may see what.
// Whoever may read a feed may read all of it, so each of a person's entries is one that
// this person may know of, and the numbers count these entries alone.
type Feed struct {
	Changes int64               `json:"changes"`       // how many there were, ever
	Entries []Entry             `json:"entries"`       // the latest of them, oldest first, at most FeedLength
	Path    []desk.DepartmentID `json:"path,omitzero"` // of a department: itself and those above it, whose staff may listen
}

// Entry is one change. Where a client finds numbers missing between two entries, more
// changed than it is told of, and it asks for everything it shows.
type Entry struct {
	Change   int64         `json:"change"` // the feed's Changes with this one
	About    About         `json:"about"`
	Ticket   desk.TicketID `json:"ticket,omitzero"`
	Notified bool          `json:"notified,omitzero"` // the person's notifications changed too
	At       time.Time     `json:"at"`
}

// About is what a client asks for again.
type About string

// What entries are about. Notes are told of to those only who may read them.
const (
	AboutTicket        About = "ticket"        // its fields
	AboutComments      About = "comments"      // its replies, and its fields
	AboutNotes         About = "notes"         // its notes
	AboutNotifications About = "notifications" // what the person has read
)

// FeedLength is how many entries a feed keeps. A listener is given each state of the
// document, and each state goes to every listener whole: it is short.
const FeedLength = 20

// entriesTries is how often a transaction tries to write entries. Where many facts meet
// in one feed, a later try only counts that there was a change, which needs no read and
// collides with nobody: the feed of a busy department never holds up a notice.
const entriesTries = 2

// The feeds that one fact goes to.
type circle struct {
	people      map[desk.PersonID]Entry
	departments map[desk.DepartmentID]Entry
}

// about is what a client must ask for again after a fact of the type.
func about(kind string, note bool) About {
	switch kind {
	case desk.TicketNoted:
		return AboutNotes
	case desk.TicketEdited:
		if note {
			return AboutNotes
		}
		return AboutComments
	case desk.TicketReplied, desk.TicketDivided, desk.TicketMerged, desk.TicketUnmerged, desk.TicketAbsorbed, desk.TicketReleased:
		return AboutComments
	}
	return AboutTicket
}

// concerned are the people whom a fact concerns by name, each once: now, and before it,
// so that whoever loses a ticket sees it go.
func concerned(f desk.Fact) []desk.PersonID {
	all := everyone(f)
	if f.Was != nil {
		all = append(all, f.Was.Tied()...)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(p desk.PersonID) bool { return p == "" })
}

// hears reports whether an entry about the fact may stand in the person's feed: they may
// know of it, or they could see the ticket until this very fact took it from them.
func hears(p desk.Person, f desk.Fact, note bool, org *desk.Organisation) bool {
	if p.Disabled {
		return false
	}
	if desk.MayLearn(p.Actor(), f, note, org) {
		return true
	}
	if note || f.Was == nil || f.Was.Deleted {
		return false
	}
	before := desk.Fact{Department: f.Was.Department, Requester: f.Was.Requester, Assignee: f.Was.Assignee, Watchers: f.Was.Watchers}
	return desk.MayLearn(p.Actor(), before, false, org)
}

// circleOf finds the feeds of a fact: of the people it concerns, of those who are told of
// it, and of the department where the ticket lies or lay.
func circleOf(e event.Event, f desk.Fact, note bool, told []Wish, people map[desk.PersonID]desk.Person, org *desk.Organisation, now time.Time) circle {
	entry := Entry{About: about(e.Type, note), Ticket: desk.TicketID(e.Subject), At: now}
	c := circle{map[desk.PersonID]Entry{}, map[desk.DepartmentID]Entry{f.Department: entry}}
	if f.Was != nil {
		c.departments[f.Was.Department] = entry
	}
	for _, id := range concerned(f) {
		if p, ok := people[id]; ok && hears(p, f, note, org) {
			c.people[id] = entry
		}
	}
	for _, w := range told {
		entry.Notified = true
		c.people[w.Person] = entry
	}
	return c
}

// write adds the entries to their feeds. Feeds are read in one go, unless this
// transaction has collided too often for that.
func (c circle) write(ctx context.Context, tx *docdb.Tx, org *desk.Organisation) error {
	var all []feedChange
	for id, e := range c.people {
		all = append(all, feedChange{key: personFeed(id), entry: e})
	}
	for id, e := range c.departments {
		all = append(all, feedChange{key: departmentFeed(id), entry: e, path: org.Path(id)})
	}
	return writeFeeds(ctx, tx, all)
}

// feedChange is an entry on its way into a feed.
type feedChange struct {
	key   docdb.Key
	entry Entry
	path  []desk.DepartmentID
}

func writeFeeds(ctx context.Context, tx *docdb.Tx, all []feedChange) error {
	if tx.Attempt() >= entriesTries {
		for _, c := range all {
			if err := tx.Add(c.key, map[string]int64{"changes": 1}); err != nil {
				return err
			}
		}
		return nil
	}
	keys := make([]docdb.Key, len(all))
	for i, c := range all {
		keys[i] = c.key
	}
	recs, err := tx.Read(ctx, keys...)
	if err != nil {
		return err
	}
	for i, c := range all {
		var feed Feed
		if recs[i].Exists() {
			if err := docdb.Decode(recs[i], &feed); err != nil {
				return err
			}
		}
		feed.add(c.entry)
		feed.Path = c.path
		if err := tx.Put(c.key, feed); err != nil {
			return err
		}
	}
	return nil
}

// add takes one more entry in, and lets the oldest go.
func (f *Feed) add(e Entry) {
	f.Changes++
	e.Change = f.Changes
	f.Entries = append(f.Entries, e)
	if over := len(f.Entries) - FeedLength; over > 0 {
		f.Entries = slices.Delete(f.Entries, 0, over)
	}
}

// readElsewhere tells a person's other clients that they have read something.
func readElsewhere(ctx context.Context, tx *docdb.Tx, person desk.PersonID, now time.Time) error {
	return writeFeeds(ctx, tx, []feedChange{{key: personFeed(person), entry: Entry{About: AboutNotifications, Notified: true, At: now}}})
}

// PersonFeed is the feed of one person, as they may listen to it; an empty one before
// there is any.
func PersonFeed(ctx context.Context, r docdb.Reader, id desk.PersonID) (Feed, error) {
	return readFeed(ctx, r, personFeed(id))
}

// DepartmentFeed is the feed of a department.
func DepartmentFeed(ctx context.Context, r docdb.Reader, id desk.DepartmentID) (Feed, error) {
	return readFeed(ctx, r, departmentFeed(id))
}

func readFeed(ctx context.Context, r docdb.Reader, key docdb.Key) (Feed, error) {
	f, err := docdb.Get[Feed](ctx, r, key)
	if fault.Is(err, fault.NotFound) {
		return Feed{}, nil
	}
	return f, err
}

func personFeed(id desk.PersonID) docdb.Key {
	return docdb.Key{Collection: peopleFeeds, ID: string(id)}
}

func departmentFeed(id desk.DepartmentID) docdb.Key {
	return docdb.Key{Collection: departmentFeeds, ID: string(id)}
}
