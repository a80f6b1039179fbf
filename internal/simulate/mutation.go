package simulate

import (
	"net/http"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Mutation is a deliberate fault in the wiring of the functions: something put between
// them and what they use. Each part may be nil.
type Mutation struct {
	Name      string
	Store     func(function string, s docdb.Store) docdb.Store
	Publisher func(event.Publisher) event.Publisher
	Handler   func(function string, h http.Handler) http.Handler
}
