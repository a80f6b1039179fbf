package stories

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

func TestCreationsAtOnceGetNumbersOfTheirOwn(t *testing.T) {
	w := start(t)
	const n = 60
	numbers := make([]string, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			person := []string{"uma", "otto", "can", "elif"}[i%4]
			numbers[i] = w.must(t, person, "POST", "/api/tickets/", object{"title": fmt.Sprintf("One of many %d", i), "description": "x"}).text("number")
			w.must(t, person, "POST", "/api/tickets/"+numbers[i]+"/close/", nil)
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, number := range numbers {
		if number == "" || seen[number] {
			t.Errorf("the number %q was given twice", number)
		}
		seen[number] = true
	}
}

func TestOneKeyAtOnceIsOneTicket(t *testing.T) {
	w := start(t)
	key, tag := word(), word()
	ids := make([]string, 12)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			a := w.must(t, "otto", "POST", "/api/tickets/", object{"title": "Pressed twelve times", "description": "x", "tags": []string{tag}}, "Idempotency-Key", key)
			ids[i] = a.text("id")
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("one key made %v", ids)
			break
		}
	}
	if list := w.must(t, "otto", "GET", "/api/tickets/?tag="+tag, nil); len(list.body.Get("items").Array()) != 1 {
		t.Errorf("the list has %s", list.body.Get("items.#.id"))
	}
}

func TestOfChangesOnOneVersionExactlyOneWins(t *testing.T) {
	w := start(t)
	ticket := w.open(t, "uma", object{"department": "facilities"})
	eventually(t, "it is routed", func() bool { return count(w.acts(t, ticket), "ticket.routed") == 1 })
	etag := w.must(t, "bruno", "GET", "/api/tickets/"+ticket+"/", nil).header.Get("ETag")
	statuses := make([]int, 8)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() {
			statuses[i] = w.ask(t, "bruno", "PATCH", "/api/tickets/"+ticket+"/", object{"title": fmt.Sprintf("Title %d", i)}, "If-Match", etag).status
		})
	}
	group.Wait()
	won := 0
	for _, s := range statuses {
		switch s {
		case http.StatusOK:
			won++
		case http.StatusPreconditionFailed:
		default:
			t.Errorf("a change was answered with %d", s)
		}
	}
	if n := count(w.acts(t, ticket), "ticket.updated"); won != 1 || n != 1 {
		t.Errorf("%d changes won, %d are in the history: %v", won, n, statuses)
	}
	w.must(t, "uma", "POST", "/api/tickets/"+ticket+"/close/", nil)
}

func TestPagesHaveEveryTicketOnce(t *testing.T) {
	w := start(t)
	for _, sort := range []string{"-created_at", "-updated_at"} {
		t.Run(sort, func(t *testing.T) {
			seen := map[string]int{}
			order := ""
			for cursor := ""; ; {
				page := w.must(t, "ada", "GET", "/api/tickets/?limit=37&sort="+sort+"&cursor="+cursor, nil)
				for _, item := range page.body.Get("items").Array() {
					seen[item.Get("id").String()]++
					at := item.Get("created_at").String()
					if sort == "-created_at" && order != "" && at > order {
						t.Errorf("%s comes after %s", at, order)
					}
					order = at
				}
				if sort == "-created_at" { // a new ticket is at the top, behind the reader's back
					w.open(t, "uma", object{"department": "facilities", "tags": []string{"late"}})
				}
				if cursor = page.text("next"); cursor == "" {
					break
				}
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("%s came %d times", id, n)
				}
			}
			if len(seen) < 200 {
				t.Errorf("only %d tickets came", len(seen))
			}
		})
	}
}
