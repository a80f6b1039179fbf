package stories

import (
	"net/http"
	"testing"
	"time"
)

// What is here moves the clock, and with it what happens at its time to every ticket.
// Its file comes after the others', so that these are done.

// move sets the clock ahead until the end of the test.
func (w *whole) move(t *testing.T, by time.Duration) {
	t.Helper()
	t.Cleanup(func() {
		if err := w.MoveClock(0); err != nil {
			t.Error(err)
		}
	})
	if err := w.MoveClock(by); err != nil {
		t.Fatal(err)
	}
}

func TestADeadlineThatPassesIsToldOnce(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "network", "priority": "critical"})
	w.move(t, 4*24*time.Hour) // long enough for working hours on any day
	eventually(t, "the manager hears that response and resolution are late", func() bool { return count(w.told(t, "mia", ticket), "sla_breach") == 2 })
	path := "/api/tickets/" + ticket + "/"
	got := w.must(t, "mia", "GET", path, nil)
	if !got.body.Get("sla_breached").Bool() {
		t.Errorf("it is %s", got.body.Raw)
	}
	w.kill(t, "alarm")
	w.fireSchedules(t)
	eventually(t, "the function has looked again", func() bool { return w.answers(t, "alarm") })
	fired := map[string]int{}
	for _, a := range w.must(t, "mia", "GET", path+"history/?limit=100", nil).body.Get("items").Array() {
		if key := a.Get("alarm").String(); key != "" {
			fired[key]++
		}
	}
	for key, n := range fired {
		if n != 1 {
			t.Errorf("%s fired %d times", key, n)
		}
	}
	if len(fired) < 4 {
		t.Errorf("fired only %v", fired)
	}
}

func TestATicketThatWasClosedLongAgoStaysClosed(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "network"})
	path := "/api/tickets/" + ticket + "/"
	w.must(t, "uma", "POST", path+"close/", nil)
	w.move(t, 29*24*time.Hour)
	w.must(t, "uma", "POST", path+"reopen/", nil)
	w.must(t, "uma", "POST", path+"close/", nil)
	w.move(t, 60*24*time.Hour)
	if a := w.ask(t, "uma", "POST", path+"reopen/", nil); a.status != http.StatusConflict || a.text("code") != "reopen_window" {
		t.Errorf("%d %s", a.status, a.body.Raw)
	}
	if a := w.ask(t, "uma", "POST", path+"comments/", object{"body": "Are you there?"}); a.status != http.StatusConflict {
		t.Errorf("a reply: %d %s", a.status, a.body.Raw)
	}
	if got := w.must(t, "uma", "GET", path, nil); got.text("status") != "closed" || got.body.Get("reply_count").Int() != 0 {
		t.Errorf("it is %s", got.body.Raw)
	}
	w.must(t, "nora", "POST", path+"reopen/", nil)
	w.must(t, "uma", "POST", path+"close/", nil)
}
