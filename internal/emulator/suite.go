package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Kind is one of the emulators.
type Kind string

// The emulators that a suite may have.
const (
	Firestore Kind = "firestore"
	PubSub    Kind = "pubsub"
	Auth      Kind = "auth"
	Storage   Kind = "storage"
)

// All lists every kind.
func All() []Kind { return []Kind{Firestore, PubSub, Auth, Storage} }

// DefaultProject is the project of a suite that was given none. Firebase's
// tools take the prefix "demo-" as a promise never to reach for real resources.
const DefaultProject = "demo-ticketsystem"

// Options says what to start and how.
type Options struct {
	// Project is the cloud project's id; "" means DefaultProject.
	Project string
	// Only names the emulators to start; none means all of them.
	Only []Kind
	// Rules is the path of Firestore's security rules; "" leaves all open.
	Rules string
	// Data is the folder that state is kept in from one run to the next; "" means
	// to start fresh and keep nothing. One suite at a time may use a folder.
	Data string
	// Databases are the Firestore databases that Data keeps; none means
	// "(default)".
	Databases []string
	// Heap is how large Firestore's emulator may grow, as Java's -Xmx takes it: it
	// keeps all documents in memory, about 0.2 MB a ticket. "" means 512m.
	Heap string
	// Log takes what the emulators print, each line prefixed by the emulator's
	// kind; nil discards it.
	Log io.Writer
	// Progress is told in one line what happens, one call at a time: what is
	// installed, what is ready, what ended without being asked to. nil is silent.
	Progress func(line string)
}

// Suite is a set of emulators. Its addresses, host:port, are fixed when it is
// made and "" for an emulator that is no part of it. Its methods may be called
// from several goroutines.
type Suite struct {
	Project   string
	Firestore string
	PubSub    string
	Auth      string
	Storage   string

	options Options
	signer  Signer
	log     *logWriter

	saying sync.Mutex // around Progress

	mu       sync.Mutex // around what follows
	release  []func()   // gives ports and data folder free
	running  map[Kind]*process
	lifeline *lifeline
}

// Start installs what is missing, starts the emulators in parallel and returns
// when every one of them answers; with Data, what was kept is there again. ctx
// bounds the start only. After an error nothing is left running.
func Start(ctx context.Context, options Options) (*Suite, error) {
	kinds := options.Only
	if len(kinds) == 0 {
		kinds = All()
	}
	suite, err := newSuite(options, kinds)
	if err != nil {
		return nil, err
	}
	err = suite.openData()
	if err == nil {
		err = suite.launch(ctx, kinds)
	}
	if err != nil {
		suite.abandon()
		return nil, err
	}
	return suite, nil
}

// newSuite gives each kind a port, and the suite a key to sign URLs with.
func newSuite(options Options, kinds []Kind) (*Suite, error) {
	suite := &Suite{
		Project: options.Project,
		options: options,
		log:     newLogWriter(options.Log),
		running: map[Kind]*process{},
	}
	if suite.Project == "" {
		suite.Project = DefaultProject
	}
	for _, kind := range kinds {
		if suite.address(kind) == nil {
			return nil, fmt.Errorf("emulator: there is no kind %q", kind)
		}
	}
	if slices.Contains(kinds, Storage) {
		var err error
		if suite.signer, err = newSigner(suite.Project); err != nil {
			return nil, err
		}
	}
	ports, release, err := takePorts()
	if err != nil {
		return nil, err
	}
	suite.release = append(suite.release, release)
	for i, kind := range All() {
		if slices.Contains(kinds, kind) {
			*suite.address(kind) = fmt.Sprintf("127.0.0.1:%d", ports[i])
		}
	}
	return suite, nil
}

// launch starts kinds and brings their data back.
func (s *Suite) launch(ctx context.Context, kinds []Kind) error {
	if err := s.hold(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, kind := range kinds {
		group.Go(func() error {
			if err := s.launchOne(ctx, kind); err != nil {
				return fmt.Errorf("%s emulator: %w", kind, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (s *Suite) launchOne(ctx context.Context, kind Kind) error {
	command, err := s.command(ctx, kind)
	if err != nil {
		return err
	}
	began := time.Now()
	started, err := s.spawn(kind, command)
	if err != nil {
		return err
	}
	if err := started.waitReady(ctx, "http://"+*s.address(kind)+readyPath(kind)); err != nil {
		return err
	}
	if err := s.load(ctx, kind); err != nil {
		return err
	}
	s.say("%s: ready on %s after %.1f s", kind, *s.address(kind), time.Since(began).Seconds())
	return nil
}

// Stop writes the data that is to be kept, ends every emulator of the suite and
// returns when all are gone. ctx bounds the writing and the polite part of the
// ending; what then still runs is killed.
func (s *Suite) Stop(ctx context.Context) error {
	kept := s.saveAll(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	var group errgroup.Group
	for kind, running := range s.running {
		group.Go(func() error {
			if err := running.stop(ctx); err != nil {
				return fmt.Errorf("%s emulator: %w", kind, err)
			}
			s.lifeline.forget(running.pid())
			return nil
		})
	}
	ended := group.Wait()
	clear(s.running)
	if s.lifeline != nil {
		s.lifeline.close() // kills what would not end
		s.lifeline = nil
	}
	for _, release := range s.release {
		release()
	}
	s.release = nil
	return errors.Join(kept, ended)
}

// abandon ends a suite whose start failed: at once, and keeping nothing, since
// what could be written is less than what was kept before.
func (s *Suite) abandon() {
	s.options.Data = ""
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Stop(ctx)
}

// address is the field that holds a kind's host:port; nil for an unknown kind.
func (s *Suite) address(kind Kind) *string {
	switch kind {
	case Firestore:
		return &s.Firestore
	case PubSub:
		return &s.PubSub
	case Auth:
		return &s.Auth
	case Storage:
		return &s.Storage
	}
	return nil
}

// Env is what a process needs to use the suite, as NAME=value lines for
// [os/exec.Cmd.Env]: the addresses under the names that Google's libraries read,
// the project, and the key that signs URLs.
func (s *Suite) Env() []string {
	env := []string{
		"GOOGLE_CLOUD_PROJECT=" + s.Project,
		"PUBSUB_PROJECT_ID=" + s.Project,
	}
	for _, kind := range All() {
		if address := *s.address(kind); address != "" {
			env = append(env, hostVariable[kind]+"="+address)
		}
	}
	return append(env, s.signer.env()...)
}

// hostVariable is where Google's libraries look for an emulator's address. All
// four read host:port without a scheme.
var hostVariable = map[Kind]string{
	Firestore: "FIRESTORE_EMULATOR_HOST",
	PubSub:    "PUBSUB_EMULATOR_HOST",
	Auth:      "FIREBASE_AUTH_EMULATOR_HOST",
	Storage:   "STORAGE_EMULATOR_HOST",
}
