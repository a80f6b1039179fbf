package desk

import "ticketsystem.example/shared/fault"

// Status is where a ticket is in its life.
type Status string

// The statuses of the contract, and merged.
const (
	StatusNew        Status = "new"
	StatusAssigned   Status = "assigned"
	StatusInProgress Status = "in_progress"
	StatusOnHold     Status = "on_hold"
	StatusResolved   Status = "resolved"
	StatusClosed     Status = "closed"
	StatusReopened   Status = "reopened"
	StatusMerged     Status = "merged"
)

// Statuses lists every status in the order of a ticket's life.
var Statuses = []Status{StatusNew, StatusAssigned, StatusInProgress, StatusOnHold, StatusResolved, StatusClosed, StatusReopened, StatusMerged}

// transitions says which statuses may follow each. Merged ends a ticket's life.
var transitions = map[Status][]Status{
	StatusNew:        {StatusAssigned, StatusInProgress, StatusOnHold, StatusResolved, StatusClosed},
	StatusAssigned:   {StatusNew, StatusInProgress, StatusOnHold, StatusResolved, StatusClosed},
	StatusInProgress: {StatusNew, StatusAssigned, StatusOnHold, StatusResolved, StatusClosed},
	StatusOnHold:     {StatusNew, StatusAssigned, StatusInProgress, StatusResolved, StatusClosed},
	StatusResolved:   {StatusClosed, StatusReopened},
	StatusClosed:     {StatusReopened},
	StatusReopened:   {StatusNew, StatusAssigned, StatusInProgress, StatusOnHold, StatusResolved, StatusClosed},
	StatusMerged:     nil,
}

// Next lists the statuses that may follow s.
func (s Status) Next() []Status { return transitions[s] }

// Known reports whether s is one of the statuses.
func (s Status) Known() bool { _, ok := transitions[s]; return ok }

// Open reports whether somebody still has to do something.
func (s Status) Open() bool { return s != StatusResolved && s != StatusClosed && s != StatusMerged }

// follow returns a fault that names the allowed statuses when next may not follow s.
func (s Status) follow(next Status) error {
	if contains(s.Next(), next) {
		return nil
	}
	e := fault.New(fault.Conflict, "illegal_transition", "A ticket that is %s can't become %s.", s, next)
	for _, a := range s.Next() {
		e.Allowed = append(e.Allowed, string(a))
	}
	return e
}

// Priority says how urgent a ticket is; package sla holds the targets.
type Priority string

// The priorities of the contract, most urgent first.
const (
	PriorityCritical Priority = "critical"
	PriorityHigh     Priority = "high"
	PriorityMedium   Priority = "medium"
	PriorityLow      Priority = "low"
)

// Priorities lists every priority, most urgent first.
var Priorities = []Priority{PriorityCritical, PriorityHigh, PriorityMedium, PriorityLow}

// Source is how a ticket came in.
type Source string

// Sources lists where tickets come from.
var Sources = []Source{"web", "email", "phone", "chat", "api", "other"}
