package console

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// maxBody is far more than any request to the console needs, in bytes.
const maxBody = 4 << 10

// Clock is what time it is.
type Clock struct {
	Real  time.Time `json:"real"`
	Shift string    `json:"shift"` // a Go duration
	Now   time.Time `json:"now"`   // for the functions: real time and shift
}

func (c console) clock() (Clock, error) {
	shift, err := c.stack.Clock()
	real := time.Now().UTC()
	return Clock{Real: real, Shift: shift.String(), Now: real.Add(shift)}, err
}

func (c console) showClock(w http.ResponseWriter, r *http.Request) {
	now, err := c.clock()
	if err != nil {
		serve.WriteProblem(w, r, err)
		return
	}
	answer(w, now)
}

// moveClock takes {"shift": "26h"} or a form with that field; "0" sets the clock right.
func (c console) moveClock(w http.ResponseWriter, r *http.Request) {
	shift, err := shiftOf(w, r)
	if err == nil {
		err = c.stack.MoveClock(shift)
	}
	if err != nil {
		serve.WriteProblem(w, r, err)
		return
	}
	if isForm(r) {
		http.Redirect(w, r, "/_dev/", http.StatusSeeOther)
		return
	}
	c.showClock(w, r)
}

func shiftOf(w http.ResponseWriter, r *http.Request) (time.Duration, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	var wanted struct {
		Shift string `json:"shift"`
	}
	var err error
	if isForm(r) {
		err = r.ParseForm()
		wanted.Shift = r.PostForm.Get("shift")
	} else {
		err = json.NewDecoder(r.Body).Decode(&wanted)
	}
	if err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "malformed", "Send a form or a JSON object with the field shift.")
	}
	shift, err := time.ParseDuration(wanted.Shift)
	if err != nil {
		return 0, fault.Bad("shift", `This is not a duration such as "26h", "-90m" or "0".`)
	}
	return shift, nil
}

// kill ends a function's process, which is then started again.
func (c console) kill(w http.ResponseWriter, r *http.Request) {
	if err := c.stack.Kill(r.PathValue("name")); err != nil {
		serve.WriteProblem(w, r, err)
		return
	}
	if isForm(r) {
		http.Redirect(w, r, "/_dev/", http.StatusSeeOther)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// isForm tells a page's button from a program.
func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}
