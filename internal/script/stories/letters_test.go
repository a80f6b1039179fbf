package stories

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// TestAPoisonedFactIsSeenMendedAndRedrivenWithOneEffect plays what an operator lives
// through: a fact that a function can't read is buried, its cause is mended (here the
// stored payload, in life the function), and it is redriven over the API, twice.
func TestAPoisonedFactIsSeenMendedAndRedrivenWithOneEffect(t *testing.T) {
	w := start(t)
	facts := w.listen(t)
	ticket := w.open(t, "can", object{"title": "The projector hums", "description": "In room 5."})
	eventually(t, "its fact is heard of", func() bool { return facts.of(desk.TicketRouted, ticket) != nil })
	fact := gjson.ParseBytes(facts.of(desk.TicketRouted, ticket)).Get("message.data").String()
	data, err := base64.StdEncoding.DecodeString(fact)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "its effect is there", func() bool { return len(w.told(t, "can", ticket)) > 0 })
	told := len(w.told(t, "can", ticket))

	// Another fact of the kind, as a function that is broken would see it: unreadable.
	message := "poison-" + word()
	id := "again-" + word()
	payload := strings.Replace(string(data), gjson.GetBytes(data, "id").String(), id, 1)
	poison := fmt.Sprintf(`{"schema": 99, "id": %q, "type": "ticket.routed", "subject": %q}`, id, ticket)
	push, err := json.Marshal(object{"message": object{"data": base64.StdEncoding.EncodeToString([]byte(poison)), "messageId": message}})
	if err != nil {
		t.Fatal(err)
	}
	w.deliver(t, "notify", push)
	letter := "/api/admin/dead-letters/notify:" + message + "/"
	if a := w.must(t, "ada", "GET", letter, nil); a.body.Get("state").String() != "waiting" || a.body.Get("payload").String() != poison {
		t.Errorf("the dead letter is %s", a.body.Raw)
	}
	if a := w.ask(t, "ada", "POST", letter+"redrive/", nil); a.status != 409 {
		t.Errorf("unreadable, it was redriven: %d %s", a.status, a.body.Raw)
	}

	w.mend(t, "notify:"+message, payload)
	for range 2 {
		if a := w.must(t, "ada", "POST", letter+"redrive/", nil); a.body.Get("state").String() != "redriven" {
			t.Errorf("redriven, it is %s", a.body.Raw)
		}
	}
	eventually(t, "the function does it", func() bool { return w.there(t, event.MarkerKey("notify", id)) })
	if now := len(w.told(t, "can", ticket)); now != told+1 {
		t.Errorf("told %d times, before it was %d", now, told)
	}
	if w.there(t, event.MarkerKey("count", id)) {
		t.Error("functions that had not failed were handed the fact, too")
	}
}

// there reports whether a document is there.
func (w *whole) there(t *testing.T, key docdb.Key) bool {
	t.Helper()
	recs, err := w.DB.Read(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return recs[0].Exists()
}

// mend makes a dead letter readable.
func (w *whole) mend(t *testing.T, id, payload string) {
	t.Helper()
	key := docdb.Key{Collection: event.DeadLetterCollection, ID: id}
	err := w.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		l, err := docdb.Get[event.DeadLetter](t.Context(), tx, key)
		if err != nil {
			return err
		}
		l.Payload = payload
		return tx.Put(key, l)
	})
	if err != nil {
		t.Fatal(err)
	}
}
