package main

import (
	"context"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/start"
)

const routerHelp = `
Models that routing learned from settled tickets. They are trained, judged and promoted
every night by the function train; these commands are for who knows better:

  desk router list                        what there is, newest first
  desk router train -write                do now what is done every night
  desk router promote -name r000003 -write   let this one route
  desk router rollback -write             let the one route that did before`

// router runs one of the commands on models; what says in words what would be done.
func router(do func(context.Context, terminal, *desk.Desk, string) error, name, what string) func(context.Context, terminal, []string) error {
	return func(ctx context.Context, t terminal, args []string) error {
		set := flags("router "+name, routerHelp)
		write := set.Bool("write", false, "do it; without it only say what would be done")
		model := set.String("name", "", "of the model, for promote")
		if err := set.read(t, args); err != nil {
			return err
		}
		if name == "promote" && *model == "" {
			return misused("-name is required")
		}
		if what != "" && !*write {
			t.say("would %s %s; -write does it", what, *model)
			return nil
		}
		cfg, err := config.FromEnv()
		if err != nil {
			return err
		}
		d, err := start.Desk(cfg)
		if err != nil {
			return err
		}
		return do(ctx, t, d, *model)
	}
}

var (
	listRouters = router(func(ctx context.Context, t terminal, d *desk.Desk, _ string) error {
		all, _, err := routing.Versions(ctx, d, desk.Robot("router", "", 0), desk.Page{Limit: desk.MaxLimit})
		for _, v := range all {
			t.say("%s  %-8s  %s  learned from %d, %d of %d right (%d before)  %s", v.Name, v.State, v.CreatedAt.Format("2006-01-02 15:04"),
				v.Examples, v.Held.Right, v.Held.Tickets, v.Held.Against, v.Verdict)
		}
		return err
	}, "list", "")

	trainRouter = router(func(ctx context.Context, t terminal, d *desk.Desk, _ string) error {
		said, err := routing.Train(ctx, d)
		if err == nil {
			t.say("%s", said)
		}
		return err
	}, "train", "train, or judge the model that is watched")

	promoteRouter = router(func(ctx context.Context, t terminal, d *desk.Desk, name string) error {
		if err := routing.Promote(ctx, d, name); err != nil {
			return err
		}
		t.say("%s routes now", name)
		return nil
	}, "promote", "promote")

	rollbackRouter = router(func(ctx context.Context, t terminal, d *desk.Desk, _ string) error {
		name, err := routing.Rollback(ctx, d)
		switch {
		case err != nil:
			return err
		case name == "":
			t.say("no model routes now, only rules")
		default:
			t.say("%s routes now", name)
		}
		return nil
	}, "rollback", "go back to the model that routed before")
)
