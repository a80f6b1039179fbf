package main

import (
	"context"
	"fmt"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/effects"
)

const reconcileHelp = `
Compares the published facts with their effects, from where it was last, and sends facts
whose effect is missing to that function again. The function reconcile does the same every
ten minutes; both may run at once. Without -write it tells what was found last.
It fails while events are without confirmed effects.`

// reconcile is the command "desk reconcile".
func reconcile(ctx context.Context, t terminal, args []string) error {
	set := flags("reconcile", reconcileHelp)
	write := set.Bool("write", false, "compare and repair; without it only tell how it stands")
	if err := set.read(t, args); err != nil {
		return err
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
		r := ledger.Reconciler{Desk: d, Effects: effects.All}
		if err := patiently(ctx, func() error { _, err := r.Run(ctx); return err }); err != nil {
			return err
		}
	}
	h, err := ledger.ReadHealth(ctx, d, operator)
	if err != nil {
		return err
	}
	t.say("facts: %d compared up to %s, %d sent again, %d not published yet", h.Checked, h.Until.Format("2006-01-02 15:04:05"), h.Repaired, h.Waiting)
	t.say("dead letters that wait: %d", h.Letters)
	t.say("events without confirmed effects: %d", h.Unconfirmed)
	if h.Unconfirmed > 0 {
		return fmt.Errorf("%d effects are missing; what was sent again is looked at in half an hour", h.Unconfirmed)
	}
	return nil
}
