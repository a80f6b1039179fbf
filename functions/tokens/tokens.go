// Package tokens is the HTTP function for signing in: it exchanges e-mail and password,
// or a refresh token, for tokens of Firebase Auth.
//
// Trigger: HTTPS, /api/token/ and /api/token/refresh/; the only operations without a
// token. Reads and writes attempts. A wrong e-mail and a wrong password are answered
// alike, and failures are counted per account and per address. If Firebase Auth is
// down the caller is told to come back. Rights: Firestore documents.
package tokens

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

func init() {
	entry.Function("Tokens", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		a := serve.NewAPI("Ticket System")
		routes(a, handlers{identity.Open(cfg), attempts{d.DB, d.Now}})
		return serve.Guard{API: a, Hops: cfg.ClientIPHops}, nil
	})
}

// Routes adds the function's operations; it is for describing them.
func Routes(a *serve.API, _ *desk.Desk) { routes(a, handlers{}) }

func routes(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/token", ID: "signIn", Tag: "Sign-in", Summary: "Sign in with e-mail and password", Open: true, Raises: []int{401, 429}}, h.signIn)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/token/refresh", ID: "refreshToken", Tag: "Sign-in", Summary: "Exchange a refresh token for new tokens", Open: true, Raises: []int{401, 429}}, h.refresh)
}

type handlers struct {
	people   *identity.Client
	attempts attempts
}

type tokenAnswer struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Access    string `json:"access" doc:"Send it as “Authorization: Bearer …”."`
		Refresh   string `json:"refresh" doc:"Keep it secret; it renews the access token."`
		ExpiresIn int    `json:"expires_in" doc:"Seconds until the access token expires." example:"3600"`
	}
}

func answer(s identity.Session) *tokenAnswer {
	out := &tokenAnswer{CacheControl: "no-store"}
	out.Body.Access, out.Body.Refresh, out.Body.ExpiresIn = s.Access, s.Refresh, int(s.ExpiresIn.Seconds())
	return out
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"3" maxLength:"254" example:"uma@demo.example"`
		Password string `json:"password" minLength:"1" maxLength:"1024"`
	}
}

func (h handlers) signIn(ctx context.Context, in *signInInput) (*tokenAnswer, error) {
	var s identity.Session
	err := h.attempts.guard(ctx, in.Body.Email, func() (err error) {
		s, err = h.people.SignIn(ctx, in.Body.Email, in.Body.Password)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(s), nil
}

type refreshInput struct {
	Body struct {
		Refresh string `json:"refresh" minLength:"1" maxLength:"4096"`
	}
}

func (h handlers) refresh(ctx context.Context, in *refreshInput) (*tokenAnswer, error) {
	var s identity.Session
	err := h.attempts.guard(ctx, "", func() (err error) {
		s, err = h.people.Refresh(ctx, in.Body.Refresh)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(s), nil
}
