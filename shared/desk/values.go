package desk

import (
	"maps"
	"math"
	"slices"
	"time"

	"ticketsystem.example/shared/fault"
)

// FieldKind says what a custom field takes.
type FieldKind string

// The kinds of custom fields, and the form of their values.
const (
	FieldText     FieldKind = "text"     // a text of up to MaxReason characters
	FieldNumber   FieldKind = "number"   // a float64
	FieldDate     FieldKind = "date"     // "2026-11-23"
	FieldChoice   FieldKind = "choice"   // one of the field's choices
	FieldCheckbox FieldKind = "checkbox" // a bool; required, it must be true
)

// FieldKinds lists every kind.
var FieldKinds = []FieldKind{FieldText, FieldNumber, FieldDate, FieldChoice, FieldCheckbox}

// CustomField is a value that the tickets of a category carry beside the built-in ones.
type CustomField struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Kind      FieldKind `json:"kind"`
	Choices   []string  `json:"choices,omitzero"`    // of a choice
	ToOpen    bool      `json:"required_to_open"`    // when the category is named on opening
	ToResolve bool      `json:"required_to_resolve"` // for whoever works on it
	Active    bool      `json:"active"`              // what isn't keeps its values, and takes no new ones
}

// MaxFields is how many custom fields a category has, and MaxChoices how many choices
// a field has at most.
const (
	MaxFields  = 50
	MaxChoices = 100
)

// checkFields refuses custom fields that nobody could fill in.
func checkFields(fields []CustomField) error {
	if len(fields) > MaxFields {
		return fault.Bad("fields", "A category takes at most %d custom fields.", MaxFields)
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if !ValidID(f.ID) || seen[f.ID] {
			return fault.Bad("fields", "The id %q is repeated or not an id.", f.ID)
		}
		seen[f.ID] = true
		if !contains(FieldKinds, f.Kind) {
			return fault.Bad("fields", "%q can't be a %q; use one of %v.", f.ID, f.Kind, FieldKinds)
		}
		if (f.Kind == FieldChoice) != (len(f.Choices) > 0) || len(f.Choices) > MaxChoices {
			return fault.Bad("fields", "%q: a choice, and nothing else, has 1 to %d choices.", f.ID, MaxChoices)
		}
	}
	return nil
}

// Fields are the custom fields of a category: of the department's own, or, while the
// ticket still waits for its department, of the one that has it.
func (o *Organisation) Fields(department DepartmentID, category string) []CustomField {
	if category == "" {
		return nil
	}
	owner, _ := o.Owner(category)
	for _, id := range []DepartmentID{department, owner} {
		d, _ := o.Department(id)
		for _, c := range d.Categories {
			if c.ID == category {
				return c.Fields
			}
		}
	}
	return nil
}

// setValues sets the wished values of custom fields, nil taking one away, and drops
// those that the ticket's category does not have.
func (w *work) setValues(wished map[string]any) error {
	t, b := w.ticket, w.before
	if len(wished) == 0 && t.Category == b.Category && t.Department == b.Department {
		return nil
	}
	fields := map[string]CustomField{}
	for _, f := range w.org.Fields(t.Department, t.Category) {
		fields[f.ID] = f
	}
	values := map[string]any{}
	for id, v := range t.Values {
		if _, ok := fields[id]; ok {
			values[id] = v
		}
	}
	var bad []error
	for _, id := range slices.Sorted(maps.Keys(wished)) {
		bad = append(bad, fields[id].set(values, id, wished[id]))
	}
	if err := fault.Join(bad...); err != nil {
		return err
	}
	changes := len(wished) > 0 && !maps.EqualFunc(values, t.Values, func(a, b any) bool { return a == b })
	if t.Values = values; len(values) == 0 {
		t.Values = nil
	}
	if changes && b.Version > 0 {
		return Allow(w.actor, TicketWork, b)
	}
	return nil
}

// set puts one value among the others.
func (f CustomField) set(values map[string]any, id string, v any) error {
	name := "values." + id
	switch {
	case f.ID == "":
		return fault.Bad(name, "This ticket's category has no such field.")
	case v == nil:
		delete(values, id)
		return nil
	case !f.Active:
		return fault.Bad(name, "This field is not in use any more.")
	}
	v, err := f.check(name, v)
	if err == nil {
		values[id] = v
	}
	return err
}

// check returns the value as it is stored.
func (f CustomField) check(name string, v any) (any, error) {
	switch f.Kind {
	case FieldText:
		if s, ok := v.(string); ok {
			return Text(name, s, 1, MaxReason, true)
		}
	case FieldNumber:
		if n, ok := number(v); ok {
			return n, nil
		}
	case FieldDate:
		s, _ := v.(string)
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return s, nil
		}
		return nil, fault.Bad(name, "This takes a date like 2026-11-23.")
	case FieldChoice:
		if s, ok := v.(string); ok && contains(f.Choices, s) {
			return s, nil
		}
		return nil, fault.Bad(name, "This takes one of %v.", f.Choices)
	case FieldCheckbox:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	}
	return nil, fault.Bad(name, "This takes a %s.", f.Kind)
}

// number is a finite number, of whatever type it was decoded as.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// required refuses a ticket that lacks one of the fields that are asked for.
func (w *work) required(asked func(CustomField) bool) error {
	var missing []error
	for _, f := range w.org.Fields(w.ticket.Department, w.ticket.Category) {
		v, ok := w.ticket.Values[f.ID]
		if f.Active && asked(f) && (!ok || v == false) {
			missing = append(missing, fault.Bad("values."+f.ID, "Please fill this in: “%s”.", f.Name))
		}
	}
	return fault.Join(missing...)
}

// complete refuses to end a ticket that lacks what its category requires by then.
func (w *work) complete() error {
	if w.actor.Role == RoleRobot {
		return nil // a rule that ends tickets can't know the values
	}
	return w.required(func(f CustomField) bool { return f.ToResolve })
}
