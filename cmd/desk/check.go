package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"ticketsystem.example/internal/script"
)

const checkHelp = `
Tells the live stories to a running stack and says for each whether it holds. The
stories need three accounts: requester and stranger, who are users, and admin. They
open a few tickets, named as checks, and close or delete them again.

-accounts names a file (- is the standard input) with a line for each of the three:

    requester  jo@corp.example  the-password

Without it they are those of the demo organisation: uma, otto and ada.`

// demoPeople plays the people of the live stories on a stack with the demo organisation.
var demoPeople = map[string]string{"requester": "uma", "stranger": "otto", "admin": "ada"}

// check is the command "desk check".
func check(ctx context.Context, t terminal, args []string) error {
	set := flags("check", checkHelp)
	target := set.String("url", "", "the stack's address, e.g. https://desk.corp.example; required")
	from := set.String("from", "testdata/scripts/live", "folder with the stories")
	file := set.String("accounts", "", "file with the accounts, - for the standard input")
	patience := set.Duration("patience", time.Minute, "how long to wait for what takes time")
	if err := set.read(t, args); err != nil {
		return err
	}
	u, err := url.Parse(*target)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return misused("-url must be an address like https://desk.corp.example")
	}
	accounts, err := accountsFor(t, *file)
	if err != nil {
		return err
	}
	stories, err := script.Load(os.DirFS(*from), ".")
	if err != nil {
		return err
	}
	r := script.NewRunner(*target, accounts)
	r.Patience = *patience
	return tellAll(ctx, t, r, stories)
}

// tellAll runs the stories one after another and prints a line for each.
func tellAll(ctx context.Context, t terminal, r *script.Runner, stories []*script.Script) error {
	bad := 0
	for _, s := range stories {
		began := time.Now()
		err := r.Run(ctx, s)
		verdict := "ok  "
		if err != nil {
			verdict = "FAIL"
			bad++
		}
		t.say("%s  %s: %s (%.1f s)", verdict, s.Name, s.Title, time.Since(began).Seconds())
		if err != nil {
			t.say("%v", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d stories do not hold at %s", bad, len(stories), r.URL)
	}
	t.say("all %d stories hold at %s", len(stories), r.URL)
	return nil
}

// accountsFor reads the accounts from a file, or takes the demo's.
func accountsFor(t terminal, file string) (script.Accounts, error) {
	switch file {
	case "":
		return demoAccount, nil
	case "-":
		return readAccounts(t.in)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAccounts(f)
}

func demoAccount(name string) (script.Account, error) {
	person, ok := demoPeople[name]
	if !ok {
		return script.Account{}, fmt.Errorf("no story has a person called %s", name)
	}
	return script.Demo(person)
}

// readAccounts reads lines of name, address and password. The password is all that
// follows the address; no error shows it.
func readAccounts(in io.Reader) (script.Accounts, error) {
	all := map[string]script.Account{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		email, password, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if password = strings.TrimSpace(password); password == "" {
			return nil, fmt.Errorf("accounts: line %d is not a name, an address and a password", n)
		}
		if _, ok := demoPeople[name]; !ok {
			return nil, fmt.Errorf("accounts: line %d: there is requester, stranger and admin, but no %q", n, name)
		}
		all[name] = script.Account{Email: email, Password: password}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return func(name string) (script.Account, error) {
		a, ok := all[name]
		if !ok {
			return a, errors.New("the accounts name nobody for it")
		}
		return a, nil
	}, nil
}
