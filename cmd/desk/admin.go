package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/start"
)

const adminHelp = `
Makes an administrator: the account in Firebase Auth and the person in the
database. Done again with the same address it changes nothing that is so already.

A desk without an organisation gets one with a single department, Service desk,
which takes every ticket until there are others.

With -password-stdin the password is the first line of the standard input. Without
it no password is set or changed.`

// createAdmin is the command "desk admin create".
func createAdmin(ctx context.Context, t terminal, args []string) error {
	set := flags("admin create", adminHelp)
	email := set.String("email", "", "address to sign in with; required")
	name := set.String("name", "", "full name; required")
	uid := set.String("uid", "", "id of the person and uid of the account (made from the address if left out)")
	locale := set.String("locale", "en", "language, as in BCP 47")
	zone := set.String("zone", "UTC", "time zone of the IANA list")
	fromStdin := set.Bool("password-stdin", false, "read the password from the standard input")
	write := set.Bool("write", false, "do it; without it only say what would be done")
	if err := set.read(t, args); err != nil {
		return err
	}
	if *email == "" || *name == "" {
		return misused("-email and -name are required")
	}
	if *uid == "" {
		*uid = idOf("admin " + strings.ToLower(*email))
	}
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	d, err := start.Desk(cfg)
	if err != nil {
		return err
	}
	n := &newAdmin{cfg: cfg, desk: d, person: desk.Person{
		ID: desk.PersonID(*uid), Name: *name, Email: *email, Role: desk.RoleAdmin, Locale: *locale, Zone: *zone, Present: true,
	}}
	if err := n.look(ctx); err != nil {
		return err
	}
	if *fromStdin {
		if n.password, err = readPassword(t.in); err != nil {
			return err
		}
	}
	if *write {
		if err := n.make(ctx); err != nil {
			return err
		}
	}
	n.tell(t, *write)
	return nil
}

// readPassword reads one line. It is never shown, not even in an error.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("the standard input has no password in its first line")
	}
	return line, nil
}

// newAdmin is an administrator about to be made.
type newAdmin struct {
	cfg      config.Config
	desk     *desk.Desk
	person   desk.Person
	password string // "" for none
	known    bool   // the person is an administrator already
	noDesk   bool   // there is no organisation yet
}

// look finds out what is there, and refuses to turn somebody else into this person.
func (n *newAdmin) look(ctx context.Context) error {
	before, err := n.desk.Person(ctx, n.person.ID)
	switch {
	case err == nil && (before.Role != desk.RoleAdmin || !strings.EqualFold(before.Email, n.person.Email)):
		return fmt.Errorf("%s is somebody already: %s, %s, %s; choose another -uid", before.ID, before.Name, before.Email, before.Role)
	case err == nil:
		n.known = true
	case !fault.Is(err, fault.NotFound):
		return err
	}
	setUp, err := hasOrganisation(ctx, n.desk)
	n.noDesk = !setUp
	return err
}

// firstDepartment is where a desk begins.
var firstDepartment = desk.Department{ID: "service-desk", Name: "Service desk", Active: true, Managers: []desk.PersonID{}, Categories: []desk.Category{}}

// make does what is missing. The account comes first: without it the person's
// document would be of no use, and both are safe to repeat.
func (n *newAdmin) make(ctx context.Context) error {
	a := accountOf(n.person)
	a.Password = n.password
	if err := identity.Open(n.cfg).Ensure(ctx, a); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if n.noDesk {
		org := desk.Organisation{Departments: []desk.Department{firstDepartment}, Triage: firstDepartment.ID, Rules: []desk.Rule{}, Calendars: []desk.Calendar{}}
		if err := n.desk.SaveOrganisation(ctx, org); err != nil {
			return fmt.Errorf("organisation: %w", err)
		}
	}
	if err := n.desk.SavePerson(ctx, n.person); err != nil {
		return fmt.Errorf("person: %w", err)
	}
	return nil
}

// tell says what was done, or would be.
func (n *newAdmin) tell(t terminal, wrote bool) {
	did := "made"
	if n.known {
		did = "brought up to date"
	}
	if !wrote {
		did = "dry run: would be " + did
	}
	t.say("%s: administrator %s, %s, id %s, in project %s", did, n.person.Name, n.person.Email, n.person.ID, n.cfg.Project)
	if n.noDesk {
		t.say("%s: the department %s, which takes every ticket for now", did, firstDepartment.Name)
	}
	if n.password == "" {
		t.say("no password: send a reset from the Firebase console (Authentication, Users), or repeat this with -password-stdin")
	}
	if !wrote {
		t.say("nothing was changed; -write does it")
	}
}
