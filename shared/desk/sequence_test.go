package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// life draws acts of people on a few tickets, whether allowed or not.
type life struct {
	*office
	r       *rapid.T
	tickets []desk.TicketID
	acts    []string
}

func newLife(t *testing.T, r *rapid.T) *life {
	l := &life{office: newOffice(t), r: r}
	n := 0
	l.NewID = func() string { n++; return fmt.Sprintf("t%03d", n) }
	for i := range 3 {
		l.tickets = append(l.tickets, l.open(func(n *desk.NewTicket) { n.Title = fmt.Sprintf("Ticket %d", i) }).ID)
	}
	return l
}

func draw[T any](l *life, what string, from ...T) T { return rapid.SampledFrom(from).Draw(l.r, what) }

func (l *life) who() desk.PersonID {
	return draw[desk.PersonID](l, "who", "ada", "nora", "mia", "noah", "uma", "otto", "liam")
}
func (l *life) some() string { return string(draw(l, "ticket", l.tickets...)) }
func (l *life) word() string { return draw(l, "word", "red", "green", "blue") }
func (l *life) anybody() desk.PersonID {
	return draw[desk.PersonID](l, "person", "nora", "noah", "liam", "uma", "otto")
}

// act does one random thing; only refusals that a caller can understand are allowed.
func (l *life) act(kinds ...string) {
	kind := draw(l, "act", kinds...)
	l.later(time.Duration(rapid.IntRange(0, 600).Draw(l.r, "seconds")) * time.Second)
	err := l.do(kind)
	l.acts = append(l.acts, fmt.Sprintf("%s: %v", kind, err))
	switch fault.KindOf(err) {
	case "", fault.Forbidden, fault.NotFound, fault.Conflict, fault.Invalid:
	default:
		l.r.Fatalf("%s: %v", kind, err)
	}
}

// everything is all that act can do. What comes after the first bar changes which
// tickets there are.
var (
	small      = []string{"status", "assign", "move", "categorise", "claim", "escalate", "deescalate", "resolve", "reply", "note", "edit", "watch", "tag", "values", "title", "file"}
	everything = slices.Concat(small, []string{"link", "unlink", "merge", "unmerge", "split", "open", "delete"})
)

func (l *life) do(kind string) error {
	ctx, a, ref := l.t.Context(), l.as(l.who()), l.some()
	var err error
	update := func(p desk.Patch) { _, err = l.Update(ctx, a, ref, p, desk.Options{}) }
	switch kind {
	case "status":
		update(desk.Patch{Status: to(draw(l, "status", desk.Statuses...))})
	case "assign":
		update(desk.Patch{Assignee: to(draw[desk.PersonID](l, "assignee", "", "nora", "noah", "liam"))})
	case "move":
		update(desk.Patch{Department: to(draw[desk.DepartmentID](l, "department", "network", "it", "billing"))})
	case "categorise":
		update(desk.Patch{Category: to(draw(l, "category", "", "vpn", "laptop"))})
	case "title":
		update(desk.Patch{Title: to("About " + l.word())})
	case "values":
		update(desk.Patch{Values: map[string]any{"age": draw[any](l, "age", 1, 2.5, nil), "cause": draw[any](l, "cause", "hardware", nil), "returned": true}})
	case "claim":
		_, err = l.Claim(ctx, a, ref, desk.Options{})
	case "escalate":
		_, err = l.Escalate(ctx, a, ref, desk.Escalation{Reason: l.word(), Person: draw(l, "to", "", l.anybody())}, desk.Options{})
	case "deescalate":
		_, err = l.Deescalate(ctx, a, ref, desk.Options{})
	case "resolve":
		_, err = l.Resolve(ctx, a, ref, desk.Resolution{Text: draw(l, "resolution", "", "Done.")}, desk.Options{})
	case "reply", "note":
		_, err = l.Comment(ctx, a, ref, desk.NewComment{Body: l.word() + " @noah", Internal: kind == "note"}, desk.Options{})
	case "watch":
		_, err = l.Watch(ctx, a, ref, []desk.PersonID{l.anybody()}, []desk.PersonID{l.anybody()}, desk.Options{})
	case "tag":
		_, err = l.Tag(ctx, a, ref, []string{l.word()}, []string{l.word()}, desk.Options{})
	default:
		err = l.doMore(kind, a, ref)
	}
	return err
}

