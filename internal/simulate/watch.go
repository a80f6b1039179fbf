package simulate

import (
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/notification"
)

// committed looks at what an instance has just written.
func (w *world) committed(in *instance, writes []docdb.Write) {
	for _, x := range writes {
		if x.Op != docdb.OpPut {
			continue
		}
		switch x.Key.Collection {
		case event.OutboxCollection:
			w.happened(read[event.Event](w, x))
		case "acts":
			if !slices.ContainsFunc(writes, func(y docdb.Write) bool {
				return y.Key.Collection == event.OutboxCollection && y.Key.ID == x.Key.ID
			}) {
				w.fail("%s wrote the act %s without its fact", in.name, x.Key.ID)
			}
		case "organisation":
			w.trees = append(w.trees, read[desk.Organisation](w, x))
		case "tickets":
			if t := read[desk.Ticket](w, x); !t.AlarmAt.IsZero() {
				w.wake("alarm", t.AlarmAt)
			}
		case "notices":
			if x.MustMiss {
				w.told(read[notification.Notice](w, x))
			}
		}
	}
}

// read is a document on its way into the database.
func read[T any](w *world, x docdb.Write) (v T) {
	if err := docdb.Decode(docdb.Record{Key: x.Key, Fields: x.Fields, Version: "1"}, &v); err != nil {
		w.fail("%s can't be read: %v", x.Key, err)
	}
	return v
}

// happened takes note of a fact.
func (w *world) happened(e event.Event) {
	if _, again := w.facts[e.ID]; again {
		w.fail("the fact %s happened twice", e.ID)
	}
	if e.Depth > 8 {
		w.fail("the fact %s is number %d in a chain of causes", e.ID, e.Depth)
	}
	w.facts[e.ID] = e
	w.wake("relay", w.now)
}

// wasPublished looks at a fact that goes out.
func (w *world) wasPublished(e event.Event) {
	if _, ok := w.facts[e.ID]; !ok {
		w.fail("%s was published and had not happened", e.ID)
	}
}

// wake lets a scheduled function run in the next full minute after a time, and as long as
// there is something for it to do. Its schedule is each minute; runs that would find
// nothing are left out.
func (w *world) wake(function string, from time.Time) {
	if from.Before(w.now) {
		from = w.now
	}
	minute := from.Truncate(time.Minute).Add(time.Minute)
	name := function + " at " + minute.Format(time.DateTime)
	if w.minutes[name] {
		return
	}
	w.minutes[name] = true
	w.at(minute, func() {
		if !w.needed(function) {
			return
		}
		w.task(function, name)
		w.wake(function, w.now)
	})
}

func (w *world) needed(function string) bool {
	if function == "relay" {
		return len(w.store.Dump(event.OutboxCollection)) > 0
	}
	return slices.ContainsFunc(w.store.Dump("tickets"), func(r docdb.Record) bool {
		at, _ := r.Fields["alarm_at"].(string)
		return at != "" && at <= docdb.Stamp(w.now)
	})
}

// told judges whether a person may hear of what they are being told.
func (w *world) told(n notification.Notice) {
	e, ok := w.facts[n.Event]
	if !ok {
		w.fail("%s is told of %s, which did not happen", n.Person, n.Event)
		return
	}
	var f desk.Fact
	if err := docdb.Unmarshal(e.Data, &f); err != nil {
		w.fail("the fact %s can't be read: %v", e.ID, err)
		return
	}
	if string(n.Person) == e.Actor {
		w.fail("%s is told of what they did themselves: %s", n.Person, e.ID)
	}
	note := f.Internal || e.Type == desk.TicketNoted
	was, _ := f.Changed("assignee")
	lost := n.Type == notification.Assignment && was.Before == string(n.Person) // they hear that it is gone
	if !lost && !w.mayHear(w.person(n.Person), f, note) {
		w.fail("%s is told of %s (%s), which they may not see", n.Person, e.ID, e.Type)
	}
}

// mayHear is who sees a ticket, in plain words: admins all; staff those of their
// departments and of departments below; everybody what they are the requester, the
// assignee or a watcher of. Notes are for admins, the assignee and the department, and
// none of them for users. What holds by one of the last trees will do, since a function
// may work by a tree of 20 seconds ago.
func (w *world) mayHear(p desk.Person, f desk.Fact, note bool) bool {
	if p.Disabled {
		return false
	}
	if p.Role == desk.RoleAdmin {
		return true
	}
	if p.Role == desk.RoleStaff {
		for _, tree := range w.trees[max(0, len(w.trees)-3):] {
			for at := f.Department; at != ""; at = parent(tree, at) {
				if slices.Contains(p.Departments, at) {
					return true
				}
			}
		}
	}
	if note {
		return p.Role == desk.RoleStaff && p.ID == f.Assignee
	}
	return p.ID == f.Requester || p.ID == f.Assignee || slices.Contains(f.Watchers, p.ID)
}

func parent(tree desk.Organisation, id desk.DepartmentID) desk.DepartmentID {
	for _, d := range tree.Departments {
		if d.ID == id {
			return d.Parent
		}
	}
	return ""
}

func (w *world) person(id desk.PersonID) desk.Person {
	for _, p := range all[desk.Person](w, "people") {
		if p.ID == id {
			return p
		}
	}
	return desk.Person{}
}

// all is what a collection holds, by id.
func all[T any](w *world, collection string) []T {
	recs := w.store.Dump(collection)
	out := make([]T, len(recs))
	for i, r := range recs {
		if err := docdb.Decode(r, &out[i]); err != nil {
			w.fail("%s can't be read: %v", r.Key, err)
		}
	}
	return out
}
