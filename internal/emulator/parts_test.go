package emulator

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func silent(string, ...any) {}

func TestOneOfManyInstallsWhileTheOthersWait(t *testing.T) {
	t.Setenv("TICKETSYSTEM_CACHE", t.TempDir())
	source := file(t, "source", "one", 0o600)
	var mu sync.Mutex
	fills := 0
	dirs, failures := make([]string, 8), make([]error, 8)
	var all sync.WaitGroup
	for i := range dirs {
		all.Go(func() {
			dirs[i], failures[i] = install(t.Context(), "thing", []string{source}, silent, func(dir string) error {
				mu.Lock()
				defer mu.Unlock()
				fills++
				return os.WriteFile(filepath.Join(dir, "made"), nil, 0o600)
			})
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	if fills != 1 || len(slices.Compact(dirs)) != 1 {
		t.Errorf("filled %d times, in %v", fills, dirs)
	}
	if _, err := os.Stat(filepath.Join(dirs[0], "made")); err != nil {
		t.Error(err)
	}
}

func TestAChangedSourceIsInstalledAnew(t *testing.T) {
	t.Setenv("TICKETSYSTEM_CACHE", t.TempDir())
	fill := func(string) error { return nil }
	source := file(t, "source", "one", 0o600)
	one, err := install(t.Context(), "thing", []string{source}, silent, fill)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	two, err := install(t.Context(), "thing", []string{source}, silent, fill)
	if err != nil || one == two {
		t.Errorf("%s and %s, %v", one, two, err)
	}
}

func TestAFailedInstallLeavesNothing(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("TICKETSYSTEM_CACHE", cache)
	source := file(t, "source", "one", 0o600)
	broken := errors.New("no network")
	_, err := install(t.Context(), "thing", []string{source}, silent, func(dir string) error {
		return errors.Join(broken, os.WriteFile(filepath.Join(dir, "half"), nil, 0o600))
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	left, err := filepath.Glob(filepath.Join(cache, "thing-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestAnEmulatorIsTakenFromItsVariable(t *testing.T) {
	path := file(t, "mine.jar", "", 0o600)
	t.Setenv(firestoreBinary.variable, path)
	if got, err := findBinary(t.Context(), firestoreBinary, silent); err != nil || got != path {
		t.Errorf("got %s, %v", got, err)
	}
	t.Setenv(firestoreBinary.variable, path+".gone")
	_, err := findBinary(t.Context(), firestoreBinary, silent)
	if err == nil || !strings.Contains(err.Error(), firestoreBinary.variable) {
		t.Errorf("got %v", err)
	}
}

func TestWithoutCloudSDKTheDownloadedEmulatorIsTaken(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	cache := t.TempDir()
	t.Setenv("FIREBASE_EMULATORS_PATH", cache)
	for _, name := range []string{"cloud-firestore-emulator-v1.19.7.jar", "cloud-firestore-emulator-v1.19.8.jar"} {
		if err := os.WriteFile(filepath.Join(cache, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := findBinary(t.Context(), firestoreBinary, silent)
	if err != nil || filepath.Base(got) != "cloud-firestore-emulator-v1.19.8.jar" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAMissingToolIsNamedWithAWayToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	t.Setenv("FIREBASE_EMULATORS_PATH", t.TempDir())
	_, javaErr := findJava()
	_, binaryErr := findBinary(t.Context(), pubsubBinary, silent)
	for err, want := range map[error]string{javaErr: "apt-get install default-jre", binaryErr: "google-cloud-cli-pubsub-emulator"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want one line with %q, got %v", want, err)
		}
	}
}

func TestJavaHomeComesFirst(t *testing.T) {
	home := t.TempDir()
	java := filepath.Join(home, "bin", "java")
	if err := errors.Join(os.Mkdir(filepath.Dir(java), 0o700), os.WriteFile(java, nil, 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JAVA_HOME", home)
	if got, err := findJava(); err != nil || got != java {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestOutputIsLoggedByLineAndItsEndRemembered(t *testing.T) {
	var log bytes.Buffer
	out := &output{log: newLogWriter(&log), prefix: "auth: "}
	for _, piece := range []string{"one\ntw", "o\n\nthr", strings.Repeat("e", lastWords)} {
		if n, err := out.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	if log.String() != "auth: one\nauth: two\nauth: \n" {
		t.Errorf("logged %q", log.String())
	}
	if out.tail() != strings.Repeat("e", lastWords) {
		t.Errorf("remembered %d bytes", len(out.tail()))
	}
}

func TestSuitesNeverShareAPort(t *testing.T) {
	seen := map[int]bool{}
	for range 20 {
		ports, release, err := takePorts()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(release)
		for _, port := range ports {
			if seen[port] {
				t.Errorf("port %d was given twice", port)
			}
			seen[port] = true
		}
	}
}

func TestNamesForTestsAreValidAndShort(t *testing.T) {
	for in, want := range map[string]string{
		"TestATicket/with spaces & ünï": "testaticket-w",
		"--A--":                         "a",
		"":                              "",
	} {
		if got := slug(in, 13); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestTheLockFilePinsContentAndNamesNoSource(t *testing.T) {
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	if err := readJSON("auth/package-lock.json", &lock); err != nil {
		t.Fatal(err)
	}
	if got := lock.Packages["node_modules/firebase-tools"].Version; got != "14.27.0" {
		t.Errorf("firebase-tools is %q", got)
	}
	for name, entry := range lock.Packages {
		if entry.Resolved != "" || (name != "" && entry.Integrity == "") {
			t.Errorf("%s: resolved %q, integrity %q", name, entry.Resolved, entry.Integrity)
		}
	}
}
