package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/start/post"
)

const mailPipeHelp = `
Takes one mail from the standard input, as a mail server's pipe hands it over, keeps
it and makes of it what it is: a reply, a ticket, or a placeholder for what can't be
read. The same mail again changes nothing.

Exit code 75 asks the mail server to keep the mail and to try again later; 0 says that
the desk has it.`

const mailRawHelp = `
Prints a mail as it came, by the id that its placeholder and the list of mails show.
Nobody has checked what is in it.`

// tryAgain is a failure after which the same may work later.
type tryAgain struct{ error }

// mailPipe is the command "desk mail pipe".
func mailPipe(ctx context.Context, t terminal, args []string) error {
	set := flags("mail pipe", mailPipeHelp)
	write := set.Bool("write", false, "do it; without it only say what would be done")
	if err := set.read(t, args); err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(t.in, inbound.MaxSize+1))
	if err != nil {
		return tryAgain{fmt.Errorf("read the mail: %w", err)}
	}
	if len(raw) > inbound.MaxSize {
		return errors.New("the mail is larger than the desk takes")
	}
	if !*write {
		t.say("would take a mail of %d bytes; -write does it", len(raw))
		return nil
	}
	if err := piped(ctx, t, raw); err != nil {
		return tryAgain{err}
	}
	return nil
}

// piped takes a mail and handles it at once. The function unpack, which hears of it too,
// then finds nothing to do, and goes on where this breaks off.
func piped(ctx context.Context, t terminal, raw []byte) error {
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	box, err := post.Box(cfg)
	if err != nil {
		return err
	}
	m, err := inbound.Take(ctx, box.Desk, raw, "pipe")
	if err != nil {
		return err
	}
	if err := box.Handle(ctx, event.Event{ID: "mail-" + m.ID, Type: inbound.Received, Subject: m.ID}); err != nil {
		t.say("kept as %s, and not handled yet: %v", m.ID, err)
		return nil // it is ours now
	}
	if m, err = inbound.Find(ctx, box.Desk, m.ID); err != nil {
		return err
	}
	t.say("%s %s: %s", m.ID, m.Outcome, m.Reason)
	return nil
}

// mailRaw is the command "desk mail raw".
func mailRaw(ctx context.Context, t terminal, args []string) error {
	set := flags("mail raw", mailRawHelp)
	id := set.String("id", "", "the mail's id; required")
	if err := set.read(t, args); err != nil {
		return err
	}
	if *id == "" {
		return misused("-id is required")
	}
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	box, err := post.Box(cfg)
	if err != nil {
		return err
	}
	raw, err := inbound.Original(ctx, box.Desk, *id)
	if err != nil {
		return err
	}
	_, err = t.out.Write(raw)
	return err
}
