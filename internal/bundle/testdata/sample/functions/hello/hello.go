// Package hello greets. It is a sample that the tests of archives change and pack.
package hello

import (
	"embed"
	"net/http"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"ticketsystem.example/shared/greet"
)

//go:embed words
var words embed.FS

func init() { functions.HTTP("Hello", serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	word, err := words.ReadFile("words/" + r.URL.Query().Get("lang") + ".txt")
	if err != nil {
		http.Error(w, "no such language", http.StatusNotFound)
		return
	}
	greet.Write(w, string(word))
}
