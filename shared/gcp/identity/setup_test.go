package identity

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

// wantFields checks that exactly these input values are named.
func wantFields(t *testing.T, err error, names ...string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("got %v, want invalid %v", err, names)
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Name)
	}
	if !slices.Equal(got, names) {
		t.Errorf("names %v, want %v", got, names)
	}
}

func TestAFailedSetUpIsTriedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials.json")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	client := Open(config.Config{Project: project})
	_, err := client.Verify(t.Context(), "hello")
	wantFault(t, err, fault.Unavailable, "unavailable")

	if err := os.WriteFile(file, serviceAccount(t, "127.0.0.1:1"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = client.Verify(t.Context(), "hello")
	wantFault(t, err, fault.Unauthenticated, "token_malformed")
}

func TestCredentialsThatNeverComeAreNotWaitedFor(t *testing.T) {
	silent := listener(t)
	asked := make(chan struct{})
	go func() {
		if _, err := silent.Accept(); err == nil {
			close(asked)
		}
	}()
	file := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(file, serviceAccount(t, silent.Addr().String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	client := Open(config.Config{Project: project})
	client.patience = 200 * time.Millisecond
	began := time.Now()
	wantFault(t, client.Disable(t.Context(), "uma", true), fault.Unavailable, "unavailable")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	<-asked
}

// serviceAccount is a credentials file with a key that nobody knows, to be exchanged for
// access tokens at host.
func serviceAccount(t *testing.T, host string) []byte {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(signingKey("service"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": project, "private_key_id": "1",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"client_email": "desk@demo-desk.iam.gserviceaccount.com", "client_id": "1",
		"token_uri": "http://" + host + "/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpenReachesForNothing(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
	if client := Open(config.Config{}); client.sdk != nil {
		t.Error("the SDK was set up")
	}
}

func TestOnlyTheConfigurationTurnsTheEmulatorOn(t *testing.T) {
	const name = "FIREBASE_AUTH_EMULATOR_HOST"
	g := newGoogle(t)
	t.Setenv(name, g.host)
	_, err := g.client().Verify(t.Context(), unsigned(umas()))
	wantFault(t, err, fault.Unauthenticated, "token_invalid")
	if os.Getenv(name) != g.host {
		t.Error("the environment was not put back")
	}

	os.Unsetenv(name)
	emulated := Open(config.Config{Project: project, AuthHost: "127.0.0.1:1"})
	emulated.patience = 200 * time.Millisecond
	_, err = emulated.Verify(t.Context(), unsigned(umas())) // believed, then the account can't be asked for
	wantFault(t, err, fault.Unavailable, "unavailable")
	if _, set := os.LookupEnv(name); set {
		t.Error("the environment was not put back")
	}
}

func TestGoogleIsToldTheSDKsTrueVersion(t *testing.T) {
	module, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^\s*firebase\.google\.com/go/v4 v` + sdkVersion + `\b`).Match(module) {
		t.Errorf("sdkVersion is %s, go.mod requires another", sdkVersion)
	}
}

// FuzzVerify looks for strings that are accepted or bring the process down. In
// emulator mode no signature protects the code behind.
func FuzzVerify(f *testing.F) {
	for _, seed := range []string{
		"", ".", "..", "e30.e30.", "bnVsbA.bnVsbA.", "W10.W10.", unsigned(umas()),
		unsigned(umas().but(claims{"sub": 1})), unsigned(umas().but(claims{"firebase": []int{1}})),
		unsigned(umas().but(claims{"iat": -1e30})), unsigned(umas().but(claims{"nbf": 1e300})),
	} {
		f.Add(seed)
	}
	client := Open(config.Config{Project: project, AuthHost: "127.0.0.1:1"})
	client.patience = 50 * time.Millisecond
	f.Fuzz(func(t *testing.T, token string) {
		_, err := client.Verify(t.Context(), token)
		if !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}
