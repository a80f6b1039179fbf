package people

import "ticketsystem.example/shared/desk"

// CustomField is a value that a category's tickets carry, as clients see it.
type CustomField struct {
	ID                string   `json:"id" example:"serial"`
	Name              string   `json:"name" example:"Serial number"`
	Kind              string   `json:"kind" enum:"text,number,date,choice,checkbox" doc:"What it takes; a date is like \"2026-11-23\"." example:"text"`
	Choices           []string `json:"choices" doc:"What a choice takes."`
	RequiredToOpen    bool     `json:"required_to_open" doc:"Whoever opens a ticket in this category must fill it in."`
	RequiredToResolve bool     `json:"required_to_resolve" doc:"Whoever resolves it must."`
	Active            bool     `json:"active" doc:"Can be filled in." example:"true"`
}

func viewFields(fields []desk.CustomField) []CustomField {
	out := make([]CustomField, len(fields))
	for i, f := range fields {
		out[i] = CustomField{f.ID, f.Name, string(f.Kind), append([]string{}, f.Choices...), f.ToOpen, f.ToResolve, f.Active}
	}
	return out
}
