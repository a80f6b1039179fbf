package tickets

import (
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/preset"
)

// keep saves a preset as the admin.
func (s *service) keep(k preset.Kind, d preset.Draft) string {
	s.t.Helper()
	p, err := preset.Create(s.t.Context(), s.desk, desk.Actor{ID: "ada", Role: desk.RoleAdmin}, k, d, desk.Options{})
	must(s.t, err)
	return p.ID
}

func TestAMacroIsUsedOnceUnderItsKey(t *testing.T) {
	s := newService(t)
	a, _ := s.ticket()
	macro := s.keep(preset.Macro, preset.Draft{Name: "Solve", Changes: preset.Changes{Status: desk.StatusResolved, Assignee: preset.Me}, Reply: preset.Words{Language: "en", Texts: map[string]string{"en": "Done."}}})
	body := `{"macro": "` + macro + `"}`
	s.want(412, "nora", "POST", a+"/apply/", body, "If-Match", `"v9"`)
	got := s.want(200, "nora", "POST", a+"/apply/", body, "Idempotency-Key", "k", "If-Match", `"v1"`)
	again := s.want(200, "nora", "POST", a+"/apply/", body, "Idempotency-Key", "k", "If-Match", `"v1"`)
	if got.body["status"] != "resolved" || got.body["assignee"] != "nora" || again.raw != got.raw || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %s", got.raw)
	}
	s.want(409, "nora", "POST", a+"/apply/", `{"macro": "`+s.keep(preset.Macro, preset.Draft{Name: "x", Changes: preset.Changes{Status: desk.StatusAssigned}})+`"}`)
	s.want(422, "nora", "POST", a+"/apply/", `{"macro": "nothing"}`)
	s.want(403, "uma", "POST", a+"/apply/", body)
	s.want(404, "otto", "POST", a+"/apply/", body)
}

func TestATicketIsOpenedFromATemplate(t *testing.T) {
	s := newService(t)
	id := s.keep(preset.Template, preset.Draft{Name: "VPN", Everyone: true, Ticket: preset.Opening{Title: "VPN for a colleague", Description: "Who?", Priority: desk.PriorityLow, Tags: []string{"new"}}})
	got := s.want(201, "uma", "POST", "/api/tickets/", `{"template": "`+id+`", "description": "Liam."}`)
	if got.body["title"] != "VPN for a colleague" || got.body["description"] != "Liam." || got.body["priority"] != "low" {
		t.Errorf("got %s", got.raw)
	}
	s.want(422, "uma", "POST", "/api/tickets/", `{"template": "nothing", "title": "VPN", "description": "x"}`)
	s.want(422, "uma", "POST", "/api/tickets/", `{"description": "x"}`)
}
