// Package stack runs the whole system on one machine: every function of the
// catalogue as production runs it, against the emulators, behind one front door.
// The local runner, the end-to-end stories and the benchmark use it.
//
// Ideas:
//
//   - The catalogue is all there is. Which functions run, at which paths, on which
//     topics and schedules is read from package functions; nothing is listed here.
//   - One process per function, with FUNCTION_TARGET, PORT and the settings that
//     production gives it, built as Google's buildpack builds it. One that dies is
//     started again on the same port.
//   - Two doors. People come through the front door, which knows only paths that the
//     catalogue makes public. Pub/Sub pushes to an internal one, which applies the
//     subscriptions' filters, since the emulator does not.
//   - Malware is looked for by the clamd that CLAMD_ADDRESS names, or without one by
//     package clamd, which knows the EICAR test file.
//   - Mail goes to a server of its own, which keeps it (package mailbox), and nowhere else.
//   - Stacks don't meet. Each has free ports, a run folder and, when it shares
//     emulators with others, a database and topics of its own. Auth accounts are
//     shared by all that share an Auth emulator.
//
// A typical use:
//
//	s, err := stack.Start(ctx, stack.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Stop(ctx)
//	res, err := http.Get(s.URL + "/api/openapi.json")
//
// It is for development and tests and is never deployed.
package stack

import (
	"context"
	"net"
	"net/http"
	"sync"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/mailbox"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/gcp/pubsub"
)

// Options says how to run a stack. The zero value is a stack for tests.
type Options struct {
	// Port of the front door; 0 takes a free one.
	Port int
	// Suite is the emulators to use, which the stack leaves running; nil starts
	// some of its own.
	Suite *emulator.Suite
	// Shared takes the emulators that the environment names, if it does.
	Shared bool
	// Dir is the run folder, which takes logs and programs and is emptied first;
	// "" makes one that Stop removes.
	Dir string
	// Data is a folder to keep data in from one run to the next; "" keeps none. It
	// needs emulators of the stack's own.
	Data string
	// Env is added to every function's environment, as NAME=value.
	Env []string
	// Pushes goes around the internal door, to spoil deliveries; nil for nothing.
	Pushes func(http.Handler) http.Handler
	// Console makes what answers below /_dev/ at the front door; nil for nothing.
	Console func(*Stack) http.Handler
	// Progress is told in one line what happens, one call at a time; nil is silent.
	Progress func(line string)
}

// Stack is a running system. Its methods may be called from several goroutines.
type Stack struct {
	URL   string          // of the front door, without a slash at the end
	Suite *emulator.Suite // what it runs against
	DB    *docdb.DB       // its documents

	options  Options
	dir      string // run folder
	prefix   string // of its topics and subscriptions, and of its database
	own      bool   // the suite is the stack's own
	settings config.Config
	clock    *clock
	topics   []string
	subs     []Subscription
	pushes   *pushes
	schedule *schedule
	admin    *pubsub.Admin
	mailbox  *mailbox.Server
	scanner  string         // address of clamd, or of what stands in for it
	closers  []func() error // what to close at the end, last first

	front, inner         *http.Server
	frontDoor, innerDoor net.Listener

	mu        sync.Mutex
	functions []*running

	saying sync.Mutex
}

// Start builds the functions, starts what they need and them, and returns when all
// of them answer. ctx bounds the start only. After an error nothing is left running.
func Start(ctx context.Context, options Options) (*Stack, error) {
	s := &Stack{options: options}
	if err := s.start(ctx); err != nil {
		atOnce, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Stop(atOnce)
		return nil, err
	}
	return s, nil
}

// Mails are those that the system sent, oldest first.
func (s *Stack) Mails() []mailbox.Mail { return s.mailbox.Mails() }
