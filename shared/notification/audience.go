package notification

import (
	"fmt"

	"ticketsystem.example/shared/desk"
)

// Wish is one person who should hear of a fact, and how.
type Wish struct {
	Person desk.PersonID
	Type   Type
	Text   string
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
		l.add(Assignment, fmt.Sprintf("New in %s: “%s”", departmentName(org, f.Department), f.Title), org.Managers(f.Department)...)
		l.status(f)
	case desk.TicketUpdated:
		l.assignment(f)
		if _, moved := f.Changed("department"); moved {
			l.add(Assignment, fmt.Sprintf("%s moved “%s” to %s", f.ActorName, f.Title, departmentName(org, f.Department)), org.Managers(f.Department)...)
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
		l.add(Comment, fmt.Sprintf("%s replied to “%s”", f.ActorName, f.Title), everyone(f)...)
		l.status(f)
	case desk.TicketNoted:
		l.mention(f)
		l.add(Comment, fmt.Sprintf("%s left a note on “%s”", f.ActorName, f.Title), append([]desk.PersonID{f.Assignee}, f.Watchers...)...)
	}
	return l.wishes
}

type list struct {
	actor  desk.PersonID
	seen   map[desk.PersonID]bool
	wishes []Wish
}

func (l *list) add(kind Type, text string, people ...desk.PersonID) {
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
	l.add(Assignment, fmt.Sprintf("You have been assigned “%s”", f.Title), f.Assignee)
	if old, _ := c.Before.(string); old != "" {
		l.add(Assignment, fmt.Sprintf("“%s” is no longer assigned to you", f.Title), desk.PersonID(old))
	}
	text := fmt.Sprintf("Somebody is looking after “%s” now", f.Title)
	if f.Assignee == "" {
		text = fmt.Sprintf("“%s” is waiting for somebody new to look after it", f.Title)
	}
	l.add(Assignment, text, f.Requester)
}

func (l *list) mention(f desk.Fact) {
	l.add(Mention, fmt.Sprintf("%s mentioned you on “%s”", f.ActorName, f.Title), f.Mentioned...)
}

// escalation tells those who can help. It doesn't go to the requester, who sees the
// mark and need not be told of the worry.
func (l *list) escalation(f desk.Fact, org *desk.Organisation, admins []desk.PersonID) {
	people := append([]desk.PersonID{f.Assignee}, org.Managers(f.Department)...)
	if f.Priority == desk.PriorityCritical {
		people = append(people, admins...)
	}
	l.add(Escalation, fmt.Sprintf("%s escalated “%s”", f.ActorName, f.Title), people...)
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
		l.add(StatusChange, fmt.Sprintf("“%s” was on hold until now", f.Title), holder...)
	case kind == desk.AlarmClosing:
		l.add(StatusChange, fmt.Sprintf("“%s” will be closed in two days, unless you reopen it", f.Title), f.Requester)
	case kind == desk.AlarmResponse && level < 100:
		l.add(SLABreach, fmt.Sprintf("The first response to “%s” is due soon", f.Title), holder...)
	case kind == desk.AlarmResponse:
		l.add(SLABreach, fmt.Sprintf("“%s” had no response in time", f.Title), above...)
	case kind == desk.AlarmResolution && level < 100:
		l.add(SLABreach, fmt.Sprintf("“%s” is due soon", f.Title), holder...)
	case kind == desk.AlarmResolution:
		l.add(SLABreach, fmt.Sprintf("“%s” is overdue", f.Title), above...)
	}
}

// merging tells those of the source where it goes on, or that it is itself again.
func (l *list) merging(f desk.Fact) {
	c, _ := f.Changed("merged_into")
	text := fmt.Sprintf("“%s” is a ticket of its own again", f.Title)
	if number, _ := c.After.(string); number != "" {
		text = fmt.Sprintf("“%s” was merged into %s", f.Title, number)
	}
	l.add(StatusChange, text, everyone(f)...)
}

func (l *list) status(f desk.Fact) {
	if c, ok := f.Changed("status"); ok {
		l.add(StatusChange, fmt.Sprintf("“%s” is now %s", f.Title, words(c.After)), everyone(f)...)
	}
}

func everyone(f desk.Fact) []desk.PersonID {
	return append([]desk.PersonID{f.Requester, f.Assignee}, f.Watchers...)
}

// words is a status as people say it.
func words(status any) string {
	switch s := fmt.Sprint(status); s {
	case string(desk.StatusInProgress):
		return "in progress"
	case string(desk.StatusOnHold):
		return "on hold"
	default:
		return s
	}
}

func departmentName(org *desk.Organisation, id desk.DepartmentID) string {
	if d, ok := org.Department(id); ok {
		return d.Name
	}
	return string(id)
}
