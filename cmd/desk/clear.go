package main

import (
	"context"

	"ticketsystem.example/shared/docdb"
)

// everything is all collections that functions write. The organisation comes first:
// without it the desk is not set up, and nobody works on what is being removed.
var everything = []string{
	organisationCollection, "tickets", "search", "acts", "replies", "notes", "people", "agents", "counters", "requests",
	"notices", "inboxes", "threads", "preferences", "deliveries", "digest_items", "feeds_people", "feeds_departments", "days", "agent_days", "category_days", "stocks", "editions",
	"presets", "preset_lists", "bulk_jobs", "bulk_parts", "views", "view_owners", "view_filters", "tallies", "counts", "outbox", "facts", "unconfirmed", "ledger", "effects", "dead_letters", "attempts", "addresses", "audits", "moves", "attachments",
	"mails", "mail_ids", "automations", "automation_runs", "seals", "router", "routers", "router_files",
}

// clear removes every document.
func (l *loader) clear(ctx context.Context) error {
	db := docdb.Open(l.store)
	for _, collection := range everything {
		for {
			found, err := db.Query(ctx, docdb.Query{Collection: collection, Limit: commitWrites})
			if err != nil {
				return err
			}
			if len(found) == 0 {
				break
			}
			writes := make([]docdb.Write, len(found))
			for i, r := range found {
				writes[i] = docdb.Write{Key: r.Key, Op: docdb.OpDelete}
			}
			if err := commit(ctx, l.store, writes); err != nil {
				return err
			}
		}
	}
	return nil
}
