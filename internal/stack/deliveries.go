package stack

import (
	"sync"
	"time"
)

// Delivery is one push of a message to a function, as it went.
type Delivery struct {
	At           time.Time     `json:"at"` // when it began, by the real clock
	Subscription string        `json:"subscription"`
	Function     string        `json:"function"`
	Type         string        `json:"type"`    // of the fact; its attribute of that name
	Subject      string        `json:"subject"` // the ticket; likewise
	Message      string        `json:"message"` // Pub/Sub's id of the message
	Attempt      int           `json:"attempt"` // counts from 1
	Status       int           `json:"status"`  // that the function answered; 503 if it did not
	Took         time.Duration `json:"took_ns"`
}

// remembered is how many deliveries are kept.
const remembered = 500

// ring remembers the latest deliveries, and how many messages each subscription's
// filter has held back.
type ring struct {
	mu       sync.Mutex
	kept     [remembered]Delivery
	total    int
	filtered map[string]int
}

func (r *ring) add(d Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[r.total%remembered] = d
	r.total++
}

// count is how many deliveries of a message are remembered.
func (r *ring) count(subscription, message string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, d := range r.kept[:min(r.total, remembered)] {
		if d.Subscription == subscription && d.Message == message {
			n++
		}
	}
	return n
}

// skip counts a message that the subscription's filter held back.
func (r *ring) skip(subscription string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.filtered == nil {
		r.filtered = map[string]int{}
	}
	r.filtered[subscription]++
}

// latest returns what is remembered, newest first.
func (r *ring) latest() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Delivery, 0, min(r.total, remembered))
	for i := r.total - 1; i >= 0 && i >= r.total-remembered; i-- {
		out = append(out, r.kept[i%remembered])
	}
	return out
}

func (r *ring) skipped(subscription string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.filtered[subscription]
}
