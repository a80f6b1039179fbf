package tickets

import (
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ticketsystem.example/shared/desk"
)

// mostFields is how many fields a client may name: fewer than every ticket has, so that
// a part is never taken for a whole ticket. Who needs more wants the ticket.
const mostFields = 20

// Field is the name of a field of a ticket.
type Field string

// fieldNames are the names of all fields, in their order, and where each lies.
var fieldNames = func() (names []Field) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Ticket]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "expanded" {
			names = append(names, Field(name))
		}
	}
	return names
}()

// Schema describes the name once, under components.
func (Field) Schema(r huma.Registry) *huma.Schema {
	const name = "TicketField"
	if r.Map()[name] == nil {
		s := &huma.Schema{Type: huma.TypeString, Description: "The name of a field of a ticket."}
		for _, f := range fieldNames {
			s.Enum = append(s.Enum, string(f))
		}
		s.PrecomputeMessages()
		r.Map()[name] = s
	}
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// Shown is a ticket as it was asked for: whole, or the fields that were named.
type Shown struct {
	Ticket
	fields []Field // nil for the whole
}

// Schema describes either, under components. A part has fewer members than a whole ticket
// can have, so that nothing is both.
func (Shown) Schema(r huma.Registry) *huma.Schema {
	const either, part = "ShownTicket", "TicketPart"
	if r.Map()[either] == nil {
		whole := r.Schema(reflect.TypeFor[Ticket](), true, "Ticket")
		least, most := 1, mostFields+1
		r.Map()[part] = &huma.Schema{
			Type: huma.TypeObject, Description: "What `fields` names of a ticket, and what `expand` adds.",
			Properties: r.Map()["Ticket"].Properties, MinProperties: &least, MaxProperties: &most,
			Examples: []any{map[string]any{"id": "k3v9x2m4p8q1w7z5t6rb", "title": "Printer on fire"}},
		}
		r.Map()[either] = &huma.Schema{
			Description: "A whole ticket, or a part of one where `fields` was used.",
			AnyOf:       []*huma.Schema{whole, {Ref: "#/components/schemas/" + part}},
		}
	}
	return &huma.Schema{Ref: "#/components/schemas/" + either}
}

// MarshalJSONTo implements json.MarshalerTo.
func (s Shown) MarshalJSONTo(enc *jsontext.Encoder) error {
	if s.fields == nil {
		return json.MarshalEncode(enc, s.Ticket)
	}
	data, err := json.Marshal(s.Ticket, enc.Options())
	if err != nil {
		return err
	}
	var values map[Field]jsontext.Value
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, name := range slices.Concat(fieldNames, []Field{"expanded"}) {
		value, there := values[name]
		if !there || name != "expanded" && !slices.Contains(s.fields, name) {
			continue
		}
		if err := enc.WriteToken(jsontext.String(string(name))); err != nil {
			return err
		}
		if err := enc.WriteValue(value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// Selection is what of a ticket is asked for, and what beside it.
type Selection struct {
	Fields []Field `query:"fields" maxItems:"20" uniqueItems:"true" doc:"Only these fields, up to 20, separated by commas; the whole ticket without it. A field that you may not see is left out." example:"[\"id\",\"title\",\"status\"]"`
}

// of shows a ticket as it was asked for.
func (s Selection) of(t *desk.Ticket, a desk.Actor, beside *Expanded) Shown {
	v := view(t, a)
	v.Expanded = beside
	return Shown{v, s.Fields}
}
