package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// env reads from a map, as From reads from the environment.
func env(pairs ...string) func(string) string {
	m := map[string]string{"GOOGLE_CLOUD_PROJECT": "p"}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestDefaultsAreThoseOfProduction(t *testing.T) {
	c, err := From(env())
	want := Config{Project: "p", Database: "(default)", Topic: "facts", ClientIPHops: 1, PerPerson: 600, PerAddress: 6000, Registration: "off", MailPush: "secret", MailStrangers: "introduce"}
	if err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestEveryVariableReachesItsField(t *testing.T) {
	c, err := From(env(
		"FIRESTORE_DATABASE", "d", "FACTS_TOPIC", "t", "RELAY_URL", "http://relay", "FIREBASE_API_KEY", "key", "FORWARDED_HOPS", "2",
		"FIRESTORE_EMULATOR_HOST", "a:1", "FIREBASE_AUTH_EMULATOR_HOST", "b:2", "PUBSUB_EMULATOR_HOST", "c:3", "STORAGE_EMULATOR_HOST", "d:4",
		"GOOGLE_APIS_HOST", "e:5", "CLOCK_FILE", "/clock", "ALLOWED_ORIGINS", "https://a.example,https://b.example", "RATE_PER_PERSON", "5", "RATE_PER_ADDRESS", "0",
		"QUARANTINE_BUCKET", "q", "CLEAN_BUCKET", "c", "CLAMD_ADDRESS", "f:6", "FILE_TYPES", "image/png=.png", "STORAGE_EMULATOR_SIGNER", "s@x", "STORAGE_EMULATOR_SIGNING_KEY", "k",
		"SELF_REGISTRATION", "on",
		"MAIL_BUCKET", "m", "MAIL_SECRETS", "a-secret-of-sixteen-or-more", "MAIL_PUSH", "signed", "MAIL_CHECKER", "mx", "MAIL_STRANGERS", "triage", "MAIL_MACHINES", "@a.example",
		"MAIL_DOMAIN", "mail.example", "MAIL_KEYS", "one two", "MAIL_FROM", "desk@mail.example",
		"SMTP_ADDRESS", "g:7", "SMTP_USER", "u", "SMTP_PASSWORD", "p", "SMTP_PLAIN", "1", "SITE_URL", "https://desk.example"))
	want := Config{
		Project: "p", Database: "d", Topic: "t", RelayURL: "http://relay", APIKey: "key", ClientIPHops: 2,
		FirestoreHost: "a:1", AuthHost: "b:2", PubSubHost: "c:3", StorageHost: "d:4", GoogleHost: "e:5", ClockFile: "/clock",
		AllowedOrigins: "https://a.example,https://b.example", PerPerson: 5,
		QuarantineBucket: "q", CleanBucket: "c", Scanner: "f:6", FileTypes: "image/png=.png", StorageSigner: "s@x", StorageKey: "k",
		Registration: "on",
		MailBucket:   "m", MailSecrets: "a-secret-of-sixteen-or-more", MailPush: "signed", MailChecker: "mx", MailStrangers: "triage", MailMachines: "@a.example",
		MailDomain: "mail.example", MailKeys: "one two", MailFrom: "desk@mail.example",
		SMTP: "g:7", SMTPUser: "u", SMTPPassword: "p", SMTPPlain: "1", SiteURL: "https://desk.example",
	}
	if err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestTheProcessesEnvironmentIsRead(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "from-the-environment")
	t.Setenv("K_SERVICE", "")
	if c, err := FromEnv(); err != nil || c.Project != "from-the-environment" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestADeployedFunctionRefusesEachLocalSetting(t *testing.T) {
	for _, name := range []string{"FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "STORAGE_EMULATOR_SIGNER", "STORAGE_EMULATOR_SIGNING_KEY", "GOOGLE_APIS_HOST", "CLOCK_FILE", "SMTP_PLAIN"} {
		if _, err := From(env(name, "1")); err != nil {
			t.Errorf("%s on a laptop: %v", name, err)
		}
		_, err := From(env("K_SERVICE", "tickets", name, "1"))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s where deployed: %v", name, err)
		}
	}
	if c, err := From(env("K_SERVICE", "tickets")); err != nil || c.Service != "tickets" {
		t.Errorf("got %+v, %v", c, err)
	}
	_, err := From(env("K_SERVICE", "tickets", "CLOCK_FILE", "x", "PUBSUB_EMULATOR_HOST", "y"))
	if err == nil || !strings.Contains(err.Error(), "PUBSUB_EMULATOR_HOST, CLOCK_FILE") {
		t.Errorf("a refusal names all settings: %v", err)
	}
}

func TestAProjectIsNeeded(t *testing.T) {
	if _, err := From(env("GOOGLE_CLOUD_PROJECT", "")); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("got %v", err)
	}
}

func TestForwardedHopsIsASmallNumber(t *testing.T) {
	for _, bad := range []string{"0", "-1", "9", "x", "1x", "1 2", "1.0", " "} {
		if _, err := From(env("FORWARDED_HOPS", bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTheRealClockIsInUTC(t *testing.T) {
	before := time.Now()
	got := Config{}.Clock()()
	if got.Location() != time.UTC || got.Before(before) || got.After(time.Now()) {
		t.Errorf("got %v", got)
	}
}

func TestAFileShiftsTheClock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	now := Config{ClockFile: file}.Clock()
	if d := time.Until(now()); d > time.Second || d < -time.Second {
		t.Errorf("without a file it is off by %v", d)
	}
	shiftsTo := func(content string, want time.Duration) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(5 * time.Second); ; {
			off := time.Until(now()) - want
			if off < time.Second && off > -time.Second {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%q: off by %v", content, off)
			}
		}
	}
	shiftsTo("72h\n", 72*time.Hour)
	shiftsTo("-1h30m", -90*time.Minute)
	if now().Location() != time.UTC {
		t.Error("not in UTC")
	}
}

func TestABrokenClockFileLeavesTheShiftAsItWas(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	s := newShifted(file)
	s.shift = time.Hour
	for _, content := range []string{"", "soon", "5"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s.read = time.Time{} // as if long ago
		if d := time.Until(s.now()) - time.Hour; d > time.Second || d < -time.Second {
			t.Errorf("%q: off by %v", content, d)
		}
	}
}

func TestTheClockFileIsNotReadForEveryCall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	s := newShifted(file)
	s.read, s.shift = time.Now().Add(time.Hour), 0 // as if just now, however slow the test is
	if err := os.WriteFile(file, []byte("72h"), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := time.Until(s.now()); d > time.Minute {
		t.Errorf("shifted by %v", d)
	}
}

func TestOriginsAreNamedOneByOne(t *testing.T) {
	c, err := From(env("ALLOWED_ORIGINS", "https://a.example, https://b.example"))
	if got := c.Origins(); err != nil || !reflect.DeepEqual(got, []string{"https://a.example", "https://b.example"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := From(env("ALLOWED_ORIGINS", "*")); err == nil {
		t.Error("everybody's pages were let in")
	}
}

func TestALimitIsANumberOfRequests(t *testing.T) {
	for _, name := range []string{"RATE_PER_PERSON", "RATE_PER_ADDRESS"} {
		for _, bad := range []string{"-1", "many", "1.5"} {
			if _, err := From(env(name, bad)); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v", name, bad, err)
			}
		}
	}
}

func TestNobodyRegistersUnlessItIsSwitchedOn(t *testing.T) {
	for value, want := range map[string]bool{"": false, "off": false, "true": false, "ON": false, "on": true} {
		c, err := From(func(name string) string {
			return map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "SELF_REGISTRATION": value}[name]
		})
		if err != nil || c.SelfRegistration() != want {
			t.Errorf("%q: %v, %v", value, c.SelfRegistration(), err)
		}
	}
}
