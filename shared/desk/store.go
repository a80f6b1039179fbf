package desk

import (
	"context"
	"encoding/base64"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// The collections of this package.
const (
	tickets       = "tickets"
	replies       = "replies"
	notes         = "notes"
	acts          = "acts"
	people        = "people"
	agents        = "agents"
	organisations = "organisation"
	counters      = "counters"
	drafts        = "drafts"
	replyVersions = "reply_versions"
	noteVersions  = "note_versions"
	requests      = "requests"
	audits        = "audits"
	moves         = "moves"
	attachments   = "attachments"
	addresses     = "addresses"
	entries       = "search"
)

var organisationKey = docdb.Key{Collection: organisations, ID: "tree"}

func ticketKey(id TicketID) docdb.Key { return docdb.Key{Collection: tickets, ID: string(id)} }
func personKey(id PersonID) docdb.Key { return docdb.Key{Collection: people, ID: string(id)} }
func agentKey(id PersonID) docdb.Key  { return docdb.Key{Collection: agents, ID: string(id)} }

// filterable are the fields that a list of tickets can be narrowed by, beside its
// audience. Firestore merges one index for each of them.
var filterable = []string{"status", "priority", "department", "category", "assignee", "requester", "escalated", "sla_breached"}

// Indexes are all composite indexes that the queries of this package need.
func Indexes() []docdb.Index {
	out := []docdb.Index{
		docdb.On(tickets, "audience array", "public_updated_at desc", "created_at desc"),
		docdb.On(tickets, "audience array", "created_at desc"),
		docdb.On(tickets, "audience array", "updated_at"),
		docdb.On(replies, "thread array", "created_at"),
		docdb.On(notes, "thread array", "created_at"),
		docdb.On(attachments, "thread array", "created_at"),
		docdb.On(attachments, "thread array", "internal", "created_at"),
		docdb.On(replyVersions, "comment", "at"),
		docdb.On(noteVersions, "comment", "at"),
		docdb.On(acts, "ticket", "sequence"),
		docdb.On(acts, "ticket", "sequence desc"),
		docdb.On(acts, "ticket", "internal", "sequence"),
		docdb.On(acts, "ticket", "internal", "sequence desc"),
		docdb.On(agents, "departments array", "present", "open"),
	}
	for _, f := range filterable {
		out = append(out,
			docdb.On(tickets, "audience array", f, "public_updated_at desc", "created_at desc"),
			docdb.On(tickets, "audience array", f, "created_at desc"))
	}
	return append(append(out, auditIndexes()...), rosterIndexes()...)
}

// Page asks for a part of a list.
type Page struct {
	Limit  int    // 1 to 100; 0 means DefaultLimit
	Cursor string // opaque, from the page before; "" for the first
}

// DefaultLimit is how many items a page has unless asked otherwise.
const DefaultLimit = 20

// MaxLimit is how many items a page has at most.
const MaxLimit = 100

// Find runs a query for one page and returns its items and the next page's cursor,
// "" on the last page. The query must not yet have a limit.
func Find[T any](ctx context.Context, r docdb.Reader, q docdb.Query, page Page) ([]T, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	if q.After, err = parseCursor(page.Cursor, q); err != nil {
		return nil, "", err
	}
	q.Limit = limit + 1
	recs, err := r.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(recs) > limit {
		recs = recs[:limit]
		if next, err = formatCursor(q.Cursor(recs[limit-1])); err != nil {
			return nil, "", err
		}
	}
	items := make([]T, len(recs))
	for i := range recs {
		if err := docdb.Decode(recs[i], &items[i]); err != nil {
			return nil, "", err
		}
	}
	return items, next, nil
}

func (p Page) limit() (int, error) {
	if p.Limit == 0 {
		return DefaultLimit, nil
	}
	if p.Limit < 1 || p.Limit > MaxLimit {
		return 0, fault.Bad("limit", "A page has 1 to %d items.", MaxLimit)
	}
	return p.Limit, nil
}

func formatCursor(position []any) (string, error) {
	data, err := json.Marshal(position)
	return base64.RawURLEncoding.EncodeToString(data), err
}

// parseCursor reads a cursor for the query; values of the wrong number or kind are
// refused, since a cursor comes back from outside.
func parseCursor(s string, q docdb.Query) ([]any, error) {
	if s == "" {
		return nil, nil
	}
	bad := fault.Bad("cursor", "This cursor is not from a page of this list; start again without it.")
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(data) > 1000 {
		return nil, bad
	}
	var position []any
	if json.Unmarshal(data, &position) != nil || len(position) != len(q.Order)+1 {
		return nil, bad
	}
	for i, v := range position {
		switch v := v.(type) {
		case float64:
			position[i] = int64(v)
		case string:
			if i == len(position)-1 && !ValidID(v) {
				return nil, bad
			}
		default:
			return nil, bad
		}
	}
	if _, ok := position[len(position)-1].(string); !ok {
		return nil, bad
	}
	return position, nil
}
