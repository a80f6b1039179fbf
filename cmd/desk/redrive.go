package main

import (
	"context"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/start"
)

const redriveHelp = `
Sends facts that a function could not handle to that function again, once their cause is
mended: one by its id, those of one function, or all that wait. Each has its effect once,
however often this is done. One that fails again becomes a new dead letter.`

// redrive is the command "desk redrive".
func redrive(ctx context.Context, t terminal, args []string) error {
	set := flags("redrive", redriveHelp)
	id := set.String("id", "", "only the dead letter of this id")
	function := set.String("function", "", "only what this function could not handle")
	all := set.Bool("all", false, "everything that waits")
	write := set.Bool("write", false, "do it; without it only say what would be done")
	if err := set.read(t, args); err != nil {
		return err
	}
	chosen := 0
	for _, given := range []bool{*id != "", *function != "", *all} {
		if given {
			chosen++
		}
	}
	if chosen != 1 {
		return misused("one of -id, -function and -all is required")
	}
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	d, err := start.Desk(cfg)
	if err != nil {
		return err
	}
	r := &redriver{desk: d, say: t.say, write: *write}
	if *id != "" {
		l, err := ledger.Letter(ctx, d, operator, *id)
		if err == nil {
			err = r.one(ctx, l)
		}
		if err != nil {
			return err
		}
	} else if err := r.many(ctx, *function); err != nil {
		return err
	}
	r.tell()
	return nil
}

// operator is who does what a command does.
var operator = desk.Robot("operator", "", 0)

// redriver sends dead letters again and counts them.
type redriver struct {
	desk         *desk.Desk
	say          func(string, ...any)
	write        bool
	sent, unable int
}

// many goes through all letters that wait, newest first, a page at a time.
func (r *redriver) many(ctx context.Context, function string) error {
	page := desk.Page{Limit: desk.MaxLimit}
	for {
		found, next, err := ledger.Letters(ctx, r.desk, operator, ledger.Filter{Consumer: function, State: event.LetterWaiting}, page)
		if err != nil {
			return err
		}
		for _, l := range found {
			if err := r.one(ctx, l); err != nil {
				return err
			}
		}
		if page.Cursor = next; next == "" {
			return nil
		}
	}
}

// one sends a letter again. One that can't be is told and left as it is.
func (r *redriver) one(ctx context.Context, l event.DeadLetter) error {
	if l.State == event.LetterRedriven {
		r.say("%s: was redriven already", l.ID)
		return nil
	}
	_, err := ledger.Fact(l)
	if err == nil && r.write {
		_, err = ledger.Redrive(ctx, r.desk, operator, l.ID)
	}
	switch {
	case fault.Is(err, fault.Conflict):
		r.unable++
		r.say("%s: can't be redriven, it holds no fact of ours: %s", l.ID, l.Reason)
	case err != nil:
		return err
	default:
		r.sent++
		r.say("%s: %s %s", l.ID, l.Type, l.Subject)
	}
	return nil
}

func (r *redriver) tell() {
	if r.write {
		r.say("%d redriven, %d can't be; the relay publishes them within a minute", r.sent, r.unable)
		return
	}
	r.say("dry run: %d would be redriven, %d can't be; -write does it", r.sent, r.unable)
}
