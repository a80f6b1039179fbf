package desk

import (
	"strings"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/markdown"
)

// MaxMentions is how many people a comment can call.
const MaxMentions = 10

// mention finds whom a comment calls: by person id, or by the part of the e-mail address
// before the "@" if only one person has it. Whoever may not read the comment is not
// called, and its author is told the name as they wrote it; that there is nobody of
// that name sounds the same.
func (w *work) mention(c *Comment) error {
	names := markdown.Mentions(c.Body)
	if len(names) > MaxMentions {
		return fault.Bad("body", "A comment can call %d people at most; this calls %d.", MaxMentions, len(names))
	}
	if len(names) == 0 {
		c.Mentions, c.Unreached = nil, nil
		return nil
	}
	need := TicketShow
	if c.Internal {
		need = NoteRead
	}
	found, err := w.named(names)
	if err != nil {
		return err
	}
	c.Mentions, c.Unreached = nil, nil
	for i, p := range found {
		if p.ID == "" || p.Disabled || Allow(p.Actor(), need, w.before) != nil {
			c.Unreached = append(c.Unreached, names[i])
		} else if !contains(c.Mentions, p.ID) {
			c.Mentions = append(c.Mentions, p.ID)
		}
	}
	return nil
}

// named finds people by name, in the order of names; nobody is the zero Person.
func (w *work) named(names []string) ([]Person, error) {
	out := make([]Person, len(names))
	keys := make([]docdb.Key, len(names))
	for i, n := range names {
		keys[i] = personKey(PersonID(n))
	}
	recs, err := w.tx.Read(w.ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, r := range recs {
		if r.Exists() {
			err = docdb.Decode(r, &out[i])
		} else {
			out[i], err = w.addressed(names[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addressed is the one person whose e-mail address begins with the name.
func (w *work) addressed(name string) (Person, error) {
	name = strings.ToLower(name)
	found, err := docdb.Find[Person](w.ctx, w.tx, docdb.Query{
		Collection: people,
		Where:      []docdb.Where{{Field: "email", Cmp: docdb.MoreEqual, Value: name + "@"}, {Field: "email", Cmp: docdb.Less, Value: name + "A"}}, // "A" follows "@"
		Order:      []docdb.Order{{Field: "email"}},
		Limit:      2,
	})
	if err != nil || len(found) != 1 {
		return Person{}, err
	}
	return found[0], nil
}