// doMore is what concerns more than a ticket's own document.
func (l *life) doMore(kind string, a desk.Actor, ref string) error {
	ctx := l.t.Context()
	var err error
	switch kind {
	case "file":
		var f desk.Attachment
		f, err = l.Attach(ctx, a, ref, photo(func(n *desk.NewAttachment) { n.Name, n.Internal = l.word()+".png", draw(l, "internal", true, false) }), desk.Options{})
		if err == nil {
			_, err = l.Received(ctx, f.ID)
		}
		if err == nil && draw(l, "clean", true, true, false) {
			_, err = l.Clear(ctx, f.ID, "")
		}
		if err == nil && draw(l, "removed", true, false, false) {
			err = l.Detach(ctx, a, f.ID, desk.Options{})
		}
	case "edit":
		if id, ok := l.aComment(ref); ok {
			_, err = l.EditComment(ctx, a, ref, id, l.word(), desk.Options{})
		}
	case "link":
		_, err = l.Link(ctx, a, ref, draw(l, "kind", desk.Relates, desk.Blocks, desk.Duplicates, desk.ParentOf, desk.ChildOf), l.some(), desk.Options{})
	case "unlink":
		err = l.Unlink(ctx, a, ref, l.some(), desk.Options{})
	case "merge":
		_, err = l.Merge(ctx, a, ref, l.some(), desk.Options{})
	case "unmerge":
		_, err = l.Unmerge(ctx, a, ref, desk.Options{})
	case "split":
		if id, ok := l.aComment(ref); ok {
			var made desk.Ticket
			made, err = l.Split(ctx, a, ref, desk.NewSplit{Title: "Another matter", Description: "x", Comments: []desk.CommentID{id}}, desk.Options{})
			if err == nil {
				l.tickets = append(l.tickets, made.ID)
			}
		}
	case "open":
		l.tickets = append(l.tickets, l.open().ID)
	case "delete":
		err = l.Delete(ctx, a, ref, desk.Options{})
	}
	return err
}

// aComment is some comment that the ticket shows.
func (l *life) aComment(ref string) (desk.CommentID, bool) {
	list, _, err := l.Comments(l.t.Context(), l.as("ada"), ref, desk.Page{})
	if err != nil || len(list) == 0 {
		return "", false
	}
	return draw(l, "comment", list...).ID, true
}

// stored are the tickets as they lie in the database.
func (l *life) stored() map[desk.TicketID]desk.Ticket {
	out := map[desk.TicketID]desk.Ticket{}
	for _, r := range l.store.Dump("tickets") {
		var t desk.Ticket
		l.must(docdb.Decode(r, &t))
		out[t.ID] = t
	}
	return out
}

func TestWhateverHappensTheRecordsAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := newLife(t, r)
		for range rapid.IntRange(1, 40).Draw(r, "acts") {
			l.act(everything...)
		}
		all := l.stored()
		numbers := map[string]bool{}
		for _, x := range all {
			if numbers[x.Number] {
				r.Fatalf("%s was given twice", x.Number)
			}
			numbers[x.Number] = true
			l.lives(x)
			l.belongs(x, all)
			l.replays(x)
			l.counts(x)
		}
		l.loads(all)
	})
}

// lives checks what each status stands for.
func (l *life) lives(x desk.Ticket) {
	status := x.Status
	if x.MergedInto != nil {
		status = x.MergedInto.Status
	}
	ended := status == desk.StatusResolved || status == desk.StatusClosed
	for what, ok := range map[string]bool{
		"merged has a target":         (x.Status == desk.StatusMerged) == (x.MergedInto != nil),
		"closed has a time":           (status == desk.StatusClosed) == !x.ClosedAt.IsZero(),
		"ended has a resolution time": ended == !x.ResolvedAt.IsZero(),
		"assigned has an assignee":    status != desk.StatusAssigned || x.Assignee != "",
		"an assignee was assigned":    x.Assignee == "" || !x.FirstAssignedAt.IsZero(),
		"escalated has a reason":      x.Escalated == (x.Escalation != ""),
		"deleted has no audience":     x.DeletedAt.IsZero() == (len(x.Audience) > 0),
		"the public knows less":       x.PublicVersion <= x.Version,
		"values have a category":      x.Category != "" || len(x.Values) == 0,
	} {
		if !ok {
			l.r.Fatalf("%s: not “%s”: %+v\n%s", x.Number, what, x, strings.Join(l.acts, "\n"))
		}
	}
}

