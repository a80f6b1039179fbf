package stories

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// waiting reports whether a fact about the ticket lies in the outbox.
func (w *whole) waiting(t *testing.T, ticket string) bool {
	t.Helper()
	facts, err := docdb.Find[event.Event](t.Context(), w.DB, docdb.Query{Collection: event.OutboxCollection, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(facts, func(e event.Event) bool { return e.Subject == ticket })
}

// freeze stops a function in its tracks.
func (w *whole) freeze(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Kill(w.function(t, name).PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// kill ends a function with SIGKILL and waits until the next process answers.
func (w *whole) kill(t *testing.T, name string) {
	t.Helper()
	before := w.function(t, name).PID
	if err := w.Kill(name); err != nil {
		t.Fatal(err)
	}
	eventually(t, name+" is back", func() bool {
		now := w.function(t, name)
		return now.PID != before && now.State == "running" && w.answers(t, name)
	})
}

// fireSchedules does what the clock does every minute.
func (w *whole) fireSchedules(t *testing.T) {
	t.Helper()
	shift, err := w.Clock()
	if err == nil {
		err = w.MoveClock(shift)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFactSurvivesDeathBetweenCommitAndPublish(t *testing.T) {
	w := start(t)
	w.freeze(t, "relay") // what is committed from now on is not published
	ticket := w.open(t, "uma", object{"department": "network"})
	if !w.waiting(t, ticket) {
		t.Error("the fact is not in the outbox")
	}
	w.kill(t, "tickets")
	w.kill(t, "relay")
	if acts := w.acts(t, ticket); len(acts) != 1 || !w.waiting(t, ticket) {
		t.Errorf("the fact was published by the dead: %v", acts)
	}
	w.fireSchedules(t)
	eventually(t, "the ticket is routed", func() bool { return count(w.acts(t, ticket), "ticket.routed") == 1 })
	eventually(t, "the outbox is empty", func() bool { return !w.waiting(t, ticket) })
	w.must(t, "uma", "POST", "/api/tickets/"+ticket+"/close/", nil)
}

func TestConsumersThatAreKilledAtWorkDoEverythingOnce(t *testing.T) {
	w := start(t)
	var tickets []string
	done := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		victims := []string{"route", "notify", "relay", "measure"}
		tick := time.NewTicker(150 * time.Millisecond)
		defer tick.Stop()
		for i := 0; i < 5*len(victims); i++ {
			<-tick.C
			if err := w.Kill(victims[i%len(victims)]); err != nil {
				t.Error(err)
			}
		}
		close(done)
	})
	for alive := true; alive && len(tickets) < 25; {
		ticket := w.open(t, "yusuf", object{"department": "facilities"})
		tickets = append(tickets, ticket)
		w.must(t, "bruno", "POST", "/api/tickets/"+ticket+"/comments/", object{"body": "We are coming."})
		select {
		case <-done:
			alive = false
		default:
		}
	}
	killer.Wait()
	t.Logf("%d tickets under fire", len(tickets))
	for _, name := range []string{"route", "notify", "relay", "measure"} {
		eventually(t, name+" is back", func() bool { return w.answers(t, name) })
	}
	w.fireSchedules(t)
	for _, ticket := range tickets {
		eventually(t, "the ticket is routed", func() bool { return count(w.acts(t, ticket), "ticket.routed") > 0 })
		eventually(t, "its requester has heard of the reply", func() bool { return count(w.told(t, "yusuf", ticket), "comment") > 0 })
		w.must(t, "yusuf", "POST", "/api/tickets/"+ticket+"/close/", nil)
	}
	for _, ticket := range tickets {
		if acts := w.acts(t, ticket); count(acts, "ticket.routed") != 1 {
			t.Errorf("%s: %v", ticket, acts)
		}
		if told := w.told(t, "yusuf", ticket); count(told, "comment") != 1 || count(told, "assignment") > 1 {
			t.Errorf("%s: its requester was told of %v", ticket, told)
		}
	}
	w.unreadIsTrue(t, "yusuf")
}

// unreadIsTrue compares a person's count of unread notifications with the list.
func (w *whole) unreadIsTrue(t *testing.T, person string) {
	t.Helper()
	first := w.must(t, person, "GET", "/api/notifications/?unread=true&limit=100", nil)
	n, page := int64(0), first
	for {
		n += page.body.Get("items.#").Int()
		cursor := page.text("next")
		if cursor == "" {
			break
		}
		page = w.must(t, person, "GET", "/api/notifications/?unread=true&limit=100&cursor="+cursor, nil)
	}
	if said := first.body.Get("unread").Int(); said != n {
		t.Errorf("%s is said to have %d unread notifications and has %d", person, said, n)
	}
}

// refused checks that an answer says to come back.
func refused(t *testing.T, what string, a answer, took time.Duration) {
	t.Helper()
	after, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != http.StatusServiceUnavailable || err != nil || after < 1 || a.text("code") != "unavailable" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d, Retry-After %q, %s", what, a.status, a.header.Get("Retry-After"), a.body.Raw)
	}
	if took > 15*time.Second {
		t.Errorf("%s: the answer took %v", what, took)
	}
}

// timed makes a request and measures it.
func (w *whole) timed(t *testing.T, person, method, path string, body any) (answer, time.Duration) {
	t.Helper()
	began := time.Now()
	a := w.ask(t, person, method, path, body)
	return a, time.Since(began)
}

func TestWithoutItsDatabaseTheSystemSaysComeBackAndThenGoesOn(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "network"})
	restarts := w.restarts()
	if err := w.Suite.Pause(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/api/tickets/", nil},
		{"GET", "/api/tickets/" + ticket + "/", nil},
		{"POST", "/api/tickets/", object{"title": "Into the void", "description": "x", "tags": []string{"void"}}},
		{"PATCH", "/api/tickets/" + ticket + "/", object{"title": "Never written"}},
		{"GET", "/api/notifications/", nil},
	} {
		group.Go(func() {
			a, took := w.timed(t, "uma", c.method, c.path, c.body)
			refused(t, c.method+" "+c.path, a, took)
		})
	}
	group.Wait()
	for _, f := range w.Functions() {
		if !w.answers(t, f.Name) {
			t.Errorf("%s does not answer at all", f.Name)
		}
	}
	if err := w.Suite.Resume(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	eventually(t, "tickets are shown again", func() bool {
		return w.ask(t, "uma", "GET", "/api/tickets/"+ticket+"/", nil).status == http.StatusOK
	})
	if title := w.must(t, "uma", "GET", "/api/tickets/"+ticket+"/", nil).text("title"); title == "Never written" {
		t.Log("the change that was refused as unanswered has taken place all the same; its caller knows to look")
	}
	w.worksEndToEnd(t)
	if now := w.restarts(); now != restarts {
		t.Errorf("functions were restarted %d times", now-restarts)
	}
}

// restarts is how often functions have been started again so far.
func (w *whole) restarts() int {
	n := 0
	for _, f := range w.Functions() {
		n += f.Restarts
	}
	return n
}

// worksEndToEnd fails unless a ticket goes all the way.
func (w *whole) worksEndToEnd(t *testing.T) {
	t.Helper()
	w.tell(t, `
		as uma
		POST /api/tickets/ {"title": "Dns lookups fail $run", "description": "All."}
		status == 201
		save ticket .id
		wait ticket.routed
		as nora
		POST /api/tickets/$ticket/comments/ {"body": "Again?"}
		status == 201
		as uma
		GET /api/notifications/?limit=100
		wait .items.#(ticket=="$ticket")#.type contains comment
		POST /api/tickets/$ticket/close/
		status == 200`)
}

func TestADatabaseThatDiesIsUsedAgainWithoutARestart(t *testing.T) {
	w := start(t)
	restarts := w.restarts()
	numbers := docdb.Key{Collection: "counters", ID: "numbers-" + time.Now().UTC().Format("200601")}
	given, err := docdb.Get[map[string]any](t.Context(), w.DB, numbers)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Suite.Kill(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	a, took := w.timed(t, "uma", "POST", "/api/tickets/", object{"title": "Refused", "description": "x"})
	refused(t, "creating a ticket", a, took)
	ctx, cancel := context.WithTimeout(t.Context(), startWithin)
	defer cancel()
	if err := w.Suite.Restart(ctx, emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	if err := w.Seed(ctx); err != nil { // what was in memory is gone
		t.Fatal(err)
	}
	// The functions still have numbers from the lost database, which nobody else may be given.
	if err := w.DB.Run(ctx, func(tx *docdb.Tx) error { return tx.Set(numbers, given) }); err != nil {
		t.Fatal(err)
	}
	eventually(t, "tickets can be created again", func() bool {
		return w.ask(t, "uma", "POST", "/api/tickets/", object{"title": "Taken", "description": "x"}).status == http.StatusCreated
	})
	w.worksEndToEnd(t)
	if now := w.restarts(); now != restarts {
		t.Errorf("functions were restarted %d times", now-restarts)
	}
}

func TestWithoutPubSubTicketsAreTakenAndRoutedLater(t *testing.T) {
	w := start(t)
	if err := w.Suite.Pause(emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	a, took := w.timed(t, "uma", "POST", "/api/tickets/", object{"title": "Nobody hears", "description": "x", "department": "network"})
	if a.status != http.StatusCreated || took > 5*time.Second {
		t.Errorf("%d after %v: %s", a.status, took, a.body.Raw)
	}
	ticket := a.text("id")
	if !w.waiting(t, ticket) {
		t.Error("the fact is not in the outbox")
	}
	if err := w.Suite.Resume(emulator.PubSub); err != nil {
		t.Fatal(err)
	}
	w.fireSchedules(t)
	eventually(t, "the ticket is routed", func() bool { return count(w.acts(t, ticket), "ticket.routed") == 1 })
	w.worksEndToEnd(t)
	if n := count(w.acts(t, ticket), "ticket.routed"); n != 1 {
		t.Errorf("it was routed %d times", n)
	}
	w.must(t, "uma", "POST", "/api/tickets/"+ticket+"/close/", nil)
}

func TestWithoutAuthSigningInSaysComeBackAndPeopleGoOn(t *testing.T) {
	w := start(t)
	w.must(t, "uma", "GET", "/api/tickets/", nil) // verified, and believed for a while
	if err := w.Suite.Pause(emulator.Auth); err != nil {
		t.Fatal(err)
	}
	signIn := func() (answer, time.Duration) {
		return w.timed(t, "uma", "POST", "/api/token/", object{"email": "chloe@demo.example", "password": "demo-pass-1234"})
	}
	a, took := signIn()
	refused(t, "signing in", a, took)
	if a := w.ask(t, "uma", "GET", "/api/tickets/", nil); a.status != http.StatusOK {
		t.Errorf("who is signed in gets %d", a.status)
	}
	if err := w.Suite.Resume(emulator.Auth); err != nil {
		t.Fatal(err)
	}
	eventually(t, "people can sign in", func() bool {
		a, _ := signIn()
		return a.status == http.StatusOK
	})
}
