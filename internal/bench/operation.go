package bench

import (
	"net/http"
)

// concurrencies are the numbers of requests at once, smallest first.
var concurrencies = []int{1, 16}

// operation is something that clients do.
type operation struct {
	name      string
	changes   bool        // it makes facts, so other functions work after it
	perTicket bool        // its i-th request is about the i-th work ticket
	count     map[int]int // requests of one round and way, by concurrency
	request   func(s *site, i int) request

	ratio float64 // goal: latency against the floor; 0 for none
	cpu   float64 // goal: CPU of the answering function, in ms
}

// What people write. workTicket stays in the department network, where nora lists and
// changes it; newTicket is sent elsewhere by its words, so that the list that is
// measured does not grow by the creations that are.
const (
	workTicket = `{"title":"Wireless drops in the west wing","description":"` + complaint + `","department":"network"}`
	newTicket  = `{"title":"Printer on the third floor jams","description":"` + complaint + `"}`
	complaint  = "Since the update on Monday it stops every ten minutes or so, most of all in the afternoon. " +
		"Switching it off and on helps for a moment, then the same message comes again. " +
		"Two colleagues next door see the same. Please tell us what you need from our side."
	reply = `{"body":"Thank you. We have changed a setting and will watch it until tomorrow; please write if it happens again."}`
)

// operations are what is measured, in the order of the report.
var operations = []operation{
	{
		name: "create", changes: true, ratio: 2, cpu: 2, count: map[int]int{1: 60, 16: 160},
		request: func(s *site, _ int) request {
			return request{http.MethodPost, "/api/tickets/", s.requester, newTicket, http.StatusCreated}
		},
	},
	{
		name: "show", perTicket: true, ratio: 1.5, cpu: 0.8, count: map[int]int{1: 200, 16: 640},
		request: func(s *site, i int) request {
			return request{http.MethodGet, "/api/tickets/" + s.ticket(i) + "/", s.agent, "", http.StatusOK}
		},
	},
	{
		name: "list", ratio: 1.5, cpu: 1.5, count: map[int]int{1: 40, 16: 80},
		request: func(s *site, _ int) request {
			return request{http.MethodGet, "/api/tickets/?limit=20", s.agent, "", http.StatusOK}
		},
	},
	{
		name: "patch", perTicket: true, changes: true, cpu: 2, count: map[int]int{1: 60, 16: 160},
		request: func(s *site, i int) request {
			priority := []string{"high", "low"}[i/workTickets%2] // another one each time a ticket's turn comes
			return request{http.MethodPatch, "/api/tickets/" + s.ticket(i) + "/", s.agent, `{"priority":"` + priority + `"}`, http.StatusOK}
		},
	},
	{
		name: "comment", perTicket: true, changes: true, cpu: 2, count: map[int]int{1: 60, 16: 160},
		request: func(s *site, i int) request {
			return request{http.MethodPost, "/api/tickets/" + s.ticket(i) + "/comments/", s.agent, reply, http.StatusCreated}
		},
	},
}

func (s *site) ticket(i int) string { return s.tickets[i%workTickets] }

// answering is the function that answers the operations.
const answering = "tickets"
