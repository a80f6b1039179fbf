package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// Search has an entry a ticket, written in the transaction that changes the ticket. An
// entry has a field for each thing that can be asked of it, all of them true, and a
// query asks for several at once: Firestore merges the indexes of single fields, so
// that words and permission are one question and nothing is filtered afterwards.
//
// What the requester may read and what only staff of the ticket may are fields of
// different names, and so are the people and departments who may ask for them.
const (
	publicWord   = "w:" // and a token of the ticket and its replies
	publicReader = "a:" // and a person who sees the ticket
	innerWord    = "n:" // and a token of the ticket, its replies and its notes
	innerReader  = "r:" // and a principal that may read notes too
	withTag      = "t:" // and a tag
	isOpen       = "open"
)

// What of a ticket's comments can be found: enough for people, and bounded for the
// entry's sake.
const (
	wordsOfComment = 500
	bytesOfComment = 5_000
	bytesOfAll     = 200_000
)

// entry is what an entry keeps beside the fields that are asked for, because it can't
// be read from the ticket.
type entry struct {
	Ticket TicketID `json:"ticket"`
	Name   string   `json:"name"`  // of the requester
	Title  string   `json:"title"` // by which what is found is ranked
	Said   []said   `json:"said"`
}

// said is the beginning of what one comment says.
type said struct {
	Comment  CommentID `json:"comment"`
	Internal bool      `json:"internal"`
	Text     string    `json:"text"`
}

// entryKey is where a ticket's entry lies. Keys sort by the time of opening, last
// opened first, and that is the order of what is found.
func entryKey(t *Ticket) docdb.Key {
	return docdb.Key{Collection: entries, ID: backwards(t.CreatedAt) + "-" + string(t.ID)}
}

// lastMoment is the last microsecond that fits into sixteen digits.
const lastMoment = 9_999_999_999_999_999

func backwards(at time.Time) string { return fmt.Sprintf("%016d", lastMoment-at.UnixMicro()) }

// searchable are the fields of a ticket that its entry depends on.
var searchable = []string{
	"title", "description", "tags", "department", "category", "priority", "status", "assignee", "watchers", "escalated", "merged", "merged_into", "deleted_at",
	"language", "attachments", "internal_attachments",
}

// index brings the ticket's entry up to date. A change that no search can tell costs
// nothing.
func (w *work) index() error {
	matters := slices.ContainsFunc(w.changes, func(c Change) bool { return contains(searchable, c.Field) })
	if w.before.Version > 0 && !matters && len(w.said) == 0 && len(w.unsaid) == 0 {
		return nil
	}
	e, put := entry{Ticket: w.ticket.ID, Name: w.name}, w.tx.Create
	if w.before.Version > 0 {
		old, err := docdb.Get[entry](w.ctx, w.tx, entryKey(w.ticket))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		e.Name, e.Said, put = old.Name, old.Said, w.tx.Put
	}
	e.Said = slices.DeleteFunc(e.Said, func(s said) bool { return contains(w.unsaid, s.Comment) })
	for _, c := range w.said {
		e.add(c)
	}
	return put(entryKey(w.ticket), e.fields(w.ticket))
}

// reread gives a ticket's entry the readers that follow from its audience now. Where
// there is no entry, Reindex makes one.
func reread(ctx context.Context, tx *docdb.Tx, t *Ticket) error {
	e, err := docdb.Get[entry](ctx, tx, entryKey(t))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Put(entryKey(t), e.fields(t))
}

// add puts in what a comment says, or says now.
func (e *entry) add(c Comment) {
	one := said{c.ID, c.Internal, clip(c.Body, bytesOfComment)}
	all := len(one.Text)
	for i, s := range e.Said {
		if s.Comment == c.ID {
			e.Said[i] = one
			return
		}
		all += len(s.Text)
	}
	if all <= bytesOfAll {
		e.Said = append(e.Said, one)
		slices.SortFunc(e.Said, func(x, y said) int { return strings.Compare(string(x.Comment), string(y.Comment)) })
	}
}

// fields are the entry's document.
func (e *entry) fields(t *Ticket) map[string]any {
	f := map[string]any{
		"ticket": e.Ticket, "name": e.Name, "title": t.Title, "said": e.Said,
		"status": t.Status, "priority": t.Priority, "department": t.Department, "category": t.Category,
		"assignee": t.Assignee, "requester": t.Requester, "escalated": t.Escalated, isOpen: t.Status.Open(),
	}
	for _, p := range t.Audience {
		switch {
		case strings.Contains(p, " #"): // once more, joined to a tag
		case strings.HasPrefix(p, personPrincipal("")):
			f[publicReader+p] = true
		default:
			f[innerReader+p] = true
		}
	}
	if len(t.Audience) == 0 {
		return f // deleted: nobody finds it, and nothing is kept to be found
	}
	if t.Assignee != "" {
		f[innerReader+personPrincipal(t.Assignee)] = true
	}
	for _, tag := range t.Tags {
		f[withTag+tag] = true
	}
	for token := range e.tokens(t, false) {
		f[publicWord+token] = true
	}
	for token := range e.tokens(t, true) {
		f[innerWord+token] = true
	}
	return f
}

// tokens are what can be found of a ticket, with what only its staff may read or without.
func (e *entry) tokens(t *Ticket, internal bool) search.Set {
	s, texts := search.Set{}, append([]string{t.Title, t.Number, e.Name}, t.Tags...)
	if texts = append(texts, t.fileNames(false)...); internal {
		texts = append(texts, t.fileNames(true)...)
	}
	language := search.Language(t.Language)
	for _, text := range append(texts, t.Description) {
		s.Add(language, text, 0)
	}
	for _, c := range e.Said {
		if internal || !c.Internal {
			s.Add(language, c.Text, wordsOfComment)
		}
	}
	return s
}

// clip is the beginning of a text, of at most so many bytes and whole characters.
func clip(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes]
}
