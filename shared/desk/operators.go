package desk

import (
	"slices"
	"strings"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// operators are the words with a colon that a search takes.
var operators = []string{"status", "priority", "is", "from", "assignee", "tag", "department"}

// narrow adds an operator to the search. Two that can't both hold find nothing.
func (h *hunt) narrow(o search.Operator) error {
	f, v := &h.filter, o.Value
	switch o.Name {
	case "status":
		if !Status(v).Known() {
			return fault.Bad("q", "There is no status %q.", v)
		}
		also(h, &f.Status, Status(v))
	case "priority":
		if !slices.Contains(Priorities, Priority(v)) {
			return fault.Bad("q", "There is no priority %q.", v)
		}
		also(h, &f.Priority, Priority(v))
	case "is":
		return h.is(v)
	case "from":
		id, err := h.who(v)
		if err != nil {
			return err
		}
		also(h, &f.Requester, id)
	case "assignee":
		id, err := h.who(v)
		if err != nil {
			return err
		}
		also(h, &f.Assignee, id)
	case "tag":
		also(h, &f.Tag, strings.ToLower(v))
	case "department":
		also(h, &f.Department, DepartmentID(v))
	}
	return nil
}

// also narrows a field of the filter, which may be narrowed already.
func also[T comparable](h *hunt, to *T, v T) {
	var zero T
	if v == zero || (*to != zero && *to != v) {
		h.never = true // nothing has no tag, and nothing is twice something
		return
	}
	*to = v
}

// is takes the words after "is:".
func (h *hunt) is(word string) error {
	yes := true
	switch strings.ToLower(word) {
	case "open":
		h.opens(true)
	case "done":
		h.opens(false)
	case "overdue":
		h.overdue = true
		h.opens(true)
	case "escalated":
		if h.filter.Escalated != nil && !*h.filter.Escalated {
			h.never = true
		}
		h.filter.Escalated = &yes
	case "unassigned":
		also(h, &h.filter.Assignee, Nobody)
	default:
		return fault.Bad("q", "After is: comes open, done, overdue, escalated or unassigned, not %q.", word)
	}
	return nil
}

func (h *hunt) opens(yes bool) {
	if h.open != nil && *h.open != yes {
		h.never = true
	}
	h.open = &yes
}

// who is the person that somebody means: me, an id, or an e-mail address. An address
// that nobody has means nobody's tickets.
func (h *hunt) who(name string) (PersonID, error) {
	if name == "me" {
		return h.actor.ID, nil
	}
	if !strings.Contains(name, "@") {
		return PersonID(name), nil
	}
	found, err := docdb.Find[Person](h.ctx, h.desk.DB, docdb.Query{
		Collection: people,
		Where:      []docdb.Where{{Field: "email", Cmp: docdb.Equal, Value: strings.ToLower(name)}},
		Limit:      1,
	})
	if err != nil || len(found) == 0 {
		return PersonID(name), err
	}
	return found[0].ID, nil
}
