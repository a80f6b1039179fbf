package identity

import (
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

// wantFault checks an error's kind and code, and that what a person reads of it shows
// nothing of how it came about.
func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || f.Code != code {
		t.Fatalf("got %v (%s), want %s %s", err, fault.KindOf(err), kind, code)
	}
	if insides.MatchString(f.Message) || !strings.HasSuffix(f.Message, ".") {
		t.Errorf("the message shows insides or is no sentence: %q", f.Message)
	}
}

var insides = regexp.MustCompile(`(?i)firebase|google|sdk|http|jwt|\baud\b|kid|segment|[A-Z]+_[A-Z]+|%!|127\.`)

func TestAGoodTokenSaysWhoAndWhatItsBearerIs(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	content := umas()
	got, err := g.client().Verify(t.Context(), rs256("key-1", signingKey("key-1"), content))
	if err != nil {
		t.Fatal(err)
	}
	at := func(claim string) time.Time { return time.Unix(content[claim].(int64), 0).UTC() }
	want := Token{
		UID: "uma", Email: "uma@demo.example", EmailVerified: true,
		Role: "staff", Departments: []string{"network", "hardware"},
		IssuedAt: at("iat"), AuthTime: at("auth_time"), Expires: at("exp"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestClaimsOfTheWrongTypeGrantNothing(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	odd := umas().but(claims{"role": []string{"admin"}, "departments": []any{1, "", "network"}, "email_verified": "yes"})
	got, err := g.client().Verify(t.Context(), rs256("key-1", signingKey("key-1"), odd))
	if err != nil {
		t.Fatal(err)
	}
	if got.Role != "" || got.EmailVerified || !reflect.DeepEqual(got.Departments, []string{"network"}) {
		t.Errorf("got %+v", got)
	}
}

func TestForgedAndSpoiltTokensAreRefused(t *testing.T) {
	t.Parallel()
	key := signingKey("key-1")
	good := rs256("key-1", key, umas())
	parts := strings.Split(good, ".")
	with := func(changes claims) string { return rs256("key-1", key, umas().but(changes)) }
	cases := []struct{ name, token, code string }{
		{"none", "", "token_missing"},
		{"a word", "hello", "token_malformed"},
		{"two parts", parts[0] + "." + parts[1], "token_malformed"},
		{"four parts", good + ".x", "token_malformed"},
		{"not base64", "!." + parts[1] + "." + parts[2], "token_malformed"},
		{"signature not base64", parts[0] + "." + parts[1] + ".!", "token_malformed"},
		{"content not JSON", parts[0] + ".aGVsbG8." + parts[2], "token_malformed"},
		{"far too long", with(claims{"name": strings.Repeat("x", maxToken)}), "token_malformed"},
		{"unknown key", rs256("key-9", key, umas()), "token_invalid"},
		{"no key named", rs256("", key, umas()), "token_invalid"},
		{"another's signature", rs256("key-1", signingKey("key-2"), umas()), "token_invalid"},
		{"content exchanged", parts[0] + "." + segment(umas().but(claims{"sub": "ada"})) + "." + parts[2], "token_invalid"},
		{"signature missing", parts[0] + "." + parts[1] + ".", "token_invalid"},
		{"HS256 with the public key", hs256("key-1", key, umas()), "token_invalid"},
		{"alg none", unsigned(umas()), "token_invalid"},
		{"another project", with(claims{"aud": "other"}), "token_invalid"},
		{"another project's issuer", with(claims{"iss": "https://securetoken.google.com/other"}), "token_invalid"},
		{"another issuer", with(claims{"iss": "https://accounts.google.com"}), "token_invalid"},
		{"no audience", with(claims{"aud": nil}), "token_invalid"},
		{"nobody", with(claims{"sub": ""}), "token_invalid"},
		{"overlong subject", with(claims{"sub": strings.Repeat("u", 129)}), "token_invalid"},
		{"issued in an hour", with(claims{"iat": secondsAgo(-3600)}), "token_invalid"},
		{"issued in two minutes", with(claims{"iat": secondsAgo(-120)}), "token_invalid"},
		{"signed in tomorrow", with(claims{"auth_time": secondsAgo(-86400)}), "token_invalid"},
		{"valid from tomorrow", with(claims{"nbf": secondsAgo(-86400)}), "token_invalid"},
		{"a tenant's", with(claims{"firebase": map[string]any{"tenant": "t1"}}), "token_invalid"},
		{"expired an hour ago", with(claims{"exp": secondsAgo(3600)}), "token_expired"},
		{"expired a moment ago", with(claims{"exp": secondsAgo(1)}), "token_expired"},
		{"without an end", with(claims{"exp": nil}), "token_expired"},
		{"account gone", with(claims{"sub": "nobody"}), "token_revoked"},
	}
	client := newGoogle(t).client()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := client.Verify(t.Context(), c.token)
			wantFault(t, err, fault.Unauthenticated, c.code)
		})
	}
	if _, err := client.Verify(t.Context(), good); err != nil {
		t.Errorf("and the good one: %v", err)
	}
}

