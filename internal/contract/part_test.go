package contract

import (
	"encoding/json"
	"testing"
)

// TestAPartIsNoExcuseForATicketThatLacksSomething holds that naming fields loosens
// nothing: what comes without is checked as before.
func TestAPartIsNoExcuseForATicketThatLacksSomething(t *testing.T) {
	d, _ := load(t)
	show, _ := d.Operation("showTicket")
	create, _ := d.Operation("createTicket")
	example := d.whole.Get("components.schemas.Ticket.examples.0").Raw
	const kind = "application/json"
	for _, r := range d.whole.Get("components.schemas.Ticket.required").Array() {
		required := r.String()
		var ticket map[string]any
		if err := json.Unmarshal([]byte(example), &ticket); err != nil {
			t.Fatal(err)
		}
		delete(ticket, required)
		body, err := json.Marshal(ticket)
		if err != nil {
			t.Fatal(err)
		}
		if d.Check(show, Answer{200, kind, body}) == nil {
			t.Errorf("a ticket without %s is taken for a part", required)
		}
	}
	for body, ok := range map[string]bool{`{"id": "a", "title": "b"}`: true, `{"id": "a", "title": 5}`: false, `{}`: false} {
		if err := d.Check(show, Answer{200, kind, []byte(body)}); (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
	if d.Check(create, Answer{201, kind, []byte(`{"id": "a"}`)}) == nil {
		t.Error("a part of a new ticket went unnoticed")
	}
}