// belongs checks that both sides of links and merges agree. A deleted ticket's end of a
// link went with it.
func (l *life) belongs(x desk.Ticket, all map[desk.TicketID]desk.Ticket) {
	for _, end := range x.Links {
		back := all[end.Ticket].Links
		if !slices.ContainsFunc(back, func(o desk.Link) bool { return o.Ticket == x.ID }) && all[end.Ticket].DeletedAt.IsZero() && x.DeletedAt.IsZero() {
			l.r.Fatalf("%s is linked to %s, but not back", x.Number, end.Number)
		}
	}
	for _, m := range x.Merged {
		if into := all[m.Ticket].MergedInto; into == nil || into.Ticket != x.ID {
			l.r.Fatalf("%s holds %s, which doesn't know of it", x.Number, m.Number)
		}
	}
	if m := x.MergedInto; m != nil && !slices.ContainsFunc(all[m.Ticket].Merged, func(y desk.Merged) bool { return y.Ticket == x.ID }) {
		l.r.Fatalf("%s was merged into %s, which doesn't know of it", x.Number, m.Number)
	}
}

// replays applies the acts' changes to nothing and expects the stored ticket.
func (l *life) replays(x desk.Ticket) {
	state := map[string]any{}
	next := int64(1)
	public := int64(0)
	for _, r := range l.store.Dump("acts") {
		var a desk.Act
		l.must(docdb.Decode(r, &a))
		if a.Ticket != x.ID {
			continue
		}
		if a.Sequence != next {
			l.r.Fatalf("%s: act %d comes instead of %d", x.Number, a.Sequence, next)
		}
		next++
		if !a.Internal {
			public++
		}
		for _, c := range a.Changes {
			if was, is := canon(state[c.Field]), canon(c.Before); was != is {
				l.r.Fatalf("%s: act %d says %s was %s, but it was %s", x.Number, a.Sequence, c.Field, is, was)
			}
			state[c.Field] = c.After
		}
	}
	if next-1 != x.Version || public != x.PublicVersion {
		l.r.Fatalf("%s: %d acts, %d of them public, made version %d and %d", x.Number, next-1, public, x.Version, x.PublicVersion)
	}
	for field, want := range tracked(x) {
		if canon(state[field]) != canon(want) {
			l.r.Fatalf("%s: history ends with %s %s, stored is %s", x.Number, field, canon(state[field]), canon(want))
		}
	}
}

// tracked is what history shows of a ticket.
func tracked(x desk.Ticket) map[string]any {
	var numbers []string
	for _, m := range x.Merged {
		numbers = append(numbers, m.Number)
	}
	into := ""
	if x.MergedInto != nil {
		into = x.MergedInto.Number
	}
	return map[string]any{
		"title": x.Title, "description": x.Description, "tags": x.Tags, "department": x.Department, "category": x.Category,
		"subcategory": x.Subcategory, "priority": x.Priority, "status": x.Status, "assignee": x.Assignee, "watchers": x.Watchers,
		"resolution": x.Resolution, "hold_reason": x.HoldReason, "language": x.Language, "source": x.Source, "escalated": x.Escalated,
		"escalation_reason": x.Escalation, "values": x.Values, "links": x.Links, "merged": numbers, "merged_into": into,
	}
}

// canon is a value as text; whatever means nothing is the same.
func canon(v any) string {
	data, err := docdb.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return err.Error()
	}
	if data, err = json.Marshal(plain); err != nil { // names in order
		return err.Error()
	}
	if slices.Contains([]string{"null", `""`, "[]", "{}", "false"}, string(data)) {
		return "nothing"
	}
	return string(data)
}

// counts compares the ticket's counts with its comments and its events with its acts.
func (l *life) counts(x desk.Ticket) {
	of := func(collection, field string, value any) (n int) {
		for _, r := range l.store.Dump(collection) {
			if r.Fields[field] == value {
				n++
			}
		}
		return n
	}
	if n, m := of("replies", "ticket", string(x.ID)), of("notes", "ticket", string(x.ID)); n != x.Replies || m != x.Notes {
		l.r.Fatalf("%s counts %d replies and %d notes, but has %d and %d", x.Number, x.Replies, x.Notes, n, m)
	}
	if n := of(event.OutboxCollection, "subject", string(x.ID)); int64(n) != x.Version {
		l.r.Fatalf("%s: %d events for %d acts", x.Number, n, x.Version)
	}
}

// loads compares the agents' open counts with a recount.
func (l *life) loads(all map[desk.TicketID]desk.Ticket) {
	want := map[desk.PersonID]int{}
	for _, x := range all {
		if x.Assignee != "" && x.Status.Open() && x.DeletedAt.IsZero() {
			want[x.Assignee]++
		}
	}
	for _, r := range l.store.Dump("agents") {
		var a desk.Agent
		l.must(docdb.Decode(r, &a))
		if a.Open != want[desk.PersonID(r.Key.ID)] {
			l.r.Fatalf("%s has %d open tickets, not %d", r.Key.ID, want[desk.PersonID(r.Key.ID)], a.Open)
		}
	}
}
