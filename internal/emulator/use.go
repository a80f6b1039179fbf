package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// startWithin bounds a start on behalf of tests. It is long because the first
// one on a machine installs.
const startWithin = 8 * time.Minute

// pool is what this process started for its tests; they share it.
var pool struct {
	sync.Mutex
	suites []*Suite
}

// Use returns a suite with at least the given kinds (none means all), shared by
// all tests of the process. Emulators that the environment names are used as
// they are; others are started, once, and entered in this process's environment,
// where Google's libraries find them. Tests keep out of each other's way by
// [Database] and [Project]; a test that pauses or kills starts a suite of its own.
//
// A Storage emulator can notify topics only if Pub/Sub was asked for before it
// or with it.
func Use(t testing.TB, kinds ...Kind) *Suite {
	t.Helper()
	if len(kinds) == 0 {
		kinds = All()
	}
	pool.Lock()
	defer pool.Unlock()
	if err := provide(kinds); err != nil {
		t.Fatalf("emulator: %v", err)
	}
	suite, err := fromEnv()
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// Main runs a package's tests and stops what they started. It ends the process,
// as TestMain would.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopPool(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// provide starts those of kinds that the environment doesn't name.
func provide(kinds []Kind) error {
	var missing []Kind
	for _, kind := range kinds {
		if os.Getenv(hostVariable[kind]) == "" {
			missing = append(missing, kind)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	suite, err := Start(ctx, Options{
		Project:  os.Getenv("GOOGLE_CLOUD_PROJECT"),
		Only:     missing,
		Progress: func(line string) { fmt.Fprintln(os.Stderr, "emulator:", line) },
	})
	if err != nil {
		return err
	}
	pool.suites = append(pool.suites, suite)
	for _, line := range suite.Env() {
		name, value, _ := strings.Cut(line, "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// fromEnv is the suite that the environment describes, run by somebody else.
func fromEnv() (*Suite, error) {
	signer, err := signerFromEnv()
	if err != nil {
		return nil, err
	}
	suite := &Suite{Project: os.Getenv("GOOGLE_CLOUD_PROJECT"), signer: signer}
	if suite.Project == "" {
		suite.Project = DefaultProject
	}
	for kind, variable := range hostVariable {
		*suite.address(kind) = os.Getenv(variable)
	}
	return suite, nil
}

func stopPool() error {
	pool.Lock()
	defer pool.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var failures []error
	for _, suite := range pool.suites {
		failures = append(failures, suite.Stop(ctx))
	}
	pool.suites = nil
	return errors.Join(failures...)
}

// Database gives a test a Firestore database of its own in the suite's project
// and empties it when the test ends. Rules, index use and documents of other
// tests are out of its sight.
func Database(t testing.TB) string {
	t.Helper()
	suite := Use(t, Firestore)
	name := "t-" + slug(t.Name(), 40) + "-" + suffix()
	t.Cleanup(func() {
		path := "/emulator/v1/projects/" + suite.Project + "/databases/" + name + "/documents"
		if err := suite.call(context.Background(), http.MethodDelete, suite.Firestore, path, nil, nil); err != nil {
			t.Errorf("emptying the test's database: %v", err)
		}
	})
	return name
}

// Project gives a test a Pub/Sub project of its own and deletes its topics and
// subscriptions when the test ends.
func Project(t testing.TB) string {
	t.Helper()
	suite := Use(t, PubSub)
	name := "demo-" + slug(t.Name(), 12) + "-" + suffix()
	t.Cleanup(func() {
		for _, resource := range []string{"subscriptions", "topics"} {
			if err := suite.deleteAll(context.Background(), "/v1/projects/"+name+"/"+resource, resource); err != nil {
				t.Errorf("deleting the test's %s: %v", resource, err)
			}
		}
	})
	return name
}

// deleteAll deletes what a listing of the Pub/Sub emulator names.
func (s *Suite) deleteAll(ctx context.Context, listing, resource string) error {
	var all map[string][]struct{ Name string }
	if err := s.call(ctx, http.MethodGet, s.PubSub, listing+"?pageSize=1000", nil, &all); err != nil {
		return err
	}
	for _, one := range all[resource] {
		if err := s.call(ctx, http.MethodDelete, s.PubSub, "/v1/"+one.Name, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a test's name fit to be part of a resource's, at most n characters.
func slug(name string, n int) string {
	name = notInNames.ReplaceAllString(strings.ToLower(name), "-")
	return strings.Trim(name[:min(len(name), n)], "-")
}

// suffix is random, so that repeated and parallel runs don't meet.
func suffix() string { return strings.ToLower(rand.Text()[:10]) }
