package contract

import (
	"slices"
	"strings"
	"testing"
)

const (
	seed    = "../../testdata/seed"
	table   = "../../testdata/matrix/table.txt"
	recipes = "../../testdata/matrix/recipes.txt"
)

func load(t *testing.T) (*Document, *Matrix) {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadMatrix(table, recipes)
	if err != nil {
		t.Fatal(err)
	}
	return d, m
}

func TestEveryOperationHasARowInTheMatrix(t *testing.T) {
	d, m := load(t)
	for _, missing := range m.Missing(d) {
		t.Error(missing)
	}
}

func TestEveryKindOfPersonIsAnsweredAsTheMatrixSays(t *testing.T) {
	d, m := load(t)
	for _, row := range m.Rows {
		t.Run(row.Name, func(t *testing.T) {
			w, err := NewTwin(t.Context(), seed)
			if err != nil {
				t.Fatal(err)
			}
			if o, _ := d.Operation(row.Operation()); !w.Knows(o) {
				return // played to the whole system only
			}
			if err := m.Play(t.Context(), w, d, row); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAMissingRowIsSaidWithTheLineToAdd(t *testing.T) {
	d, m := load(t)
	m.Rows = slices.DeleteFunc(m.Rows, func(r Row) bool { return r.Operation() == "closeTicket" })
	m.Rows = append(m.Rows, Row{Name: "paintTicket"})
	missing := m.Missing(d)
	if len(missing) != 2 || !strings.Contains(missing[0], "\ncloseTicket ") || !strings.Contains(missing[1], "paintTicket") {
		t.Errorf("it says %q", missing)
	}
}

func TestAWrongCellIsNoticed(t *testing.T) {
	d, m := load(t)
	w, err := NewTwin(t.Context(), seed)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Rows, func(r Row) bool { return r.Name == "deleteTicket" })
	m.Rows[i].Cells["requester"], m.Rows[i].Cells["stranger"] = "ok", "403"
	err = m.Play(t.Context(), w, d, m.Rows[i])
	if err == nil || !strings.Contains(err.Error(), "as requester: answered 403 instead of ok") || !strings.Contains(err.Error(), "as stranger: answered 404 instead of 403") {
		t.Errorf("it says %v", err)
	}
}

func TestAnAnswerThatIsNotDescribedIsNoticed(t *testing.T) {
	d, _ := load(t)
	show, _ := d.Operation("showUser")
	fine := `{"id": "uma", "name": "Uma", "email": "uma@demo.example", "role": "user", "departments": [], "locale": "en", "zone": "UTC", "present": true, "disabled": false}`
	const kind = "application/json"
	for what, a := range map[string]Answer{
		"a status":        {418, kind, []byte(fine)},
		"a type":          {200, "text/plain", []byte(fine)},
		"a missing value": {200, kind, []byte(`{"id": "uma"}`)},
		"a wrong value":   {200, kind, []byte(strings.Replace(fine, `"role": "user"`, `"role": "king"`, 1))},
		"our insides":     {404, "application/problem+json", []byte(`{"type": "x", "title": "x", "status": 404, "code": "x", "detail": "no desk.Person"}`)},
		"no problem":      {404, kind, []byte(fine)},
		"broken JSON":     {200, kind, []byte(fine[1:])},
	} {
		if d.Check(show, a) == nil {
			t.Errorf("%s went unnoticed", what)
		}
	}
}
