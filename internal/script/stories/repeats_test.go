package stories

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

// pushes gathers what Pub/Sub pushes to a subscription of the test's own.
type pushes struct {
	mu  sync.Mutex
	all [][]byte
}

func (p *pushes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, body)
	w.WriteHeader(http.StatusNoContent)
}

// of finds the push of a fact of a type about a ticket.
func (p *pushes) of(kind, ticket string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.all, func(body []byte) bool {
		attributes := gjson.GetBytes(body, "message.attributes")
		return attributes.Get("type").String() == kind && attributes.Get("ticket").String() == ticket
	})
	if i < 0 {
		return nil
	}
	return p.all[i]
}

// listen subscribes to the facts for the length of the test.
func (w *whole) listen(t *testing.T) *pushes {
	t.Helper()
	p := &pushes{}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	project := "projects/" + w.Suite.Project
	i := slices.IndexFunc(w.Topics(), func(name string) bool { return strings.HasSuffix(name, "facts") })
	url := fmt.Sprintf("http://%s/v1/%s/subscriptions/listen-%s", w.Suite.PubSub, project, word())
	w.administer(t, http.MethodPut, url, object{
		"topic": project + "/topics/" + w.Topics()[i], "ackDeadlineSeconds": 60, "pushConfig": object{"pushEndpoint": server.URL},
	})
	t.Cleanup(func() { w.administer(t, http.MethodDelete, url, nil) })
	return p
}

func (w *whole) administer(t *testing.T, method, url string, body any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(data)) // also after the test's context has ended
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if a := send(t, req); a.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, url, a.status, a.body.Raw)
	}
}

// deliver hands one push to a function five times at once, as Pub/Sub may.
func (w *whole) deliver(t *testing.T, name string, push []byte) {
	t.Helper()
	url := w.function(t, name).URL + "/projects/" + w.Suite.Project + "/topics/facts"
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			res, err := http.Post(url, "application/json", bytes.NewReader(push))
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusNoContent {
				t.Errorf("%s answers %s", name, res.Status)
			}
		})
	}
	group.Wait()
}

// day is what has been counted for a department today.
func (w *whole) day(t *testing.T, department desk.DepartmentID) analytics.Point {
	t.Helper()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	points, err := analytics.Trend(t.Context(), desk.New(w.DB, time.Now), desk.Actor{ID: "ada", Role: desk.RoleAdmin},
		analytics.Range{From: today, To: today, Department: department})
	if err != nil || len(points) != 1 {
		t.Fatalf("%d days, %v", len(points), err)
	}
	return points[0]
}

// load is how much an agent is said to have to do.
func (w *whole) load(t *testing.T, person string) int {
	t.Helper()
	a, err := docdb.Get[desk.Agent](t.Context(), w.DB, docdb.Key{Collection: "agents", ID: person})
	if err != nil {
		t.Fatal(err)
	}
	return a.Open
}

func TestTheSameEventFiveTimesHasOneEffect(t *testing.T) {
	w := start(t)
	p := w.listen(t)
	ticket := w.open(t, "can", object{"department": "network"})
	eventually(t, "it is routed", func() bool { return count(w.acts(t, ticket), "ticket.routed") == 1 })
	assignee := w.must(t, "ada", "GET", "/api/tickets/"+ticket+"/", nil).text("assignee")
	w.must(t, assignee, "POST", "/api/tickets/"+ticket+"/comments/", object{"body": "Looking."})
	eventually(t, "its requester has heard of both", func() bool { return len(w.told(t, "can", ticket)) == 2 })
	eventually(t, "both facts have come here", func() bool {
		return p.of(desk.TicketCreated, ticket) != nil && p.of(desk.TicketReplied, ticket) != nil && p.of(desk.TicketRouted, ticket) != nil
	})
	eventually(t, "both are counted", func() bool { return w.day(t, "network").Replies > 0 })
	day, load := w.day(t, "network"), w.load(t, assignee)
	unread := w.must(t, "can", "GET", "/api/notifications/", nil).body.Get("unread").Int()

	w.deliver(t, "route", p.of(desk.TicketCreated, ticket))
	w.deliver(t, "notify", p.of(desk.TicketRouted, ticket))
	w.deliver(t, "notify", p.of(desk.TicketReplied, ticket))
	w.deliver(t, "measure", p.of(desk.TicketCreated, ticket))
	w.deliver(t, "measure", p.of(desk.TicketReplied, ticket))

	if acts := w.acts(t, ticket); !slices.Equal(acts, []string{"ticket.created", "ticket.routed", "ticket.replied"}) {
		t.Errorf("its history is %v", acts)
	}
	if n := len(w.told(t, "can", ticket)); n != 2 {
		t.Errorf("its requester was told %d times", n)
	}
	if n := w.must(t, "can", "GET", "/api/notifications/", nil).body.Get("unread").Int(); n != unread {
		t.Errorf("%d unread, before it was %d", n, unread)
	}
	if now := w.day(t, "network"); now != day {
		t.Errorf("counted %+v, before it was %+v", now, day)
	}
	if now := w.load(t, assignee); now != load {
		t.Errorf("%s has %d to do, before it was %d", assignee, now, load)
	}
	w.must(t, "can", "POST", "/api/tickets/"+ticket+"/close/", nil)
}

func TestAPoisonedPushIsBuriedAndTakenAway(t *testing.T) {
	w := start(t)
	before := w.buried(t)
	for _, data := range []string{"bm90IGpzb24=", "e30=", "eyJzY2hlbWEiOjk5LCJpZCI6IngiLCJ0eXBlIjoidGlja2V0LmNyZWF0ZWQiLCJzdWJqZWN0IjoieCJ9"} {
		push, err := json.Marshal(object{"message": object{"data": data, "messageId": "poison-" + word(), "attributes": object{"type": "ticket.created"}}})
		if err != nil {
			t.Fatal(err)
		}
		w.deliver(t, "route", push) // fails unless each is answered 204
	}
	if n := w.buried(t); n != before+3 {
		t.Errorf("%d dead letters, want %d", n, before+3)
	}
	w.worksEndToEnd(t)
}

// buried is how many dead letters there are.
func (w *whole) buried(t *testing.T) int {
	t.Helper()
	found, err := w.DB.Query(t.Context(), docdb.Query{Collection: "dead_letters", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}
