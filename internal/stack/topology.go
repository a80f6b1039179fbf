package stack

import "ticketsystem.example/functions"

// Subscription is one push subscription, as the catalogue wants it.
type Subscription struct {
	Name     string             `json:"name"`
	Topic    string             `json:"topic"`
	Function string             `json:"function"`          // that gets the messages
	Filter   string             `json:"filter"`            // in Pub/Sub's language; "" for none
	Dead     string             `json:"dead_letter_topic"` // "" for none
	Filtered int                `json:"filtered"`          // messages that the filter held back so far
	function functions.Function // the row of Function
}

// topology lists the topics and subscriptions that the catalogue asks for. All names
// begin with prefix, so that several stacks can share one Pub/Sub.
//
// Each function that is pushed to has a subscription to its topic, and a topic for what it
// could not handle; that topic's one subscription, of the same name, goes to the function
// that buries.
func topology(catalogue []functions.Function, prefix string) (topics []string, subs []Subscription) {
	topics = append(topics, prefix+functions.Topic, prefix+functions.UploadsTopic)
	var digger functions.Function
	for _, f := range catalogue {
		if f.Buries {
			digger = f
		}
	}
	for _, f := range catalogue {
		if f.Topic() == "" {
			continue
		}
		dead := prefix + f.DeadLetters()
		topics = append(topics, dead)
		subs = append(subs,
			Subscription{Name: prefix + f.Subscription(), Topic: prefix + f.Topic(), Function: f.Name, Filter: f.Filter(), Dead: dead, function: f},
			Subscription{Name: dead, Topic: dead, Function: digger.Name, function: digger})
	}
	return topics, subs
}

// Subscriptions lists the stack's subscriptions.
func (s *Stack) Subscriptions() []Subscription {
	out := make([]Subscription, len(s.subs))
	copy(out, s.subs)
	for i := range out {
		out[i].Filtered = s.pushes.seen.skipped(out[i].Name)
	}
	return out
}

// Topics lists the stack's topics.
func (s *Stack) Topics() []string { return append([]string(nil), s.topics...) }

// Deliveries lists the latest pushes to functions, newest first.
func (s *Stack) Deliveries() []Delivery { return s.pushes.seen.latest() }
