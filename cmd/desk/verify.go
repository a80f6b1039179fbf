package main

import (
	"context"
	"fmt"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/start"
)

const verifyHelp = `
Goes through the whole history: each ticket's acts are a chain of hashes, and each day's
acts have a root. It names every act that was changed, taken away or put in, and fails if
there is any. It only reads: each act and each ticket twice.`

// verify is the command "desk verify".
func verify(ctx context.Context, t terminal, args []string) error {
	set := flags("verify", verifyHelp)
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
	v, err := ledger.Verify(ctx, d, func(wrong string) { t.say("%s", wrong) })
	if err != nil {
		return err
	}
	t.say("%d tickets, %d acts (%d from before there were chains), %d sealed days", v.Tickets, v.Acts, v.Unchained, v.Days)
	if v.Wrong > 0 {
		return fmt.Errorf("%d things in the history are not as they were written", v.Wrong)
	}
	t.say("the history is as it was written")
	return nil
}
