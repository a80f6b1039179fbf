package desk

import (
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// ReopenWindow is how long after closing its requester may reopen a ticket. Later, a
// new ticket is the better place.
const ReopenWindow = 30 * 24 * time.Hour

// Patch is a wished change of a ticket; nil leaves a field as it is.
type Patch struct {
	Title       *string
	Description *string
	Department  *DepartmentID
	Category    *string
	Subcategory *string
	Priority    *Priority
	Status      *Status
	Assignee    *PersonID // "" takes the assignee away
	Tags        *[]string
	Watchers    *[]PersonID
	Resolution  *string
	HoldReason  *string
	HoldUntil   *time.Time
	Language    *string
	Values      map[string]any // of custom fields; nil as a value takes one away
}

// apply changes the ticket as wished: values checked, permission asked for each field
// that really changes, then what follows from it. Nothing is written.
func (w *work) apply(p Patch) error {
	if err := w.assignFields(p); err != nil {
		return err
	}
	if err := w.permit(); err != nil {
		return err
	}
	if err := w.moveDepartment(p); err != nil {
		return err
	}
	if err := w.setValues(p.Values); err != nil {
		return err
	}
	if err := w.changeAssignee(p); err != nil {
		return err
	}
	return w.changeStatus(p)
}

// assignFields checks and sets the wished values.
func (w *work) assignFields(p Patch) error {
	t := w.ticket
	return fault.Join(
		setText(&t.Title, p.Title, "title", MinTitle, MaxTitle, false),
		setText(&t.Description, p.Description, "description", 1, MaxDescription, true),
		setText(&t.Category, p.Category, "category", 0, 64, false),
		setText(&t.Subcategory, p.Subcategory, "subcategory", 0, 64, false),
		setText(&t.Resolution, p.Resolution, "resolution", 0, MaxReason, true),
		setText(&t.HoldReason, p.HoldReason, "hold_reason", 0, MaxReason, true),
		setText(&t.Language, p.Language, "language", 0, 16, false),
		setOne(&t.Priority, p.Priority, "priority", Priorities),
		setOne(&t.Status, p.Status, "status", Statuses),
		setTags(&t.Tags, p.Tags),
		w.setPeople(p),
		w.setHoldUntil(p.HoldUntil),
	)
}

func setText(to *string, from *string, field string, least, most int, lines bool) error {
	if from == nil {
		return nil
	}
	s, err := Text(field, *from, least, most, lines)
	if err == nil {
		*to = s
	}
	return err
}

func setOne[T ~string](to *T, from *T, field string, known []T) error {
	if from == nil {
		return nil
	}
	if !contains(known, *from) {
		return fault.Bad(field, "%q is not known here; use one of %v.", *from, known)
	}
	*to = *from
	return nil
}

func setTags(to *[]string, from *[]string) error {
	if from == nil {
		return nil
	}
	tags, err := tidyTags(*from)
	if err == nil {
		*to = tags
	}
	return err
}

func (w *work) setPeople(p Patch) error {
	if p.Assignee != nil {
		w.ticket.Assignee = *p.Assignee
	}
	if p.Department != nil {
		w.ticket.Department = *p.Department
	}
	if p.Watchers == nil {
		return nil
	}
	list := slices.Clone(*p.Watchers)
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > MaxWatchers {
		return fault.Bad("watchers", "A ticket takes at most %d watchers.", MaxWatchers)
	}
	w.ticket.Watchers = list
	return nil
}

func (w *work) setHoldUntil(at *time.Time) error {
	if at == nil {
		return nil
	}
	if !at.IsZero() && !at.After(w.now) {
		return fault.Bad("hold_until", "This is in the past; name a time to come.")
	}
	w.ticket.HoldUntil = at.UTC().Truncate(time.Microsecond)
	return nil
}

// permit asks the policy for every field that differs. Closing and reopening have
// rights of their own, because requesters may do them.
func (w *work) permit() error {
	for _, c := range diff(w.before, w.ticket) {
		need := TicketWork
		for _, f := range tracked {
			if f.field == c.Field {
				need = f.need
			}
		}
		if c.Field == "status" {
			switch w.ticket.Status {
			case StatusClosed:
				need = TicketClose
			case StatusReopened:
				need = TicketReopen
			}
		}
		if err := Allow(w.actor, need, w.before); err != nil {
			return err
		}
	}
	return nil
}

// moveDepartment checks the place in the tree. Moving a ticket away takes it from its
// assignee and out of a category that the new department lacks, unless the same wish names new ones.
func (w *work) moveDepartment(p Patch) error {
	t, b := w.ticket, w.before
	if t.Department == b.Department && t.Category == b.Category && t.Subcategory == b.Subcategory {
		return nil
	}
	if t.Department != b.Department {
		if p.Category == nil && w.org.place(t.Department, t.Category, t.Subcategory) != nil {
			t.Category, t.Subcategory = "", ""
		}
		if p.Assignee == nil {
			t.Assignee = ""
		}
	}
	if t.Category != b.Category && p.Subcategory == nil {
		t.Subcategory = ""
	}
	return w.org.place(t.Department, t.Category, t.Subcategory)
}

// changeAssignee checks that the new assignee and watchers can be so, and lets the
// status follow the assignee where nobody said otherwise.
func (w *work) changeAssignee(p Patch) error {
	t, b := w.ticket, w.before
	if err := w.active("watchers", added(b.Watchers, t.Watchers)...); err != nil {
		return err
	}
	if t.Assignee == b.Assignee {
		return nil
	}
	if t.Assignee == "" {
		if p.Status == nil && (t.Status == StatusAssigned || t.Status == StatusInProgress) {
			t.Status = StatusNew
		}
		return nil
	}
	if err := w.active("assignee", t.Assignee); err != nil {
		return err
	}
	if t.FirstAssignedAt.IsZero() {
		t.FirstAssignedAt = w.now
	}
	if p.Status == nil && (t.Status == StatusNew || t.Status == StatusReopened) {
		t.Status = StatusAssigned
	}
	return nil
}

// active checks that people exist and may sign in.
func (w *work) active(field string, ids ...PersonID) error {
	if len(ids) == 0 {
		return nil
	}
	keys := make([]docdb.Key, len(ids))
	for i, id := range ids {
		if !ValidID(string(id)) {
			return fault.Bad(field, "There is no active person %q.", id)
		}
		keys[i] = personKey(id)
	}
	recs, err := w.tx.Read(w.ctx, keys...)
	if err != nil {
		return err
	}
	for i, r := range recs {
		if disabled, _ := r.Fields["disabled"].(bool); !r.Exists() || disabled {
			return fault.Bad(field, "There is no active person %q.", ids[i])
		}
	}
	return nil
}

// added lists what after has and before has not.
func added(before, after []PersonID) []PersonID {
	var out []PersonID
	for _, p := range after {
		if !contains(before, p) {
			out = append(out, p)
		}
	}
	return out
}

// changeStatus guards the lifecycle and sets what each status stands for.
func (w *work) changeStatus(p Patch) error {
	t, b := w.ticket, w.before
	if t.Status == b.Status {
		return nil
	}
	if err := b.Status.follow(t.Status); err != nil {
		return err
	}
	if b.Status == StatusOnHold {
		w.resume()
		t.HoldReason, t.HoldUntil = "", time.Time{}
	}
	switch t.Status {
	case StatusAssigned:
		if t.Assignee == "" {
			return fault.Bad("assignee", "A ticket becomes assigned by naming an assignee.")
		}
	case StatusNew:
		if p.Assignee == nil {
			t.Assignee = ""
		}
	case StatusOnHold:
		w.pause()
	case StatusResolved:
		t.ResolvedAt = w.now
		return w.complete()
	case StatusClosed:
		return w.close()
	case StatusReopened:
		return w.reopen()
	case StatusMerged:
		return fault.Bad("status", "A ticket becomes merged by merging it.")
	}
	return nil
}

// close sets what closing stands for. Who closes a ticket without resolving it first
// answers for the same values, but for a requester who takes it back.
func (w *work) close() error {
	t := w.ticket
	t.ClosedAt = w.now
	if !t.ResolvedAt.IsZero() {
		return nil
	}
	t.ResolvedAt = w.now
	if May(w.actor, TicketWork, w.before) {
		return w.complete()
	}
	return nil
}

// reopen undoes what resolving and closing set, within the window for requesters.
func (w *work) reopen() error {
	t := w.ticket
	if !May(w.actor, TicketWork, w.before) && !t.ClosedAt.IsZero() && w.now.Sub(t.ClosedAt) > ReopenWindow {
		return fault.New(fault.Conflict, "reopen_window", "This ticket was closed more than %d days ago. Please open a new one and mention its number.", int(ReopenWindow.Hours()/24))
	}
	t.Pauses = append(t.Pauses, Pause{From: t.ResolvedAt, Until: w.now, Reason: pausedAsResolved})
	t.ResolvedAt, t.ClosedAt, t.Resolution = time.Time{}, time.Time{}, ""
	t.Reopened++
	return nil
}
