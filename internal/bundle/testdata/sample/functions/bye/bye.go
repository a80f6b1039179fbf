// Package bye takes leave.
package bye

import (
	"net/http"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"ticketsystem.example/shared/name"
)

func init() {
	functions.HTTP("Bye", func(w http.ResponseWriter, r *http.Request) { http.Error(w, name.Short, http.StatusGone) })
}
