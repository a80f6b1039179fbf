package notification

import (
	"fmt"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/wording"
)

// Wish is one person who should hear of a fact, and how.
type Wish struct {
	Person desk.PersonID
	Type   Type
	Say    wording.Phrase
}

// Audience lists who is told of a fact, most important reason first, each person
// once, never the one who did it. It follows the contract: a new ticket goes to the
// department's managers and its assignee, an assignment to the old and new assignee
// and the requester, a status to requester, assignee and watchers, a reply to the
// same, a note to staff of the ticket, an escalation to assignee, managers and, when it is
// critical, admins. Whom a comment calls by name hears so first of all.
func Audience(kind string, actor desk.PersonID, f desk.Fact, org *desk.Organisation, admins []desk.PersonID) []Wish {
	l := &list{actor: actor, seen: map[desk.PersonID]bool{}}
	switch kind {
	case desk.TicketRouted:
		l.assignment(f)
		l.add(Assignment, say(f, "department.new", "Department", departmentName(org, f.Department)), org.Managers(f.Department)...)
		l.status(f)
	case desk.TicketUpdated:
		l.assignment(f)
		if _, moved := f.Changed("department"); moved {
			l.add(Assignment, say(f, "department.moved", "Department", departmentName(org, f.Department)), org.Managers(f.Department)...)
		}
		l.status(f)
	case desk.TicketEscalated:
		l.escalation(f, org, admins)
		l.assignment(f)
		l.status(f)
	case desk.TicketAlarm:
		l.alarm(f, org, admins)
	case desk.TicketMerged, desk.TicketUnmerged:
		l.merging(f)
	case desk.TicketEdited:
		l.mention(f)
	case desk.TicketReplied:
		l.mention(f)
		l.add(Comment, say(f, "comment.reply"), everyone(f)...)
		l.status(f)
	case desk.TicketNoted:
		l.mention(f)
		l.add(Comment, say(f, "comment.note"), append([]desk.PersonID{f.Assignee}, f.Watchers...)...)
	}
	return l.wishes
}

type list struct {
	actor  desk.PersonID
	seen   map[desk.PersonID]bool
	wishes []Wish
}

func (l *list) add(kind Type, text wording.Phrase, people ...desk.PersonID) {
	for _, p := range people {
		if p == "" || p == l.actor || l.seen[p] {
			continue
		}
		l.seen[p] = true
		l.wishes = append(l.wishes, Wish{p, kind, text})
	}
}

func (l *list) assignment(f desk.Fact) {
	c, ok := f.Changed("assignee")
	if !ok {
		return
	}
	l.add(Assignment, say(f, "assigned.you"), f.Assignee)
	if old, _ := c.Before.(string); old != "" {
		l.add(Assignment, say(f, "assigned.not_you"), desk.PersonID(old))
	}
	if f.Assignee == "" {
		l.add(Assignment, say(f, "assigned.nobody"), f.Requester)
		return
	}
	l.add(Assignment, say(f, "assigned.somebody"), f.Requester)
}

func (l *list) mention(f desk.Fact) {
	l.add(Mention, say(f, "comment.mention"), f.Mentioned...)
}

// escalation tells those who can help. It doesn't go to the requester, who sees the
// mark and need not be told of the worry.
func (l *list) escalation(f desk.Fact, org *desk.Organisation, admins []desk.PersonID) {
	people := append([]desk.PersonID{f.Assignee}, org.Managers(f.Department)...)
	if f.Priority == desk.PriorityCritical {
		people = append(people, admins...)
	}
	l.add(Escalation, say(f, "escalated"), people...)
}

// alarm tells those who can still keep a deadline that it is near, and all who answer for
// it that it has passed.
func (l *list) alarm(f desk.Fact, org *desk.Organisation, admins []desk.PersonID) {
	kind, level := f.AlarmLevel()
	holder := []desk.PersonID{f.Assignee}
	if f.Assignee == "" {
		holder = org.Managers(f.Department)
	}
	above := append(append([]desk.PersonID{f.Assignee}, org.Managers(f.Department)...), admins...)
	switch {
	case kind == desk.AlarmHold:
		l.add(StatusChange, say(f, "hold.over"), holder...)
	case kind == desk.AlarmClosing:
		l.add(StatusChange, say(f, "closing"), f.Requester)
	case kind == desk.AlarmResponse && level < 100:
		l.add(SLABreach, say(f, "response.soon"), holder...)
	case kind == desk.AlarmResponse:
		l.add(SLABreach, say(f, "response.late"), above...)
	case kind == desk.AlarmResolution && level < 100:
		l.add(SLABreach, say(f, "resolution.soon"), holder...)
	case kind == desk.AlarmResolution:
		l.add(SLABreach, say(f, "resolution.late"), above...)
	}
}

// merging tells those of the source where it goes on, or that it is itself again.
func (l *list) merging(f desk.Fact) {
	c, _ := f.Changed("merged_into")
	text := say(f, "unmerged")
	if number, _ := c.After.(string); number != "" {
		text = say(f, "merged", "Number", number)
	}
	l.add(StatusChange, text, everyone(f)...)
}

func (l *list) status(f desk.Fact) {
	if c, ok := f.Changed("status"); ok {
		l.add(StatusChange, say(f, "status."+fmt.Sprint(c.After)), everyone(f)...)
	}
}

func everyone(f desk.Fact) []desk.PersonID {
	return append([]desk.PersonID{f.Requester, f.Assignee}, f.Watchers...)
}

// say is a sentence about the fact, with what most of them name.
func say(f desk.Fact, id string, more ...string) wording.Phrase {
	return wording.Say(id, append(more, "Title", f.Title, "Actor", f.ActorName)...)
}

func departmentName(org *desk.Organisation, id desk.DepartmentID) string {
	if d, ok := org.Department(id); ok {
		return d.Name
	}
	return string(id)
}
