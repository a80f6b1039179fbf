package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/gcp/identity"
)

const seedHelp = `
Fills a local stack with the demo organisation: departments, people with their
accounts, and tickets with all that happened to them up to now. Everybody's
password is in this program's source, so it works on emulators only.

A desk that is set up already keeps what it has: then only missing accounts are
made. With -force everything in the database is removed first.`

// seed is the command "desk seed".
func seed(ctx context.Context, t terminal, args []string) error {
	set := flags("seed", seedHelp)
	from := set.String("from", "testdata/seed", "folder with the demo organisation")
	write := set.Bool("write", false, "do it; without it only say what would be done")
	force := set.Bool("force", false, "remove everything that is in the database first")
	copies := set.Int("tickets", 0, "then add this many copies of the demo tickets, spread over two years, for measuring")
	if err := set.read(t, args); err != nil {
		return err
	}
	if *copies < 0 || *copies > maxCopies {
		return misused("-tickets is 0 to %d", maxCopies)
	}
	l, err := newLoader(*from)
	if err != nil {
		return err
	}
	setUp, err := l.isSetUp(ctx)
	if err != nil {
		return err
	}
	l.keep = setUp && !*force
	if !*write {
		l.announce(t, *force, *copies)
		return nil
	}
	began := time.Now()
	if *force {
		if err := l.clear(ctx); err != nil {
			return err
		}
	}
	said, err := l.load(ctx, *copies)
	if err != nil {
		return err
	}
	t.say("%s (%.1f s)", said, time.Since(began).Seconds())
	return nil
}

// loader brings the demo organisation into a database and into Auth.
type loader struct {
	demo
	cfg      config.Config
	store    docdb.Store
	accounts *identity.Client
	now      time.Time
	keep     bool // the desk is set up and stays as it is
}

// newLoader reads what is to be loaded and where to. It refuses anything but
// emulators.
func newLoader(folder string) (*loader, error) {
	cfg, err := config.FromEnv()
	if err != nil {
		return nil, err
	}
	if cfg.FirestoreHost == "" || cfg.AuthHost == "" {
		return nil, errors.New("the demo accounts have a public password, so they are for emulators only: set FIRESTORE_EMULATOR_HOST and FIREBASE_AUTH_EMULATOR_HOST")
	}
	l := &loader{cfg: cfg, accounts: identity.Open(cfg), now: cfg.Clock()()}
	if l.demo, err = readDemo(folder); err != nil {
		return nil, err
	}
	l.store, err = firestore.Open(cfg)
	return l, err
}

// isSetUp reports whether the database has an organisation.
func (l *loader) isSetUp(ctx context.Context) (setUp bool, err error) {
	err = patiently(ctx, func() error {
		setUp, err = hasOrganisation(ctx, l.desk())
		return err
	})
	return setUp, err
}

func hasOrganisation(ctx context.Context, d *desk.Desk) (bool, error) {
	_, err := d.Organisation(ctx)
	var f *fault.Error
	if errors.As(err, &f) && f.Code == "not_set_up" {
		return false, nil
	}
	return err == nil, err
}

// desk is the real one.
func (l *loader) desk() *desk.Desk {
	return desk.New(docdb.Open(l.store), func() time.Time { return l.now })
}

// announce says what load would do.
func (l *loader) announce(t terminal, force bool, copies int) {
	place := fmt.Sprintf("project %s, database %s", l.cfg.Project, l.cfg.Database)
	switch {
	case l.keep && copies == 0:
		t.say("dry run: the desk in %s is set up already; would only make sure that %d people have accounts", place, len(l.people))
		return
	case force:
		t.say("dry run: would remove everything in %s", place)
	}
	if !l.keep {
		t.say("dry run: would load %d departments, %d people with accounts and %d tickets into %s", len(l.organisation.Departments), len(l.people), len(l.tickets), place)
	}
	if copies > 0 {
		t.say("dry run: would add %d copies of tickets to %s", copies, place)
	}
	t.say("nothing was changed; -write does it")
}

// load does the work and says what it did. The organisation comes last: until then
// the desk is not set up, so that a load which was interrupted is simply done again.
func (l *loader) load(ctx context.Context, copies int) (string, error) {
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return l.ensureAccounts(both) })
	if !l.keep {
		group.Go(func() error { return l.loadPast(both) })
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	said := fmt.Sprintf("the desk is set up already and stays as it is; %d people have accounts", len(l.people))
	if !l.keep {
		if err := patiently(ctx, func() error { return l.desk().SaveOrganisation(ctx, l.organisation) }); err != nil {
			return "", err
		}
		said = fmt.Sprintf("loaded %d departments, %d people with accounts and %d tickets", len(l.organisation.Departments), len(l.people), len(l.tickets))
	}
	if copies == 0 {
		return said, nil
	}
	return fmt.Sprintf("%s; added %d copies of tickets", said, copies), l.loadCopies(ctx, copies)
}

// unread is the age of the oldest notification that nobody has read yet.
const unread = 3 * 24 * time.Hour

// organisationCollection is where package desk keeps the organisation.
const organisationCollection = "organisation"

// loadPast plays everything up to now and writes what came of it. What happened to the
// tickets is written while people are told of it.
func (l *loader) loadPast(ctx context.Context) error {
	s, err := replay(ctx, l.demo, l.now)
	if err != nil {
		return err
	}
	past := s.store.writes(organisationCollection)
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return commitAll(both, l.store, past) })
	group.Go(func() error {
		if err := s.tell(both, l.now.Add(-unread)); err != nil {
			return err
		}
		return commitAll(both, l.store, s.store.writes(collectionsOf(past)...))
	})
	return group.Wait()
}

// replay plays what was done in a demo organisation up to now.
func replay(ctx context.Context, d demo, now time.Time) (*stage, error) {
	s := newStage()
	if err := s.open(ctx, d, founded(d, now)); err != nil {
		return nil, err
	}
	for _, t := range d.tickets {
		if err := s.play(ctx, t, plan(t, now), now); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// founded is a day before the oldest ticket.
func founded(d demo, now time.Time) time.Time {
	oldest := 0.0
	for _, t := range d.tickets {
		oldest = max(oldest, t.AgeHours)
	}
	return now.Add(-time.Duration(oldest*float64(time.Hour)) - 24*time.Hour)
}
