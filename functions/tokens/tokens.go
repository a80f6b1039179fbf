// Package tokens is the HTTP function for signing in: it exchanges e-mail and password,
// or a refresh token, for tokens of Firebase Auth, and has Firebase mail links by which
// people choose a password.
//
// Trigger: HTTPS, /api/token/ and what is below it; the only operations without a
// token. Reads and writes attempts. A wrong e-mail and a wrong password are answered
// alike, and failures are counted per account and per address. If Firebase Auth is
// down the caller is told to come back. Rights: Firestore documents, looking up
// accounts, signing people in.
package tokens

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/attempts"
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
		routes(a, handlers{identity.Open(cfg), attempts.Book{DB: d.DB, Now: d.Now}})
		limits := serve.NewLimits(0, cfg.PerAddress, cfg.Clock())
		return serve.Guard{API: a, Hops: cfg.ClientIPHops, Limits: limits, Origins: cfg.Origins()}, nil
	})
}

// Routes adds the function's operations; it is for describing them.
func Routes(a *serve.API, _ *desk.Desk) { routes(a, handlers{}) }

func routes(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/token", ID: "signIn", Tag: "Sign-in", Summary: "Sign in with e-mail and password", Description: "A wrong e-mail and a wrong password are answered alike. After too many failures an account, or an address, has to wait.", Open: true, Raises: []int{401}}, h.signIn)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/token/refresh", ID: "refreshToken", Tag: "Sign-in", Summary: "Exchange a refresh token for new tokens", Description: "Do this shortly before `expires_in` is over. Keep the new refresh token and forget the old one.", Open: true, Raises: []int{401}}, h.refresh)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/token/reset", ID: "resetPassword", Tag: "Sign-in", Summary: "Ask for a link to choose a password", Description: "If there is an account with that address, Firebase mails it a link. The answer is the same if there is none. An account, or an address that asks, has to wait after too many.", Status: http.StatusAccepted, Open: true}, h.reset)
}

type handlers struct {
	people   *identity.Client
	attempts attempts.Book
}

// Tokens is what signing in gives.
type Tokens struct {
	Access    string `json:"access" doc:"Send it as “Authorization: Bearer …”." example:"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1bWEifQ.c2lnbmF0dXJl"`
	Refresh   string `json:"refresh" doc:"Keep it secret; it renews the access token." example:"AMf-vBx2k9Qm"`
	ExpiresIn int    `json:"expires_in" doc:"Seconds until the access token expires." example:"3600"`
}

type tokenAnswer struct {
	CacheControl string `header:"Cache-Control" doc:"Tokens are not for caches." example:"no-store"`
	Body         Tokens
}

func answer(s identity.Session) *tokenAnswer {
	return &tokenAnswer{CacheControl: "no-store", Body: Tokens{Access: s.Access, Refresh: s.Refresh, ExpiresIn: int(s.ExpiresIn.Seconds())}}
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"3" maxLength:"254" example:"uma@demo.example"`
		Password string `json:"password" minLength:"1" maxLength:"1024" example:"demo-pass-1234"`
	}
}

func (h handlers) signIn(ctx context.Context, in *signInInput) (*tokenAnswer, error) {
	var s identity.Session
	err := h.attempts.Guard(ctx, serve.Address(ctx), in.Body.Email, func() (err error) {
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
		Refresh string `json:"refresh" minLength:"1" maxLength:"4096" doc:"From signing in, or from the last renewal." example:"AMf-vBx2k9Qm"`
	}
}

func (h handlers) refresh(ctx context.Context, in *refreshInput) (*tokenAnswer, error) {
	var s identity.Session
	err := h.attempts.Guard(ctx, serve.Address(ctx), "", func() (err error) {
		s, err = h.people.Refresh(ctx, in.Body.Refresh)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(s), nil
}

type resetInput struct {
	Body struct {
		Email string `json:"email" minLength:"3" maxLength:"254" example:"uma@demo.example"`
	}
}

// Asked says what was done, which is the same for every address.
type Asked struct {
	Detail string `json:"detail" example:"If there is an account with this address, a link is on its way to it."`
}

func (h handlers) reset(ctx context.Context, in *resetInput) (*struct{ Body Asked }, error) {
	if err := h.attempts.Spend(ctx, "reset", serve.Address(ctx), in.Body.Email); err != nil {
		return nil, err
	}
	if err := h.people.SendReset(ctx, in.Body.Email); err != nil {
		return nil, err
	}
	return &struct{ Body Asked }{Asked{"If there is an account with this address, a link is on its way to it."}}, nil
}
