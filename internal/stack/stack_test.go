package stack_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

func TestEveryFunctionOfTheCatalogueRuns(t *testing.T) {
	s := shared(t)
	for _, f := range functions.Catalogue {
		now := named(s, f.Name)
		if now.State != "running" || now.Memory == 0 {
			t.Errorf("%s: %+v", f.Name, now)
		}
		if status, body := call(t, "GET", now.URL+"/healthz", ""); status != http.StatusOK {
			t.Errorf("%s is not healthy: %d %s", f.Name, status, body)
		}
	}
}

func TestEventFunctionsAreNotReachableThroughTheFront(t *testing.T) {
	s := shared(t)
	for _, f := range functions.Catalogue {
		if f.Public() {
			continue
		}
		for _, path := range []string{"/" + f.Name, "/" + f.Name + "/healthz", "/push/" + s.Subscriptions()[0].Name} {
			if status, body := call(t, "POST", s.URL+path, pushed); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s answered %d %s", path, status, body)
			}
		}
	}
	if d := s.Deliveries(); slices.ContainsFunc(d, func(d stack.Delivery) bool { return d.Message == "forged" }) {
		t.Error("a push through the front door was delivered")
	}
}

const pushed = `{"message":{"messageId":"forged","data":"e30=","attributes":{"type":"ticket.created"}}}`

func TestAFactIsDeliveredToThoseWhoTakeItsType(t *testing.T) {
	s := shared(t)
	const kind = "ticket.routed"
	before := map[string]int{}
	for _, f := range functions.Catalogue {
		before[f.Name] = heldBack(s, f.Name)
	}
	publish(t, s, s.Topics()[0], kind)
	for _, f := range functions.Catalogue {
		switch {
		case len(f.Events) == 0:
		case f.Takes(kind):
			until(t, "the delivery to "+f.Name, func() bool { return delivered(s, kind, f.Name) })
		default:
			until(t, "the filter of "+f.Name, func() bool { return heldBack(s, f.Name) > before[f.Name] })
			if delivered(s, kind, f.Name) {
				t.Errorf("%s was handed a fact that its filter leaves out", f.Name)
			}
		}
	}
}

func TestWhatDeadLetterTopicsHoldIsBuried(t *testing.T) {
	s := shared(t)
	buried := func() int { return count[event.DeadLetter](t, s, event.DeadLetterCollection) }
	before := buried()
	topics := slices.DeleteFunc(s.Topics(), func(topic string) bool { return !strings.HasSuffix(topic, "-dead") })
	for _, topic := range topics {
		publish(t, s, topic, "any.type")
	}
	until(t, "all to be buried", func() bool { return buried() == before+len(topics) })
}

func TestACrashedFunctionIsStartedAgainAtItsPlace(t *testing.T) {
	s := shared(t)
	before := named(s, "inbox")
	if err := s.Kill("inbox"); err != nil {
		t.Fatal(err)
	}
	until(t, "the new process", func() bool {
		status, _ := call(t, "GET", before.URL+"/healthz", "")
		return status == http.StatusOK && named(s, "inbox").PID != before.PID
	})
	if now := named(s, "inbox"); now.Restarts != before.Restarts+1 || now.URL != before.URL {
		t.Errorf("before %+v, now %+v", before, now)
	}
	if !said.contain("inbox ended (signal: killed); starting it again") {
		t.Error("nothing was said about it")
	}
	if err := s.Kill("nobody"); err == nil {
		t.Error("a function that does not exist was killed")
	}
}

func TestTwoStacksRunSideBySideAndAStoppedOneLeavesNothing(t *testing.T) {
	first := shared(t)
	second, err := stack.Start(t.Context(), stack.Options{Shared: true, Suite: first.Suite})
	if err != nil {
		t.Fatal(err)
	}
	gone := traces(t, second)
	const kind = "ticket.noted"
	publish(t, second, second.Topics()[0], kind)
	until(t, "the delivery", func() bool { return delivered(second, kind, "notify") })
	if delivered(first, kind, "notify") {
		t.Error("a fact of one stack was delivered to the other")
	}
	if err := second.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	gone()
	if status, body := call(t, "GET", first.URL+"/api/openapi.json", ""); status != http.StatusOK {
		t.Errorf("the other stack answers %d %s", status, body)
	}
}

func TestAMovedClockFiresWhatRunsOnASchedule(t *testing.T) {
	s := shared(t)
	const kind = "ticket.updated"
	e := event.Event{Schema: event.Schema, ID: "t1-000001", Type: kind, Subject: "t1", Sequence: 1, At: time.Now()}
	until(t, "the fact", func() bool {
		key := docdb.Key{Collection: event.OutboxCollection, ID: e.ID}
		return s.DB.Run(t.Context(), func(tx *docdb.Tx) error { return tx.Set(key, e) }) == nil
	})
	waiting := 1
	for try := time.Duration(0); waiting > 0 && try < 5; try++ { // again where the emulators were too busy
		if err := s.MoveClock(26*time.Hour + try); err != nil {
			t.Fatal(err)
		}
		waiting = count[event.Event](t, s, event.OutboxCollection)
	}
	if shift, err := s.Clock(); shift.Truncate(time.Hour) != 26*time.Hour || err != nil {
		t.Errorf("the clock is moved by %v, %v", shift, err)
	}
	if waiting != 0 {
		t.Errorf("%d facts still wait in the outbox", waiting)
	}
	until(t, "the delivery", func() bool { return delivered(s, kind, "measure") })
	if err := s.MoveClock(0); err != nil {
		t.Error(err)
	}
}
