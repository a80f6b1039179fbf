// Package sla is the arithmetic of service levels: how soon a ticket of a priority
// must have its first response and its resolution.
//
// A Calendar says which time counts, a Timer how much of it has passed, when a target is
// reached, and why. The package is pure: times come in, times go out. It does not know
// tickets, and it stores nothing.
package sla

import "time"

// Targets are how long a ticket may wait.
type Targets struct {
	FirstResponse time.Duration
	Resolution    time.Duration
}

// resolution holds the default targets of the product's contract.
var resolution = map[string]time.Duration{
	"critical": 2 * time.Hour,
	"high":     8 * time.Hour,
	"medium":   24 * time.Hour,
	"low":      48 * time.Hour,
}

// longestFirstResponse caps the wait for a first word, however low the priority.
const longestFirstResponse = 4 * time.Hour

// For returns the targets of a priority: the contract's resolution time, and a
// quarter of it, at most four hours, for the first response. An unknown priority
// counts as medium.
func For(priority string) Targets {
	d, ok := resolution[priority]
	if !ok {
		d = resolution["medium"]
	}
	return Targets{FirstResponse: min(d/4, longestFirstResponse), Resolution: d}
}
