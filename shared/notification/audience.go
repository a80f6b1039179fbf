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
// same, a note to staff of the ticket.
func Audience(kind string, actor desk.PersonID, f desk.Fact, org *desk.Organisation) []Wish {
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
	case desk.TicketReplied:
		l.add(Comment, fmt.Sprintf("%s replied to “%s”", f.ActorName, f.Title), everyone(f)...)
		l.status(f)
	case desk.TicketNoted:
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
