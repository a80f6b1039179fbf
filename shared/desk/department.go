package desk

import (
	"context"
	"sync"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/sla"
)

// Organisation is the tree of departments. It is one document, so that the tree is
// changed whole or not at all, and is read with one read.
type Organisation struct {
	Departments []Department `json:"departments"`
	Triage      DepartmentID `json:"triage"` // takes what nobody else does
	Rules       []Rule       `json:"rules"`  // routing, first match wins
	Calendars   []Calendar   `json:"calendars"`
	Targets     []Target     `json:"targets,omitzero"` // of deadlines, where they aren't the default
	Version     int64        `json:"version,omitzero"` // counts its changes

	calendars map[string]*sla.Calendar // read; nil until prepare

	emptying map[DepartmentID]DepartmentID // where open tickets go, by a change in hand
}

// Department is one node of the tree.
type Department struct {
	ID         DepartmentID `json:"id"`
	Name       string       `json:"name"`
	Parent     DepartmentID `json:"parent,omitzero"`
	Managers   []PersonID   `json:"managers"`
	Calendar   string       `json:"calendar"`
	Active     bool         `json:"active"`
	Categories []Category   `json:"categories"`
}

// Category sorts a department's tickets.
type Category struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Active        bool          `json:"active"`
	Subcategories []Subcategory `json:"subcategories"`
	Fields        []CustomField `json:"fields,omitzero"`
}

// Subcategory is one kind within a category.
type Subcategory struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// Calendar says when a department works.
type Calendar struct {
	ID       string              `json:"id"`
	Name     string              `json:"name"`
	Zone     string              `json:"zone"`     // IANA
	Week     map[string][]string `json:"week"`     // "mon" -> ["09:00-12:30", "13:30-18:00"]
	Holidays []string            `json:"holidays"` // "2026-12-25"
}

// Rule sends a ticket somewhere: all of the conditions that are set must hold.
type Rule struct {
	ID                  string       `json:"id"`
	Name                string       `json:"name"`
	Words               []string     `json:"words"` // any of these words or phrases
	Category            string       `json:"category,omitzero"`
	Language            string       `json:"language,omitzero"`
	RequesterDepartment DepartmentID `json:"requester_department,omitzero"`
	Then                Outcome      `json:"then"`
}

// Outcome is what a rule decides.
type Outcome struct {
	Department DepartmentID `json:"department"`
	Priority   Priority     `json:"priority,omitzero"`
	Category   string       `json:"category,omitzero"`
}

// Department finds a department by id.
func (o *Organisation) Department(id DepartmentID) (Department, bool) {
	for _, d := range o.Departments {
		if d.ID == id {
			return d, true
		}
	}
	return Department{}, false
}

// Path is the department and its ancestors, nearest first. A broken tree ends the
// path rather than looping.
func (o *Organisation) Path(id DepartmentID) []DepartmentID {
	var path []DepartmentID
	for id != "" && !contains(path, id) {
		d, ok := o.Department(id)
		if !ok {
			break
		}
		path = append(path, id)
		id = d.Parent
	}
	return path
}

// Managers are the managers of the department, or of the nearest ancestor that has
// some.
func (o *Organisation) Managers(id DepartmentID) []PersonID {
	for _, d := range o.Path(id) {
		if dep, _ := o.Department(d); len(dep.Managers) > 0 {
			return dep.Managers
		}
	}
	return nil
}

// Check refuses a tree that isn't one: missing parents, cycles, repeated ids, or a
// triage department that isn't there.
func (o *Organisation) Check() error {
	seen := map[DepartmentID]bool{}
	for _, d := range o.Departments {
		if !ValidID(string(d.ID)) || seen[d.ID] {
			return fault.Bad("departments", "The id %q is repeated or not an id.", d.ID)
		}
		seen[d.ID] = true
		if path := o.Path(d.ID); len(path) > 0 {
			root, _ := o.Department(path[len(path)-1])
			if root.Parent != "" {
				return fault.Bad("departments", "%q has no way up to a root: its ancestors are missing or go round in a circle.", d.ID)
			}
		}
		for _, c := range d.Categories {
			if err := checkFields(c.Fields); err != nil {
				return err
			}
		}
	}
	for _, c := range o.Calendars {
		if _, err := c.read(); err != nil {
			return fault.Bad("calendars", "The calendar %q can't be used: %v.", c.ID, err)
		}
	}
	if !seen[o.Triage] {
		return fault.Bad("triage", "%q is not a department.", o.Triage)
	}
	for _, r := range o.Rules {
		if err := o.place(r.Then.Department, r.Then.Category, ""); err != nil {
			return fault.Bad("rules", "Rule %q sends tickets to a department or category that isn't there.", r.ID)
		}
	}
	return nil
}

// Owner is the active department that has the category.
func (o *Organisation) Owner(category string) (DepartmentID, bool) {
	for _, d := range o.Departments {
		if category != "" && o.place(d.ID, category, "") == nil {
			return d.ID, true
		}
	}
	return "", false
}

// place checks that a department, category and subcategory exist, are active and
// belong together. An empty category or subcategory is fine.
func (o *Organisation) place(id DepartmentID, category, subcategory string) error {
	d, ok := o.Department(id)
	if !ok || !d.Active {
		return fault.Bad("department", "There is no active department %q.", id)
	}
	if category == "" {
		if subcategory != "" {
			return fault.Bad("subcategory", "A subcategory needs its category.")
		}
		return nil
	}
	for _, c := range d.Categories {
		if c.ID != category || !c.Active {
			continue
		}
		if subcategory == "" {
			return nil
		}
		for _, s := range c.Subcategories {
			if s.ID == subcategory && s.Active {
				return nil
			}
		}
		return fault.Bad("subcategory", "There is no active subcategory %q in %q.", subcategory, category)
	}
	return fault.Bad("category", "There is no active category %q in %q.", category, id)
}

// tree keeps the organisation in memory for a short while, because every change of a
// ticket needs it and it changes rarely.
type tree struct {
	mu   sync.Mutex
	org  *Organisation
	read time.Time
}

// treeAge is how long a function may work on an older tree.
const treeAge = 20 * time.Second

func (t *tree) get(ctx context.Context, db docdb.Reader, now time.Time) (*Organisation, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if age := now.Sub(t.read); t.org != nil && age >= 0 && age < treeAge {
		return t.org, nil
	}
	org, err := docdb.Get[Organisation](ctx, db, organisationKey)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Wrap(err, fault.Unavailable, "not_set_up", "This desk isn't set up yet: it has no departments.")
	}
	if err != nil {
		return nil, err
	}
	org.prepare()
	t.org, t.read = &org, now
	return t.org, nil
}
