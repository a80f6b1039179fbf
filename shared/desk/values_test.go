package desk_test

import (
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

func (o *office) laptop(values map[string]any) (desk.Ticket, error) {
	return o.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: "Broken laptop", Description: "x", Category: "laptop", Values: values}, desk.Options{})
}

func TestACategoryAsksForItsFields(t *testing.T) {
	o := newOffice(t)
	_, err := o.laptop(nil)
	if f, ok := err.(*fault.Error); !ok || len(f.Fields) != 1 || f.Fields[0].Name != "values.serial" {
		t.Fatalf("opened without its serial number: %v", err)
	}
	ticket, err := o.laptop(map[string]any{"serial": "X-1", "age": 3.0})
	o.must(err)
	if ticket.Department != "service-desk" || ticket.Values["serial"] != "X-1" {
		t.Errorf("got %+v", ticket)
	}
	ticket, err = o.patch("ada", ticket, desk.Patch{Department: to(desk.DepartmentID("network")), Category: to("laptop")})
	o.must(err)
	for _, p := range []desk.Patch{{Status: to(desk.StatusResolved)}, {Status: to(desk.StatusClosed)}} {
		_, err = o.patch("nora", ticket, p)
		wantKind(t, err, fault.Invalid)
	}
	_, err = o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved), Values: map[string]any{"cause": "hardware", "returned": false}})
	wantKind(t, err, fault.Invalid) // a box that must be ticked
	got, err := o.Resolve(t.Context(), o.as("nora"), ticket.Number, desk.Resolution{Text: "New disk.", Values: map[string]any{"cause": "hardware", "returned": true}}, desk.Options{})
	o.must(err)
	if got.Status != desk.StatusResolved || got.Values["age"] != 3.0 {
		t.Errorf("got %s, %v", got.Status, got.Values)
	}
}

func TestARequesterTakesATicketBackWithoutBeingAsked(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.laptop(map[string]any{"serial": "X-1"})
	o.must(err)
	_, err = o.patch("uma", ticket, desk.Patch{Status: to(desk.StatusClosed)})
	o.must(err)
}

func TestValuesAreOfTheirFieldsKind(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]struct {
		field string
		value any
		ok    bool
	}{
		"text": {"serial", "Ä-1", true}, "text that is none": {"serial", 5.0, false}, "empty text": {"serial", " ", false}, "text with NUL": {"serial", "a\x00", false},
		"number": {"age", 2.5, true}, "number as text": {"age", "2", false}, "a list": {"age", []any{1.0}, false},
		"date": {"bought", "2024-02-29", true}, "no such date": {"bought", "2023-02-29", false}, "date as number": {"bought", 5.0, false},
		"choice": {"cause", "software", true}, "no choice": {"cause", "magic", false}, "box": {"returned", true, true}, "box as text": {"returned", "true", false},
		"unknown": {"weight", 1.0, false}, "not in use": {"colour", "red", false}, "nothing": {"age", nil, true},
	} {
		values := map[string]any{"serial": "X-1"}
		values[c.field] = c.value
		_, err := o.laptop(values)
		if f, bad := err.(*fault.Error); c.ok && err != nil || !c.ok && (!bad || f.Fields[0].Name != "values."+c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValuesFollowTheCategory(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.laptop(map[string]any{"serial": "X-1"})
	o.must(err)
	_, err = o.patch("uma", ticket, desk.Patch{Values: map[string]any{"serial": "X-2"}})
	wantKind(t, err, fault.Forbidden)
	got, err := o.patch("ada", ticket, desk.Patch{Values: map[string]any{"serial": nil, "age": 1}})
	o.must(err)
	if len(got.Values) != 1 || got.Values["age"] != 1.0 {
		t.Errorf("got %v", got.Values)
	}
	got, err = o.patch("ada", ticket, desk.Patch{Department: to(desk.DepartmentID("network")), Category: to("vpn")})
	o.must(err)
	if len(got.Values) != 0 {
		t.Errorf("got %v", got.Values)
	}
}

func TestCustomFieldsMustBeOnesThatCanBeFilledIn(t *testing.T) {
	for name, fields := range map[string][]desk.CustomField{
		"no id":             {{Kind: desk.FieldText}},
		"repeated":          {{ID: "a", Kind: desk.FieldText}, {ID: "a", Kind: desk.FieldDate}},
		"no kind":           {{ID: "a"}},
		"choice of nothing": {{ID: "a", Kind: desk.FieldChoice}},
		"text with choices": {{ID: "a", Kind: desk.FieldText, Choices: []string{"b"}}},
		"too many":          make([]desk.CustomField, desk.MaxFields+1),
	} {
		o := desk.Organisation{Triage: "a", Departments: []desk.Department{{ID: "a", Categories: []desk.Category{{ID: "c", Fields: fields}}}}}
		if err := o.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
