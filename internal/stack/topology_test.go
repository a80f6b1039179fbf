package stack

import (
	"slices"
	"testing"

	"ticketsystem.example/functions"
)

func TestEveryEventFunctionGetsItsFactsAndALastResort(t *testing.T) {
	topics, subs := topology(functions.Catalogue, "x-")
	find := func(name string) Subscription {
		i := slices.IndexFunc(subs, func(s Subscription) bool { return s.Name == name })
		if i < 0 {
			t.Fatalf("there is no subscription %s", name)
		}
		return subs[i]
	}
	for _, f := range functions.Catalogue {
		if f.Topic() == "" {
			continue
		}
		facts, dead := find("x-"+f.Subscription()), find("x-"+f.DeadLetters())
		if facts.Topic != "x-"+f.Topic() || facts.Function != f.Name || facts.Filter != f.Filter() || facts.Dead != dead.Topic {
			t.Errorf("facts of %s: %+v", f.Name, facts)
		}
		if !dead.function.Buries || dead.Filter != "" || dead.Dead != "" {
			t.Errorf("dead letters of %s: %+v", f.Name, dead)
		}
		for _, topic := range []string{facts.Topic, dead.Topic} {
			if !slices.Contains(topics, topic) {
				t.Errorf("there is no topic %s", topic)
			}
		}
	}
}
