package identity

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"firebase.google.com/go/v4/auth"
	"golang.org/x/oauth2"
	"google.golang.org/api/option"

	"ticketsystem.example/shared/config"
)

// sdkVersion is told to Google in a header, as the SDK's own entry point does.
const sdkVersion = "4.19.0"

// scopes are what the service account's token must allow.
var scopes = []string{
	"https://www.googleapis.com/auth/cloud-platform",
	"https://www.googleapis.com/auth/identitytoolkit",
}

// building lets one set-up at a time touch what the SDK reads from the process: the
// emulator's variable and the default transport.
var building sync.Mutex

// build sets the SDK up for cfg. In production it finds Application Default Credentials.
func build(cfg config.Config) (*auth.Client, error) {
	building.Lock()
	defer building.Unlock()
	defer sayEmulator(cfg.AuthHost)()

	settings := settingsFor(auth.NewClient)
	settings.ProjectID = cfg.Project
	settings.Version = sdkVersion
	settings.Opts = []option.ClientOption{option.WithScopes(scopes...)}
	if standsIn(cfg) {
		defer replaceDefaultTransport(cfg.GoogleHost)()
		token := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "stand-in"})
		settings.Opts = append(settings.Opts, option.WithTokenSource(token))
	}
	// The SDK keeps this context for as long as it fetches credentials, so it must
	// outlive the request that happened to come first.
	sdk, err := auth.NewClient(context.Background(), settings)
	if err != nil {
		return nil, fmt.Errorf("identity: set up the SDK: %w", err)
	}
	return sdk, nil
}

// settingsFor returns empty settings for a constructor. The type of auth.NewClient's
// settings can't be named outside the SDK, though it can be inferred. The SDK's front
// entrance, firebase.NewApp, would link the SDKs of Firestore, Storage and messaging
// into every function: 17 MB of binary, 11 MB of memory and 3 ms at each start.
func settingsFor[T any](func(context.Context, *T) (*auth.Client, error)) *T { return new(T) }

// sayEmulator makes the variable that the SDK reads agree with the configuration until
// the returned function is called, so that nothing but the configuration can make the
// SDK accept unsigned tokens.
func sayEmulator(host string) (restore func()) {
	const name = "FIREBASE_AUTH_EMULATOR_HOST"
	before, set := os.LookupEnv(name)
	if before == host {
		return func() {}
	}
	os.Setenv(name, host)
	return func() {
		if set {
			os.Setenv(name, before)
			return
		}
		os.Unsetenv(name)
	}
}

// standsIn says whether Google's hosts are played by another one. The emulator comes
// first, since the SDK then speaks with nobody else.
func standsIn(cfg config.Config) bool { return cfg.GoogleHost != "" && cfg.AuthHost == "" }

// replaceDefaultTransport puts the way to a stand-in in place of http.DefaultTransport
// until the returned function is called. The SDK has no other door: the address of
// Google's keys is a constant, and the client that fetches them copies the default
// transport while it is built. A deployed function never comes here, as config refuses
// GoogleHost there.
func replaceDefaultTransport(host string) (restore func()) {
	before := http.DefaultTransport
	http.DefaultTransport = plainTo(host)
	return func() { http.DefaultTransport = before }
}

// plainTo returns a transport that brings every request, whatever its URL, to host over
// plain HTTP. Path and Host header stay, so the stand-in sees what Google would see.
func plainTo(host string) *http.Transport {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, host)
	}
	return &http.Transport{DialContext: dial, DialTLSContext: dial, IdleConnTimeout: 10 * time.Second}
}
