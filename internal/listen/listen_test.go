package listen

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/script"
	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/notification"
)

// startWithin is long because the first start on a machine installs what is missing.
const startWithin = 8 * time.Minute

// system is a whole desk with a document in each collection, and started what there is of
// it for the end.
var (
	started *stack.Stack
	system  = sync.OnceValues(func() (*stack.Stack, error) {
		ctx, cancel := context.WithTimeout(context.Background(), startWithin)
		defer cancel()
		s, err := stack.Start(ctx, stack.Options{Progress: progress})
		if err != nil {
			return nil, err
		}
		started = s
		if err := s.Seed(ctx); err != nil {
			return s, err
		}
		return s, fill(ctx, s)
	})
)

func progress(line string) { fmt.Fprintln(os.Stderr, "listen:", line) }

// named finds the names in the first column of the table of what is stored.
var named = regexp.MustCompile("`([a-z_]+)`")

// collections are those that docs/design.md lists.
func collections() ([]string, error) {
	root, err := stack.Root()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "design.md"))
	if err != nil {
		return nil, err
	}
	_, table, _ := strings.Cut(string(text), "\n| collection |")
	table, _, _ = strings.Cut(table, "\n\n")
	var all []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 2 {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(cells[1], -1) {
			all = append(all, m[1])
		}
	}
	return all, nil
}

// fill makes a document in each collection that names everybody, feeds for those who are
// tried, and two accounts as no desk would make them.
func fill(ctx context.Context, s *stack.Stack) error {
	all, err := collections()
	if err != nil {
		return err
	}
	err = s.DB.Run(ctx, func(tx *docdb.Tx) error {
		for _, name := range all {
			everybody := map[string]any{"person": "uma", "audience": []string{"person:uma", "dept:network", "role:admin"}}
			if err := tx.Set(docdb.Key{Collection: name, ID: "probe"}, everybody); err != nil {
				return err
			}
		}
		for id, path := range map[string][]desk.DepartmentID{"network": {"network", "it"}, "it": {"it"}, "billing": {"billing", "finance"}} {
			if err := tx.Set(docdb.Key{Collection: "feeds_departments", ID: id}, notification.Feed{Path: path}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	accounts := identity.Open(config.Config{Project: s.Suite.Project, AuthHost: s.Suite.Auth})
	for _, a := range []identity.Account{
		{UID: "una", Role: "staff", Departments: []string{"quiet"}},
		{UID: "ulf", Role: "user", Departments: []string{"network", "it", "billing", "quiet"}},
	} {
		a.Email, a.Name, a.Password = a.UID+"@demo.example", a.UID, script.DemoPassword
		if err := accounts.Ensure(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := started.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		cancel()
	}
	os.Exit(code)
}

func TestClientsWithTheSDKOfFirebase(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node (20 or later) is not on the PATH: apt-get install nodejs npm")
	}
	modules, err := emulator.Packages(t.Context(), "listen", ".", progress)
	if err != nil {
		t.Fatal(err)
	}
	s, err := system()
	if err != nil {
		t.Fatal(err)
	}
	names, err := collections()
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rules", "live"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=spec", name+".test.mjs")
			cmd.Env = append(os.Environ(), s.Env()...)
			cmd.Env = append(cmd.Env, "BASE_URL="+s.URL, "MODULES="+modules, "COLLECTIONS="+string(list), "PASSWORD="+script.DemoPassword)
			said, err := cmd.CombinedOutput()
			t.Log(string(said))
			if err != nil {
				t.Error(err)
			}
		})
	}
}
