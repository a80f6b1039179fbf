// Package automation lets administrators say what happens by itself: when something
// happened to a ticket and a condition holds, a macro is used on it.
//
// Ideas:
//
//   - An automation can do nothing that a macro can't, and a macro nothing that a person
//     couldn't do by hand. The history shows who did it: robot:automate.
//   - All automations are one document, so that a fact costs one read however many there
//     are, and a change is whole or not at all. Each is checked when it is saved.
//   - What happens at its time is a fact too (ticket.alarm), so time needs nothing of its own.
//   - Each use is a request named after automation and fact: a fact that comes again changes
//     nothing. What an automation does makes facts a step deeper; beyond MaxChain none acts,
//     so that two that undo each other's work end.
//   - Each time one is tried, the log says what came of it.
//
// It stores automations, one document, and automation_runs, a line of the log each, 90 days.
// A typical use:
//
//	err := automation.Handle(ctx, d, e)
//
// A dry run changes nothing and writes nothing.
package automation

import (
	"fmt"
	"slices"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Consumer is the name of the function that runs automations.
const Consumer = "automate"

// Kinds are the facts that can set one off.
var Kinds = []string{
	"ticket.created", "ticket.routed", "ticket.updated", "ticket.replied", "ticket.noted", "ticket.escalated", "ticket.alarm", "ticket.rated",
}

// Limits.
const (
	MaxAutomations = 100
	MaxName        = 80
	MaxChain       = 3 // steps from what a person did, beyond which none acts
)

// Automation is what happens by itself.
type Automation struct {
	ID        string        `json:"id"`
	Version   int64         `json:"version"`
	By        desk.PersonID `json:"by"` // who made it
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
	Draft
}

// Draft is what somebody wants an automation to be.
type Draft struct {
	Name      string   `json:"name"`
	On        []string `json:"on"`        // types of facts
	Condition string   `json:"condition"` // in CEL; "" always holds
	Macro     string   `json:"macro"`     // id
	Active    bool     `json:"active"`
}

// Outcome is what came of trying one.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"    // the macro was used
	Refused Outcome = "refused" // the macro could not be used on that ticket
	Failed  Outcome = "failed"  // the condition gave no answer
	Looped  Outcome = "looped"  // too many followed from one another
)

// Run is a line of the log: an automation whose condition held, or could not be asked.
type Run struct {
	ID         string        `json:"id"`
	Automation string        `json:"automation"`
	Ticket     desk.TicketID `json:"ticket"`
	Number     string        `json:"number"`
	Event      string        `json:"event"`
	Type       string        `json:"type"`
	Outcome    Outcome       `json:"outcome"`
	Reason     string        `json:"reason"`
	At         time.Time     `json:"at"`
}

// all is the one document.
type all struct {
	List []Automation `json:"list"`
}

func (l all) find(id string) int {
	return slices.IndexFunc(l.List, func(a Automation) bool { return a.ID == id })
}

// The collections of this package.
const (
	automations = "automations"
	runs        = "automation_runs"
)

// keepRuns is how long the log goes back.
const keepRuns = 90 * 24 * time.Hour

var allKey = docdb.Key{Collection: automations, ID: "all"}

// runKey is where a line of the log lies. Keys sort by the time of the fact, the last first,
// which is the order of the log and needs no index.
func runKey(automation string, e event.Event) docdb.Key {
	return docdb.Key{Collection: runs, ID: fmt.Sprintf("%016d-%s~%s", 9_999_999_999_999_999-e.At.UnixMicro(), automation, e.ID)}
}
