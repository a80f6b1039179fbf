// Package register is the HTTP function by which people make accounts for themselves,
// where the stack allows it (SELF_REGISTRATION). Where it doesn't, nothing is there.
//
// Who registers is a user. They may sign in at once, but act only once they have followed
// the link that Firebase mails them; package start/api holds everybody to that. Nobody
// learns from an answer whether an address has an account.
//
// Trigger: HTTPS, /api/register/, without a token. Writes the person and the fact by which
// admit makes the account too, then the account with its password, then has Firebase mail
// a link; counts all wishes in attempts. If it dies in between, registering again mails a
// link to choose a password instead. If Firebase Auth is down the caller is told to come
// back. Rights: Firestore documents, looking up accounts, signing people in, changing
// accounts, invoking relay.
package register

import (
	"context"
	"net/http"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/attempts"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/gcp/identity"
	"ticketsystem.example/shared/gcp/invoke"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/entry"
)

// evenly is how long each registration takes at least, so that its duration says little
// about whether the address has an account: making one takes longer than finding one.
const evenly = time.Second

func init() {
	entry.Function("Register", func(cfg config.Config) (http.Handler, error) {
		d, err := start.Desk(cfg)
		if err != nil {
			return nil, err
		}
		a := serve.NewAPI("Ticket System")
		routes(a, handlers{d, identity.Open(cfg), attempts.Book{DB: d.DB, Now: d.Now}, cfg.SelfRegistration(), evenly})
		limits := serve.NewLimits(0, cfg.PerAddress, cfg.Clock())
		return serve.Guard{API: a, Wake: invoke.NewRelay(cfg), Hops: cfg.ClientIPHops, Limits: limits, Origins: cfg.Origins()}, nil
	})
}

// Routes adds the function's operations; it is for describing them.
func Routes(a *serve.API, _ *desk.Desk) { routes(a, handlers{}) }

func routes(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/register", ID: "register", Tag: "Sign-in", Summary: "Make an account for yourself",
		Description: "Where the organisation allows it (404 where it doesn't). Firebase mails a link; until you have followed it you may sign in, but everything else is answered with 403 and `email_unverified`. After following it, renew the token. The answer is the same if there is an account with that address: its owner is mailed a link to choose a password instead. Sending this again is safe. An address, or who asks, has to wait after too many.",
		Status:      http.StatusAccepted, Open: true, Raises: []int{404}}, h.register)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/register/resend", ID: "resendVerification", Tag: "Sign-in", Summary: "Ask for another link to show that your address is yours",
		Description: "For who has registered and signed in. Who has shown it already is answered alike, and gets no mail.",
		Status:      http.StatusAccepted, Open: true, Raises: []int{401, 404}}, h.resend)
}

// accounts is what identity.Client does with accounts here.
type accounts interface {
	Ensure(ctx context.Context, a identity.Account) error
	SignIn(ctx context.Context, email, password string) (identity.Session, error)
	SendReset(ctx context.Context, email string) error
	SendVerification(ctx context.Context, idToken string) error
	Verify(ctx context.Context, idToken string) (identity.Token, error)
}

type handlers struct {
	desk     *desk.Desk
	accounts accounts
	attempts attempts.Book
	allowed  bool
	least    time.Duration // that a registration takes
}

type registerInput struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"200" example:"Kim Park"`
		Email    string `json:"email" minLength:"3" maxLength:"254" doc:"To sign in with; it stays." example:"kim@demo.example"`
		Password string `json:"password" minLength:"8" maxLength:"1024" example:"correct-horse-battery"`
		Locale   string `json:"locale,omitempty" maxLength:"35" default:"en" doc:"BCP 47." example:"en"`
		Zone     string `json:"zone,omitempty" maxLength:"64" default:"UTC" doc:"IANA time zone." example:"Europe/Berlin"`
	}
}

// LinkAsked says what was done, which is the same for every address.
type LinkAsked struct {
	Detail string `json:"detail" example:"If this address can be registered, a link is on its way to it. Follow it, then sign in."`
}

type asked struct{ Body LinkAsked }

func (h handlers) register(ctx context.Context, in *registerInput) (*asked, error) {
	if !h.allowed {
		return nil, fault.Missing("registration")
	}
	over := time.NewTimer(h.least)
	defer over.Stop()
	b := in.Body
	if err := h.attempts.Spend(ctx, "registration", serve.Address(ctx), b.Email); err != nil {
		return nil, err
	}
	p, err := h.desk.Register(ctx, desk.Registration{Name: b.Name, Email: b.Email, Locale: b.Locale, Zone: b.Zone}, desk.Options{Trace: serve.Trace(ctx)})
	if err == nil {
		err = h.account(ctx, p, b.Password)
	}
	if err != nil && !fault.Is(err, fault.Conflict) {
		return nil, err
	}
	if err := h.mail(ctx, b.Email, b.Password); err != nil {
		return nil, err
	}
	select {
	case <-over.C:
	case <-ctx.Done():
	}
	return &asked{LinkAsked{"If this address can be registered, a link is on its way to it. Follow it, then sign in."}}, nil
}

// account makes the account of somebody new. A password that Firebase does not take is
// chosen anew by the link that is mailed then.
func (h handlers) account(ctx context.Context, p desk.Person, password string) error {
	err := h.accounts.Ensure(ctx, identity.Account{
		UID: string(p.ID), Email: p.Email, Name: p.Name, Password: password, Role: string(p.Role), OwnVerification: true,
	})
	if fault.Is(err, fault.Invalid) {
		return nil
	}
	return err
}

// mail has a link mailed: to show that the address is theirs to who knows the password, to
// choose another to the owner otherwise. It does the same for old and new accounts.
func (h handlers) mail(ctx context.Context, email, password string) error {
	s, err := h.accounts.SignIn(ctx, email, password)
	if err == nil {
		return h.verification(ctx, s.Access)
	}
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Invalid) {
		return h.accounts.SendReset(ctx, email)
	}
	return err
}

// verification has the bearer of a token mailed a link unless they have no need of it.
func (h handlers) verification(ctx context.Context, access string) error {
	t, err := h.accounts.Verify(ctx, access)
	if err != nil || t.EmailVerified {
		return err
	}
	return h.accounts.SendVerification(ctx, access)
}

type resendInput struct {
	Body struct {
		Access string `json:"access" minLength:"1" maxLength:"8192" doc:"Your access token." example:"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJraW0ifQ.c2lnbmF0dXJl"`
	}
}

func (h handlers) resend(ctx context.Context, in *resendInput) (*asked, error) {
	if !h.allowed {
		return nil, fault.Missing("registration")
	}
	var t identity.Token
	err := h.attempts.Guard(ctx, serve.Address(ctx), "", func() (err error) {
		t, err = h.accounts.Verify(ctx, in.Body.Access)
		return err
	})
	if err == nil {
		err = h.attempts.Spend(ctx, "verification", serve.Address(ctx), t.UID)
	}
	if err == nil && !t.EmailVerified {
		err = h.accounts.SendVerification(ctx, in.Body.Access)
	}
	if err != nil {
		return nil, err
	}
	return &asked{LinkAsked{"If your address is still to be shown to be yours, a link is on its way to it."}}, nil
}
