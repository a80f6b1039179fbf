// Command desk operates a stack from outside of its functions: it fills a local one
// with the demo organisation, makes the first administrator of a new one, and checks
// a running one.
//
//	desk seed -from testdata/seed -write
//	desk admin create -email jo@corp.example -name "Jo Doe" -write
//	desk rebuild -write
//	desk check -url https://desk.corp.example
//
// What changes data says what it would do, and does it with -write only. The
// environment says which project and database are meant, as it does for functions
// (see shared/config). Exit codes: 0 done, 1 failed, 2 not understood,
// 75 to be tried again (by a mail server).
//
// It uses the same use cases as the functions and has no rules of its own. It is not
// a way around the policy for people: it needs the rights of an operator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"ticketsystem.example/shared/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, terminal{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// say prints a line of the result.
func (t terminal) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// command is one thing that desk can do.
type command struct {
	name    string // one word, or two
	summary string
	run     func(context.Context, terminal, []string) error
}

var commands = []command{
	{"seed", "fill a local stack with the demo organisation", seed},
	{"admin create", "make an administrator, the first one above all", createAdmin},
	{"rebuild", "count the history again, for reports and views", rebuild},
	{"replay", "make again what follows from the archive of facts", replayArchive},
	{"reconcile", "compare facts with their effects, and send again what had none", reconcile},
	{"redrive", "send facts that a function could not handle to it again", redrive},
	{"mail pipe", "take a mail from the standard input, as a mail server hands it over", mailPipe},
	{"mail raw", "print a mail as it came", mailRaw},
	{"verify", "find what was changed in, taken from or put into the history", verify},
	{"router list", "list the models that routing learned", listRouters},
	{"router train", "train a model now, or judge the one that is watched", trainRouter},
	{"router promote", "let a model route", promoteRouter},
	{"router rollback", "go back to the model that routed before", rollbackRouter},
	{"check", "tell stories to a running stack and see whether they hold", check},
}

// Exit codes.
const (
	done          = 0
	failed        = 1
	notUnderstood = 2
	later         = 75 // what mail servers understand as: try again later
)

// run finds the command, runs it, and says how it went.
func run(ctx context.Context, t terminal, args []string) int {
	c, rest, ok := find(args)
	if !ok {
		return usage(t, args)
	}
	err := c.run(ctx, t, rest)
	var wrong misuse
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return done
	case errors.As(err, &wrong):
		fmt.Fprintf(t.err, "desk %s: %v\nRun desk %[1]s -help to see how it is used.\n", c.name, err)
		return notUnderstood
	}
	fmt.Fprintf(t.err, "desk %s: %v\n", c.name, err)
	if errors.As(err, &tryAgain{}) {
		return later
	}
	return failed
}

func find(args []string) (c command, rest []string, ok bool) {
	for _, c := range commands {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], true
		}
	}
	return command{}, nil, false
}

// usage lists the commands; it is an error unless it was asked for.
func usage(t terminal, args []string) int {
	code, to := notUnderstood, t.err
	switch {
	case len(args) == 0:
		fmt.Fprintln(to, "desk: a command is missing")
	case strings.TrimLeft(args[0], "-") == "help", args[0] == "-h":
		code, to = done, t.out
	default:
		fmt.Fprintf(to, "desk: there is no command %q\n", strings.Join(args[:min(2, len(args))], " "))
	}
	fmt.Fprint(to, "\nusage: desk COMMAND [flags]\n\n")
	table := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(table, "  desk %s\t%s\n", c.name, c.summary)
	}
	_ = table.Flush() // a terminal that is gone reads no errors either
	fmt.Fprintln(to, "\ndesk COMMAND -help tells more. What changes data does so with -write only.")
	return code
}

// misuse is a command line that can't be understood.
type misuse struct{ error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// flagSet is a command's flags, with the text that its help begins with.
type flagSet struct {
	*flag.FlagSet
	help string
}

func flags(name, help string) flagSet {
	set := flagSet{flag.NewFlagSet(name, flag.ContinueOnError), strings.TrimSpace(help)}
	set.SetOutput(io.Discard) // errors are told once, by run
	set.Usage = func() {}
	return set
}

// read reads the flags, shows the help if it is asked for, and refuses anything else.
func (s flagSet) read(t terminal, args []string) error {
	err := s.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		t.say("usage: desk %s [flags]\n\n%s\n\nflags:", s.Name(), s.help)
		s.SetOutput(t.out)
		s.PrintDefaults()
		return err
	case err != nil:
		return misuse{err}
	case s.NArg() > 0:
		return misused("%q is not a flag", s.Arg(0))
	}
	return nil
}

// How often something is tried while what it needs does not answer, and how long apart:
// a system that is just starting takes a while.
const (
	tries = 10
	pause = 300 * time.Millisecond
)

// patiently repeats what is safe to repeat.
func patiently(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if !fault.Is(err, fault.Unavailable) || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
