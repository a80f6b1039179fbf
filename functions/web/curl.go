package web

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// curl is the operation as a command, with the examples as values. BASE and TOKEN are
// set as the introduction says.
func (r reader) curl(method, path string, o operation) string {
	var args []string
	for _, p := range o.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", plain(p.Schema.example()))
		}
	}
	if len(o.Security) > 0 {
		args = append(args, `-H "Authorization: Bearer $TOKEN"`)
	}
	if o.Responses.index("428") >= 0 {
		args = append(args, "-H "+quote(`If-Match: "v2"`))
	}
	if o.RequestBody != nil {
		body := r.doc.resolve(o.RequestBody.Content.named("application/json").Schema).example()
		args = append(args, "-H 'Content-Type: application/json'", "-d "+quote(indented(body)))
	}
	verb := ""
	if implied := o.RequestBody != nil && method == "post" || method == "get"; !implied {
		verb = "-X " + strings.ToUpper(method) + " "
	}
	return strings.Join(append([]string{"curl " + verb + `"$BASE` + path + `"`}, args...), " \\\n  ")
}

// plain is an example without the quotes of JSON.
func plain(v jsontext.Value) string { return strings.Trim(string(v), `"`) }

// quote is a text for a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
