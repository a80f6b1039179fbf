package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/internal/script"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/firestore"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/start"
)

func TestMain(m *testing.M) { emulator.Main(m) }

// local gives a test emulators and a database of its own.
func local(t *testing.T) config.Config {
	t.Helper()
	suite := emulator.Use(t, emulator.Firestore, emulator.Auth)
	t.Setenv("GOOGLE_CLOUD_PROJECT", suite.Project)
	t.Setenv("FIRESTORE_DATABASE", emulator.Database(t))
	t.Setenv("FIREBASE_API_KEY", "local")
	cfg, err := config.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// runDesk runs desk and returns its exit code and what it printed.
func runDesk(t *testing.T, stdin string, args ...string) (code int, out, wrong string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), terminal{strings.NewReader(stdin), &o, &e}, args)
	return code, o.String(), e.String()
}

// succeeds is runDesk for one that must not fail.
func succeeds(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, out, wrong := runDesk(t, stdin, args...)
	if code != done || wrong != "" {
		t.Fatalf("desk %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, wrong)
	}
	return out
}

// open is the desk that functions would see.
func open(t *testing.T, cfg config.Config) *desk.Desk {
	t.Helper()
	store, err := firestore.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return desk.New(docdb.Open(store, start.Indexes()), cfg.Clock())
}

func actor(t *testing.T, d *desk.Desk, id desk.PersonID) desk.Actor {
	t.Helper()
	p, err := d.Person(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p.Actor()
}

// size is how many documents a collection has.
func size(t *testing.T, d *desk.Desk, collection string) int {
	t.Helper()
	found, err := d.DB.Query(t.Context(), docdb.Query{Collection: collection, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

const demoFolder = "../../testdata/seed"

func TestCommandLinesThatMakeNoSenseExitWithTwo(t *testing.T) {
	for _, args := range [][]string{
		{}, {"sow"}, {"admin"}, {"admin", "delete"}, {"seed", "now"}, {"seed", "-frm", "x"}, {"seed", "-tickets", "-1"}, {"seed", "-tickets", "many"},
		{"admin", "create"}, {"admin", "create", "-email", "jo@corp.example"}, {"check"}, {"check", "-url", "corp.example"}, {"check", "-url", "ftp://corp.example"},
	} {
		if code, out, wrong := runDesk(t, "", args...); code != notUnderstood || out != "" || !strings.HasPrefix(wrong, "desk") {
			t.Errorf("%q: exit code %d\n%s%s", args, code, out, wrong)
		}
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"help", "admin create"}, {"--help", "seed"}, {"seed -help", "-force"}, {"admin create -h", "-password-stdin"}, {"check -help", "-accounts"},
	} {
		if out := succeeds(t, "", strings.Fields(c.args)...); !strings.Contains(out, c.want) {
			t.Errorf("desk %s does not mention %s:\n%s", c.args, c.want, out)
		}
	}
}

func TestSeedRefusesARealProject(t *testing.T) {
	for _, name := range []string{"FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"} {
		t.Run(name, func(t *testing.T) {
			local(t)
			t.Setenv(name, "")
			code, _, wrong := runDesk(t, "", "seed", "-from", demoFolder, "-write")
			if code != failed || !strings.Contains(wrong, "emulators only") {
				t.Errorf("exit code %d: %s", code, wrong)
			}
		})
	}
}

func TestSeedSaysWhatIsWrongWithItsFolder(t *testing.T) {
	local(t)
	folder := t.TempDir()
	code, _, wrong := runDesk(t, "", "seed", "-from", folder)
	if code != failed || !strings.Contains(wrong, "organisation.json") {
		t.Errorf("exit code %d: %s", code, wrong)
	}
	if err := os.CopyFS(folder, os.DirFS(demoFolder)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "tickets.jsonl"), []byte("{}\n{\"titel\": \"x\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, wrong = runDesk(t, "", "seed", "-from", folder)
	if code != failed || !strings.Contains(wrong, "tickets.jsonl:2") || !strings.Contains(wrong, "titel") {
		t.Errorf("exit code %d: %s", code, wrong)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	d := open(t, local(t))
	out := succeeds(t, "", "seed", "-from", demoFolder, "-tickets", "10")
	if !strings.Contains(out, "would load 8 departments, 28 people with accounts and 200 tickets") || !strings.Contains(out, "10 copies") {
		t.Errorf("it said:\n%s", out)
	}
	if _, err := d.Organisation(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the desk is set up: %v", err)
	}
}

func TestASeededDeskIsReadyToWorkWith(t *testing.T) {
	cfg := local(t)
	d := open(t, cfg)
	began := time.Now()
	out := succeeds(t, "", "seed", "-from", demoFolder, "-write")
	t.Logf("%s (took %v)", out, time.Since(began))
	uma := actor(t, d, "uma")
	session, err := identity.Open(cfg).SignIn(t.Context(), "uma@demo.example", script.DemoPassword)
	if err != nil || session.UID != "uma" {
		t.Errorf("uma signs in as %q, %v", session.UID, err)
	}
	nora, err := identity.Open(cfg).SignIn(t.Context(), "nora@demo.example", script.DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := identity.Open(cfg).Verify(t.Context(), nora.Access); err != nil || token.Role != "staff" || len(token.Departments) != 1 {
		t.Errorf("nora's token is %+v, %v", token, err)
	}
	if n := size(t, d, "tickets"); n != 200 {
		t.Errorf("%d tickets", n)
	}
	if n := size(t, d, "outbox") + size(t, d, "effects"); n != 0 {
		t.Errorf("%d documents of work in progress", n)
	}
	made, err := d.Create(t.Context(), uma, desk.NewTicket{Title: "After the seed", Description: "x"}, desk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range allTickets(t, d) {
		if old.Number == made.Number && old.ID != made.ID {
			t.Errorf("the number %s was used before", old.Number)
		}
	}
}

// allTickets lists every ticket, newest first.
func allTickets(t *testing.T, d *desk.Desk) []desk.Ticket {
	t.Helper()
	var out []desk.Ticket
	ada := actor(t, d, "ada")
	for cursor := ""; ; {
		page, next, err := d.List(t.Context(), ada, desk.Filter{ByCreation: true}, desk.Page{Limit: 100, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
		if cursor = next; next == "" {
			return out
		}
	}
}

func TestSeedingAgainKeepsWhatPeopleDid(t *testing.T) {
	cfg := local(t)
	d := open(t, cfg)
	succeeds(t, "", "seed", "-from", demoFolder, "-write")
	session, err := identity.Open(cfg).SignIn(t.Context(), "uma@demo.example", script.DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	title := "Changed by a person"
	ticket, err := d.Update(t.Context(), actor(t, d, "ada"), idOf("t010"), desk.Patch{Title: &title}, desk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if out := succeeds(t, "", "seed", "-from", demoFolder, "-write"); !strings.Contains(out, "set up already") {
		t.Errorf("it said: %s", out)
	}
	if again, err := d.Show(t.Context(), actor(t, d, "ada"), idOf("t010")); err != nil || again.Version != ticket.Version || again.Title != title {
		t.Errorf("the ticket is %q at version %d, %v", again.Title, again.Version, err)
	}
	if _, err := identity.Open(cfg).Verify(t.Context(), session.Access); err != nil {
		t.Errorf("seeding again signed people out: %v", err)
	}
	out := succeeds(t, "", "seed", "-from", demoFolder, "-write", "-force")
	if again, err := d.Show(t.Context(), actor(t, d, "ada"), idOf("t010")); err != nil || again.Title == title || !strings.HasPrefix(out, "loaded") {
		t.Errorf("by force the ticket is %q, %v; it said: %s", again.Title, err, out)
	}
	if n := size(t, d, "outbox"); n != 0 {
		t.Errorf("%d facts are left from before", n)
	}
}

func TestAnInterruptedSeedIsDoneAgain(t *testing.T) {
	broken := errors.New("the connection broke")
	d, err := readDemo(demoFolder)
	if err != nil {
		t.Fatal(err)
	}
	d.tickets = d.tickets[:40]
	store := docdb.NewMemory()
	l := &loader{demo: d, store: store, now: now}
	commits := 0
	store.Before = func(op string) error {
		if op == "commit" {
			commits++
		}
		if commits == 7 {
			return broken
		}
		return nil
	}
	if err := l.loadPast(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	store.Before = nil
	if setUp, err := l.isSetUp(t.Context()); setUp || err != nil {
		t.Fatalf("half a desk is taken for a whole one: %v", err)
	}
	if err := l.loadPast(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(store.Dump("tickets")); n != len(d.tickets) {
		t.Errorf("%d tickets", n)
	}
}

func TestASlowDatabaseIsAskedAgain(t *testing.T) {
	store := docdb.NewMemory()
	commits := 0
	store.After = func(string) error {
		if commits++; commits < 3 {
			return fault.Down(errors.New("the answer was lost"))
		}
		return nil
	}
	write := docdb.Write{Key: docdb.Key{Collection: "things", ID: "x"}, Fields: docdb.Fields{"a": "b"}}
	if err := commitAll(t.Context(), store, []docdb.Write{write}); err != nil || commits != 3 {
		t.Errorf("%d commits, %v", commits, err)
	}
	store.After = func(string) error { return fault.Down(errors.New("for ever")) }
	if err := commitAll(t.Context(), store, []docdb.Write{write}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestCopiesHaveNumbersAndIDsOfTheirOwn(t *testing.T) {
	d := open(t, local(t))
	succeeds(t, "", "seed", "-from", demoFolder, "-write", "-tickets", "150")
	succeeds(t, "", "seed", "-from", demoFolder, "-write", "-tickets", "100")
	seen, open := map[string]bool{}, map[desk.PersonID]int{}
	for _, ticket := range allTickets(t, d) {
		if seen[ticket.Number] {
			t.Errorf("%s twice", ticket.Number)
		}
		seen[ticket.Number] = true
		if ticket.Status.Open() {
			open[ticket.Assignee]++
		}
	}
	if len(seen) != 450 {
		t.Errorf("%d tickets, want 450", len(seen))
	}
	agents, err := docdb.Find[desk.Agent](t.Context(), d.DB, docdb.Query{Collection: "agents", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agents {
		if open[a.Person] != a.Open {
			t.Errorf("%s has %d open tickets and is said to have %d", a.Person, open[a.Person], a.Open)
		}
	}
}

func TestAnAdministratorIsMadeAndCanSignIn(t *testing.T) {
	cfg := local(t)
	d := open(t, cfg)
	email := "jo-" + strings.ToLower(rand.Text()[:8]) + "@corp.example"
	args := []string{"admin", "create", "-email", email, "-name", "Jo Doe", "-password-stdin"}
	const secret = "correct horse battery"
	out := succeeds(t, secret+"\n", args...)
	if !strings.Contains(out, "dry run: would be made") || strings.Contains(out, secret) {
		t.Errorf("it said:\n%s", out)
	}
	if _, err := identity.Open(cfg).SignIn(t.Context(), email, secret); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a dry run made an account: %v", err)
	}
	out = succeeds(t, secret+"\n", append(args, "-write")...)
	if !strings.Contains(out, "Service desk") || strings.Contains(out, secret) {
		t.Errorf("it said:\n%s", out)
	}
	session, err := identity.Open(cfg).SignIn(t.Context(), email, secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create(t.Context(), actor(t, d, desk.PersonID(session.UID)), desk.NewTicket{Title: "First", Description: "x"}, desk.Options{}); err != nil {
		t.Errorf("the new administrator can't open a ticket: %v", err)
	}
	out = succeeds(t, "", "admin", "create", "-email", email, "-name", "Jo Doe", "-write")
	if !strings.Contains(out, "brought up to date") || !strings.Contains(out, "no password") {
		t.Errorf("it said:\n%s", out)
	}
	if _, err := identity.Open(cfg).SignIn(t.Context(), email, secret); err != nil {
		t.Errorf("doing it again changed the password: %v", err)
	}
}

func TestNobodyIsTurnedIntoAnAdministratorByAccident(t *testing.T) {
	cfg := local(t)
	d := open(t, cfg)
	l := &loader{demo: demo{people: []desk.Person{{ID: "uma", Name: "Uma", Email: "uma@demo.example", Role: desk.RoleUser, Zone: "UTC"}}}, accounts: identity.Open(cfg)}
	if err := d.SaveOrganisation(t.Context(), desk.Organisation{Departments: []desk.Department{firstDepartment}, Triage: firstDepartment.ID}); err != nil {
		t.Fatal(err)
	}
	if err := d.SavePerson(t.Context(), l.people[0]); err != nil {
		t.Fatal(err)
	}
	if err := l.ensureAccounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	code, _, wrong := runDesk(t, "", "admin", "create", "-email", "uma@demo.example", "-name", "Uma", "-uid", "uma", "-write")
	if code != failed || !strings.Contains(wrong, "somebody already") {
		t.Errorf("exit code %d: %s", code, wrong)
	}
	code, _, wrong = runDesk(t, "", "admin", "create", "-email", "uma@demo.example", "-name", "Uma", "-write")
	if code != failed || !strings.Contains(wrong, "email_taken") {
		t.Errorf("exit code %d: %s", code, wrong)
	}
	if uma := actor(t, d, "uma"); uma.Role != desk.RoleUser {
		t.Errorf("uma is %s", uma.Role)
	}
	if code, _, wrong := runDesk(t, "\n", "admin", "create", "-email", "x@corp.example", "-name", "X", "-password-stdin", "-write"); code != failed || !strings.Contains(wrong, "no password") {
		t.Errorf("an empty password: exit code %d: %s", code, wrong)
	}
}

func TestCheckPrintsALineForEachStoryAndAVerdict(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer server.Close()
	folder := t.TempDir()
	write := func(name, story string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(story), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "# Tea is served\nGET /tea\nstatus == 418\n")
	out := succeeds(t, "", "check", "-url", server.URL, "-from", folder)
	if !strings.Contains(out, "ok    a.txt: Tea is served") || !strings.Contains(out, "all 1 stories hold") {
		t.Errorf("it said:\n%s", out)
	}
	write("b.txt", "# Coffee is served\nGET /coffee\nstatus == 200\n")
	code, out, wrong := runDesk(t, "", "check", "-url", server.URL, "-from", folder)
	if code != failed || !strings.Contains(out, "FAIL  b.txt: Coffee is served") || !strings.Contains(out, "b.txt:3: status == 200: it is 418") || !strings.Contains(wrong, "1 of 2 stories") {
		t.Errorf("exit code %d:\n%s%s", code, out, wrong)
	}
}

func TestAccountsForCheckAreReadWithoutShowingThem(t *testing.T) {
	accounts, err := readAccounts(strings.NewReader("# people\nrequester jo@corp.example  two words \nadmin ad@corp.example x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := accounts("requester"); err != nil || a.Email != "jo@corp.example" || a.Password != "two words" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := accounts("stranger"); err == nil {
		t.Error("stranger has no account")
	}
	for _, bad := range []string{"admin ad@corp.example", "boss b@corp.example hush-hush", "admin"} {
		if _, err := readAccounts(strings.NewReader(bad)); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if a, err := demoAccount("admin"); err != nil || a.Email != "ada@demo.example" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := demoAccount("boss"); err == nil {
		t.Error("boss has no account")
	}
}
