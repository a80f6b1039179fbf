package generate

import (
	"maps"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// Routes are the operations of every public function that is part of the API, by the
// function's name.
func Routes() map[string]func(*serve.API, *desk.Desk) { return maps.Clone(routes) }

// Description is the merged OpenAPI document, as the code has it now.
func Description() ([]byte, error) {
	f, err := description("")
	return f.Content, err
}
