package stories

import (
	"net/http"
	"testing"
)

func TestADepartmentIsClosedAndItsTicketsGoWhereTheyAreSent(t *testing.T) {
	w := start(t)
	w.must(t, "ada", "POST", "/api/admin/departments/", object{"id": "brushes", "name": "Brushes", "parent": "it"})
	var ticket string
	eventually(t, "the new department takes tickets", func() bool {
		a := w.ask(t, "uma", "POST", "/api/tickets/", object{"title": "A brush", "description": "It sheds.", "department": "brushes"})
		ticket = a.text("id")
		return a.status == http.StatusCreated
	})
	eventually(t, "it lies there", func() bool {
		return w.must(t, "ada", "GET", "/api/tickets/"+ticket+"/", nil).text("department") == "brushes" && count(w.acts(t, ticket), "ticket.routed") == 1
	})
	w.tell(t, `
		as ada
		PATCH /api/admin/departments/brushes/ {"active": false}
		status == 409
		.code == has_open_tickets
		.detail contains an open ticket
		.allowed contains it
		PATCH /api/admin/departments/brushes/ {"active": false, "move_open_tickets_to": "brushes"}
		status == 422
		.errors.0.field == move_open_tickets_to
		PATCH /api/admin/departments/brushes/ {"move_open_tickets_to": "it"}
		status == 422
		PATCH /api/admin/departments/brushes/ {"active": false, "move_open_tickets_to": "it"}
		status == 200
		.active == false
		.move == null
		save emptying .ticket_move
		GET /api/admin/moves/$emptying/
		.kind == tickets
		.from == brushes
		.to == it
		wait .state == settling
		.changed == 1
		GET /api/admin/audit/?subject=department:brushes
		.items.0.after.active == false
	`)
	a := w.must(t, "ada", "GET", "/api/tickets/"+ticket+"/history/", nil)
	if now := w.must(t, "ada", "GET", "/api/tickets/"+ticket+"/", nil).text("department"); now != "it" || !a.body.Get(`items.#(actor=="robot:reorganise")`).Exists() {
		t.Errorf("it is in %s, and its history says %s", now, a.body.Raw)
	}
	w.must(t, "uma", "POST", "/api/tickets/"+ticket+"/close/", nil)
}
