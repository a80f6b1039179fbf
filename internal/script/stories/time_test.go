package stories

import (
	"net/http"
	"testing"
	"time"

	"github.com/tidwall/gjson"
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

// The end of a hold is at the same time on any day, and few other things come with it: a
// deadline in working hours would need days, in which every open ticket has its own.
func TestWhatComesAtItsTimeIsToldOnce(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "network"})
	path := "/api/tickets/" + ticket + "/"
	w.must(t, "nora", "PATCH", path, object{"assignee": "nora"})
	w.must(t, "mia", "POST", path+"hold/", object{"reason": "A spare part.", "until": time.Now().Add(time.Hour)})
	alarms := func() []gjson.Result {
		return w.must(t, "nora", "GET", path+"history/?limit=100", nil).body.Get(`items.#(type=="ticket.alarm")#`).Array()
	}
	before := count(w.told(t, "nora", ticket), "status_change")
	w.move(t, 61*time.Minute)
	eventually(t, "the end of the hold is told", func() bool {
		return len(alarms()) == 1 && count(w.told(t, "nora", ticket), "status_change") > before
	})
	told := len(w.told(t, "nora", ticket))
	w.kill(t, "alarm")
	w.fireSchedules(t)
	w.worksEndToEnd(t) // by then all that came of it is done
	if n := len(alarms()); n != 1 {
		t.Errorf("it came %d times", n)
	}
	if n := len(w.told(t, "nora", ticket)); n != told {
		t.Errorf("told %d times, and then %d", told, n)
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