func TestARevokedSignInIsRefusedHoweverFreshTheToken(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	for name, validSince := range map[string]int64{
		"revoked since the token was issued":                       secondsAgo(30),
		"revoked between the sign-in and the token's last renewal": secondsAgo(300),
	} {
		g.set(func() { g.people["uma"] = person{ValidSince: validSince} })
		_, err := client.Verify(t.Context(), g.good())
		t.Log(name)
		wantFault(t, err, fault.Unauthenticated, "token_revoked")
	}
	g.set(func() { g.people["uma"] = person{ValidSince: secondsAgo(601)} })
	if _, err := client.Verify(t.Context(), g.good()); err != nil {
		t.Errorf("a sign-in from after the revocation: %v", err)
	}
}

func TestASwitchedOffAccountIsRefused(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	g.set(func() { g.people["uma"] = person{Disabled: true} })
	_, err := g.client().Verify(t.Context(), g.good())
	wantFault(t, err, fault.Unauthenticated, "account_disabled")
}

func TestKeysAreKeptForTheirMaxAgeAndNoLonger(t *testing.T) {
	t.Parallel()
	second := rs256("key-2", signingKey("key-2"), umas())

	g := newGoogle(t)
	kept := g.client()
	if _, err := kept.Verify(t.Context(), g.good()); err != nil {
		t.Fatal(err)
	}
	g.set(func() { g.published = []string{"key-2"} })
	if _, err := kept.Verify(t.Context(), g.good()); err != nil {
		t.Errorf("keys were asked for again within max-age: %v", err)
	}
	_, err := kept.Verify(t.Context(), second)
	wantFault(t, err, fault.Unauthenticated, "token_invalid")

	g.set(func() { g.published, g.maxAge = []string{"key-1"}, 1 })
	rotating := g.client()
	if _, err := rotating.Verify(t.Context(), g.good()); err != nil {
		t.Fatal(err)
	}
	g.set(func() { g.published = []string{"key-2"} })
	eventually(t, "the new key is accepted", func() error {
		_, err := rotating.Verify(t.Context(), second)
		return err
	})
	_, err = rotating.Verify(t.Context(), g.good())
	wantFault(t, err, fault.Unauthenticated, "token_invalid")
}

// eventually polls until f succeeds.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s: %v", what, err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestAFailingGoogleIsUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	fails := func(during string) {
		t.Helper()
		t.Log(during)
		g.set(func() { g.broken = http.StatusServiceUnavailable })
		client.patience = 300 * time.Millisecond // the SDK repeats for longer
		_, err := client.Verify(t.Context(), g.good())
		wantFault(t, err, fault.Unavailable, "unavailable")
		g.set(func() { g.broken = 0 })
		client.patience = patience
	}
	fails("while the keys are fetched")
	if _, err := client.Verify(t.Context(), g.good()); err != nil {
		t.Fatalf("after the keys came back: %v", err)
	}
	fails("while the account is looked up")
	if _, err := client.Verify(t.Context(), g.good()); err != nil {
		t.Fatalf("after the accounts came back: %v", err)
	}
}

func TestOurOwnMissingRightsAreNobodysFault(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	client := g.client()
	if _, err := client.Verify(t.Context(), g.good()); err != nil {
		t.Fatal(err)
	}
	g.set(func() { g.broken = http.StatusForbidden })
	if _, err := client.Verify(t.Context(), g.good()); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v (%s), want an internal error", err, fault.KindOf(err))
	}
}

func TestNothingHangsWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	silent := listener(t)
	gone := listener(t)
	gone.Close() // and refuses from now on
	token := rs256("key-1", signingKey("key-1"), umas())
	calls := map[string]func(context.Context, *Client) error{
		"verify": func(ctx context.Context, c *Client) error { _, err := c.Verify(ctx, token); return err },
		"sign in": func(ctx context.Context, c *Client) error {
			_, err := c.SignIn(ctx, "a@b.example", "secret")
			return err
		},
		"refresh": func(ctx context.Context, c *Client) error { _, err := c.Refresh(ctx, "refresh-1"); return err },
		"disable": func(ctx context.Context, c *Client) error { return c.Disable(ctx, "uma", true) },
	}
	for _, host := range []string{silent.Addr().String(), gone.Addr().String()} {
		client := Open(config.Config{Project: project, APIKey: "web-key", GoogleHost: host})
		client.patience = 200 * time.Millisecond
		for name, call := range calls {
			t.Run(name, func(t *testing.T) {
				began := time.Now()
				wantFault(t, call(t.Context(), client), fault.Unavailable, "unavailable")
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
}

// listener accepts on 127.0.0.1 and never says a word.
func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestVerifyEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	client := Open(config.Config{Project: project, GoogleHost: listener(t).Addr().String()})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	_, err := client.Verify(ctx, rs256("key-1", signingKey("key-1"), umas()))
	wantFault(t, err, fault.Unavailable, "unavailable")
	if took := time.Since(began); took > patience/2 {
		t.Errorf("took %v", took)
	}
}
