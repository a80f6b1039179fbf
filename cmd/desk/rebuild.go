package main

import (
	"context"

	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

const rebuildHelp = `
Makes the search entries again, and counts the whole history again: the numbers of
reports, and the tickets of saved views. The system goes on meanwhile and no number is ever half made. If it breaks
off, do it again. It reads every act and writes a marker for each.`

// rebuild is the command "desk rebuild".
func rebuild(ctx context.Context, t terminal, args []string) error {
	set := flags("rebuild", rebuildHelp)
	write := set.Bool("write", false, "do it; without it only say what would be done")
	after := set.String("search-after", "", "id of the last ticket that search has done already, as this command prints it")
	if err := set.read(t, args); err != nil {
		return err
	}
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	if !*write {
		t.say("would count the history of project %s again; -write does it", cfg.Project)
		return nil
	}
	d, err := start.Desk(cfg)
	if err != nil {
		return err
	}
	return recount(ctx, t, d, *after)
}

// recount makes the search entries from the ticket after on, and all counts.
func recount(ctx context.Context, t terminal, d *desk.Desk, after string) error {
	err := d.Reindex(ctx, after, func(last string, written int) {
		t.say("search: %d entries written, up to ticket %s", written, last)
	})
	if err != nil {
		return err
	}
	counted, err := analytics.Rebuild(ctx, d)
	if err != nil {
		return err
	}
	t.say("reports: counted %d acts", counted)
	seen, err := view.Rebuild(ctx, d)
	if err != nil {
		return err
	}
	t.say("views: went through %d acts", seen)
	return nil
}
