package guard

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
)

// refusal is an answer in the words of Cloud Storage: an HTTP status, a code
// for machines (the XML interface's names) and a message for people.
type refusal struct {
	status  int
	code    string
	message string
}

func refuse(status int, code, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

// write answers in JSON on the JSON interface and in XML elsewhere, readable
// for scripts of any origin.
func (f *refusal) write(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if isJSON(r.URL.Path) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(f.status)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"error": map[string]any{"code": f.status, "message": f.message},
		})
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(f.status)
	_, _ = w.Write([]byte(xml.Header))
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: f.code, Message: f.message})
}

// isJSON says whether a path belongs to the JSON interface; all others name a
// bucket and an object.
func isJSON(path string) bool {
	for _, prefix := range []string{"/storage/v1/", "/upload/", "/download/", "/batch/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
