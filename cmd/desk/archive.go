package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/start"
)

const replayHelp = `
Makes again what follows from what happened, after it was lost or damaged: the numbers of
reports, the counts of views, the search entries, and notices with their counts and threads,
these from the archive of facts. The system goes on meanwhile, what is right stays as it is,
nobody is mailed, and if it breaks off, do it again.

A notice that is made again has the time at which its fact was published and is unread; its
person's preferences and rights are those of today. Notices older than 90 days are not made.
A feed is not made again: it only says that something changes now.`

// replayArchive is the command "desk replay".
func replayArchive(ctx context.Context, t terminal, args []string) error {
	set := flags("replay", replayHelp)
	write := set.Bool("write", false, "do it; without it only say how many facts there are")
	since := set.String("since", "", "of the archive, only facts published from this day on, as in 2026-11-23")
	if err := set.read(t, args); err != nil {
		return err
	}
	from := time.Unix(0, 0)
	if *since != "" {
		day, err := time.Parse(time.DateOnly, *since)
		if err != nil {
			return misused("-since: %q is no day", *since)
		}
		from = day
	}
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	d, err := start.Desk(cfg)
	if err != nil {
		return err
	}
	if *write {
		if err := recount(ctx, t, d, ""); err != nil {
			return err
		}
	}
	facts, made, err := renotify(ctx, d, from, *write)
	if !*write && err == nil {
		t.say("dry run: would go through %d facts of the archive, and the whole history; -write does it", facts)
		return nil
	}
	t.say("notices: went through %d facts, made %d", facts, made)
	return err
}

// renotify makes the notices that are missing. A fact that can't be read any more is told
// in the end and holds up no other.
func renotify(ctx context.Context, d *desk.Desk, since time.Time, write bool) (facts, made int, err error) {
	var unreadable []error
	err = ledger.Facts(ctx, d.DB, since, func(e event.Event, published time.Time) error {
		facts++
		if !write || !slices.Contains(notification.Kinds, e.Type) {
			return nil
		}
		n, err := notification.Replay(ctx, d, e, published)
		made += n
		if fault.Is(err, fault.Permanent) {
			unreadable = append(unreadable, err)
			return nil
		}
		return err
	})
	return facts, made, errors.Join(append(unreadable, err)...)
}
