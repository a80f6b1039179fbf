package main

import (
	"time"

	"ticketsystem.example/shared/desk"
)

// act is something that a person did to a ticket.
type act struct {
	at time.Time
	by desk.PersonID
	do any // desk.NewTicket, desk.Patch or desk.NewComment
}

// How long people take for what the files give no time for, unless the next thing
// happens or the present comes before that.
const (
	untilClaimed  = 12 * time.Minute
	untilStarted  = 8 * time.Minute
	untilHeld     = 15 * time.Minute
	untilResolved = 40 * time.Minute
	untilClosed   = 30 * time.Hour
	untilReopened = 20 * time.Hour

	resolvedLately = 36 * time.Hour // before it was reopened, or now
)

// plan works out what was done to a ticket such that now it is as the files say, by
// legal transitions and by people who may: its assignee claims and works on it, its
// requester closes and reopens it. The acts are in the order of time, none after now.
func plan(t demoTicket, now time.Time) []act {
	p := &planner{ticket: t, now: now}
	p.add(p.ago(t.AgeHours), t.Requester, desk.NewTicket{
		Title: t.Title, Description: t.Description, Department: t.Department, Category: t.Category, Subcategory: t.Subcategory,
		Priority: t.Priority, Source: t.Source, Tags: t.Tags, Language: t.Language,
	})
	p.begin()
	reopens := p.reopeningReply()
	for i, c := range t.Comments {
		if i == reopens {
			p.resolveLately(p.ago(c.AgeHours))
		}
		p.add(p.ago(c.AgeHours), c.Author, desk.NewComment{Body: c.Body, Internal: c.Internal})
	}
	p.finish(reopens)
	return p.acts
}

// planner gathers the acts of one ticket.
type planner struct {
	ticket demoTicket
	now    time.Time
	acts   []act
}

func (p *planner) ago(hours float64) time.Time {
	return p.now.Add(-time.Duration(hours * float64(time.Hour)))
}

func (p *planner) add(at time.Time, by desk.PersonID, do any) {
	p.acts = append(p.acts, act{at, by, do})
}

// within is a while after the latest act, but well before until.
func (p *planner) within(while time.Duration, until time.Time) time.Time {
	latest := p.acts[len(p.acts)-1].at
	return latest.Add(min(while, until.Sub(latest)/2))
}

// begin has the assignee claim the ticket, and start on it unless it only waits.
func (p *planner) begin() {
	t := p.ticket
	if t.Assignee == "" {
		return
	}
	next := p.now
	if len(t.Comments) > 0 {
		next = p.ago(t.Comments[0].AgeHours)
	}
	p.add(p.within(untilClaimed, next), t.Assignee, desk.Patch{Assignee: &t.Assignee})
	if t.Status != desk.StatusAssigned {
		p.add(p.within(untilStarted, next), t.Assignee, desk.Patch{Status: to(desk.StatusInProgress)})
	}
}

// reopeningReply is the index of the comment that reopened the ticket: the last reply
// of its requester. It is -1 if none did.
func (p *planner) reopeningReply() int {
	t := p.ticket
	if t.Status != desk.StatusReopened {
		return -1
	}
	for i := len(t.Comments) - 1; i >= 0; i-- {
		if c := t.Comments[i]; c.Author == t.Requester && !c.Internal {
			return i
		}
	}
	return -1
}

// resolve has the assignee resolve the ticket before a time.
func (p *planner) resolve(before time.Time) {
	patch := desk.Patch{Status: to(desk.StatusResolved)}
	if r := p.ticket.Resolution; r != "" {
		patch.Resolution = &r
	}
	p.add(p.within(untilResolved, before), p.ticket.Assignee, patch)
}

// resolveLately has the ticket resolved so shortly before a time that it isn't closed by
// itself until then.
func (p *planner) resolveLately(before time.Time) {
	p.resolve(before)
	last := &p.acts[len(p.acts)-1]
	if lately := before.Add(-resolvedLately); last.at.Before(lately) {
		last.at = lately
	}
}

// finish brings the ticket to its status.
func (p *planner) finish(reopens int) {
	t := p.ticket
	switch t.Status {
	case desk.StatusOnHold:
		p.add(p.within(untilHeld, p.now), t.Assignee, desk.Patch{Status: to(desk.StatusOnHold), HoldReason: &t.HoldReason})
	case desk.StatusResolved:
		p.resolveLately(p.now)
	case desk.StatusClosed:
		p.resolve(p.now)
		p.add(p.within(untilClosed, p.now), t.Requester, desk.Patch{Status: to(desk.StatusClosed)})
	case desk.StatusReopened:
		if reopens < 0 {
			p.resolve(p.now)
			p.add(p.within(untilReopened, p.now), t.Requester, desk.Patch{Status: to(desk.StatusReopened)})
		}
	}
}

func to(s desk.Status) *desk.Status { return &s }
