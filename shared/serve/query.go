package serve

import (
	"maps"
	"net/http"
	"slices"

	"ticketsystem.example/shared/fault"
)

// repeated is the error for a request whose address has a parameter twice. Only the first
// would count, and whoever wrote the second would not learn it; a list of values is one
// parameter, separated by commas.
func repeated(r *http.Request) error {
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if len(query[name]) > 1 {
			return fault.Bad(name, "is there twice; write it once, several values separated by commas")
		}
	}
	return nil
}
