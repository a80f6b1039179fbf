package emulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// helperVariable turns this test program into one that starts a suite, prints
// its processes and addresses, and waits to be killed.
const helperVariable = "EMULATOR_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		help()
	}
	Main(m)
}

func help() {
	suite, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, kind := range All() {
		fmt.Println(suite.PID(kind), *suite.address(kind))
	}
	fmt.Println("started")
	select {}
}

// start starts a suite of the test's own and stops it when the test ends.
func start(t *testing.T, options Options) *Suite {
	t.Helper()
	suite, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, suite) })
	return suite
}

func stop(t *testing.T, suite *Suite) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := suite.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// eventually polls until what is so, for at most ten seconds.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(pollEvery)
	}
}

// isGone says whether no process has the id, or only a dead one that nobody has
// collected yet.
func isGone(t *testing.T, pid int) bool {
	t.Helper()
	state, err := processState(pid)
	if err != nil {
		t.Fatal(err)
	}
	return state == stateNone || state == stateZombie
}

func isOpen(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

// answers says whether an emulator answers. One that does may take long on a machine
// with much to do.
func answers(suite *Suite, kind Kind) bool { return answersWithin(suite, kind, 10*time.Second) }

func answersWithin(suite *Suite, kind Kind, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if answersOK(ctx, "http://"+*suite.address(kind)+readyPath(kind)) {
			return true
		}
		time.Sleep(pollEvery)
	}
	return false
}

// ask makes a request that must succeed.
func ask(t *testing.T, suite *Suite, method, address, path string, in, out any) {
	t.Helper()
	if err := suite.call(t.Context(), method, address, path, in, out); err != nil {
		t.Fatal(err)
	}
}

// askFails makes a request that must be refused, and returns the refusal.
func askFails(t *testing.T, suite *Suite, method, address, path string, in any) string {
	t.Helper()
	err := suite.call(t.Context(), method, address, path, in, nil)
	if err == nil {
		t.Fatalf("%s %s succeeded", method, path)
	}
	return err.Error()
}

// statusAsStranger is the status of a request without credentials.
func statusAsStranger(t *testing.T, method, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := prober.Transport.RoundTrip(request) // without the prober's impatience
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
