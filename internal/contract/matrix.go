package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

// disabled is who can't sign in any more.
const disabled = "hannah"

// columns are the kinds of people, and who is one. The ticket is in the department
// network: uma opened it, leila of the department hardware works on it, can watches it.
var columns = []struct{ name, person string }{
	{"admin", "ada"},
	{"staff", "nora"}, // of the ticket's department
	{"above", "mia"},  // staff of the department above it
	{"elsewhere", "liam"},
	{"assignee", "leila"},
	{"requester", "uma"},
	{"watcher", "can"},
	{"stranger", "otto"},
	{"anonymous", ""},
	{"disabled", disabled},
}

// World is what the table is played to.
type World interface {
	// Knows reports whether an operation is served here.
	Knows(o Operation) bool
	// Send makes a request as a person, "" for nobody; headers come in pairs.
	Send(ctx context.Context, person, method, path, body string, head ...string) (Answer, error)
	// Settle lets others act on what happened, for a moment.
	Settle(ctx context.Context) error
}

// Matrix says what each kind of person is answered.
type Matrix struct {
	Rows    []Row
	recipes map[string]recipe
}

// Row is what is answered to one request: an operation as its recipe calls it.
type Row struct {
	Name  string            // the operation's id; "id:variant" for a second way to call it
	Cells map[string]string // "ok" or a status, by column
}

// Operation is the id of the row's operation.
func (r Row) Operation() string {
	id, _, _ := strings.Cut(r.Name, ":")
	return id
}

// ReadMatrix reads the table and the recipes.
func ReadMatrix(table, recipes string) (*Matrix, error) {
	m := &Matrix{}
	err := eachLine(table, func(line string) error {
		fields := strings.Fields(line)
		if fields[0] == "operation" {
			return nil
		}
		if len(fields) != len(columns)+1 {
			return fmt.Errorf("%q has %d cells, not %d", fields[0], len(fields)-1, len(columns))
		}
		row := Row{fields[0], map[string]string{}}
		for i, c := range columns {
			row.Cells[c.name] = fields[i+1]
		}
		m.Rows = append(m.Rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.recipes, err = readRecipes(recipes)
	return m, err
}

// eachLine calls f with every line that is neither empty nor a comment.
func eachLine(file string, f func(string) error) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return lines.Err()
}

// Missing compares the table with the document and says what to add or to take away.
func (m *Matrix) Missing(d *Document) []string {
	var out []string
	for _, o := range d.Operations {
		if !slices.ContainsFunc(m.Rows, func(r Row) bool { return r.Operation() == o.ID }) {
			out = append(out, fmt.Sprintf("%s (%s %s) has no row in testdata/matrix/table.txt. Say what each kind of person is answered (ok, 401, 403, 404, ...):\n%s\nIf its example alone can't be sent, say in testdata/matrix/recipes.txt what has to be there first.", o.ID, o.Method, o.Path, blank(o.ID)))
		}
	}
	for _, r := range m.Rows {
		if _, ok := d.Operation(r.Operation()); !ok {
			out = append(out, r.Name+" has a row in testdata/matrix/table.txt, but there is no such operation")
		}
	}
	for name := range m.recipes {
		if name != "ticket" && !slices.ContainsFunc(m.Rows, func(r Row) bool { return r.Name == name }) {
			out = append(out, name+" has a recipe in testdata/matrix/recipes.txt, but no row in the table")
		}
	}
	return out
}

func blank(id string) string {
	head, line := fmt.Sprintf("%-24s", "operation"), fmt.Sprintf("%-24s", id)
	for _, c := range columns {
		head, line = head+" "+c.name, line+fmt.Sprintf(" %-*s", len(c.name), "?")
	}
	return head + "\n" + line
}

// Play makes a row's request as each kind of person, and joins what differs from the row
// or from the document. What changed nothing leaves its situation to the next.
func (m *Matrix) Play(ctx context.Context, w World, d *Document, row Row) error {
	o, ok := d.Operation(row.Operation())
	if !ok {
		return fmt.Errorf("%s is no operation", row.Name)
	}
	var wrong []error
	var known map[string]string
	for _, c := range columns {
		var err error
		if known == nil {
			known, err = m.situation(ctx, w, o, row.Name)
		}
		if err == nil {
			err = m.call(ctx, w, d, o, row, c.name, c.person, known)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s as %s: %w", row.Name, c.name, err))
		}
		if err != nil || o.Method != http.MethodGet && row.Cells[c.name] == "ok" {
			known = nil
		}
	}
	return errors.Join(wrong...)
}

// meets reports whether an answer is what a cell says.
func meets(cell string, a Answer) bool {
	if cell == "ok" {
		return a.Status >= 200 && a.Status < 300
	}
	return cell == strconv.Itoa(a.Status) && (a.Status != 404 || a.Text("code") == "not_found")
}

// situation prepares what the row's request needs.
func (m *Matrix) situation(ctx context.Context, w World, o Operation, name string) (map[string]string, error) {
	r, known := m.recipes[name], map[string]string{}
	if strings.HasPrefix(o.Path, "/api/tickets/{id}/") || r.ticket {
		if err := m.recipes["ticket"].prepare(ctx, w, known); err != nil {
			return nil, err
		}
	}
	return known, r.prepare(ctx, w, known)
}

// call makes the row's request in a situation, and judges the answer.
func (m *Matrix) call(ctx context.Context, w World, d *Document, o Operation, row Row, column, person string, known map[string]string) error {
	r := m.recipes[row.Name]
	path, body, head := r.request(o, known)
	a, err := w.Send(ctx, person, o.Method, path, body, head...)
	if err != nil {
		return err
	}
	known["person"], known["made"] = person, a.Text("id")
	if err := d.Check(o, a); err != nil {
		return err
	}
	if !meets(row.Cells[column], a) {
		return fmt.Errorf("answered %d instead of %s: %.300s", a.Status, row.Cells[column], a.Body)
	}
	return r.tidy(ctx, w, known, o.Method != http.MethodGet && row.Cells[column] == "ok" || column == columns[len(columns)-1].name)
}
