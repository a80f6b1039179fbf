package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/generate"
	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
)

// Elsewhere are the functions that the twin can't be, and what they need. Their
// operations are played to the whole system.
var Elsewhere = map[string]string{
	"tokens":   "accounts in Firebase Auth",
	"register": "accounts in Firebase Auth",
}

// Twin is every function of the API in this process, over the in-memory database.
type Twin struct {
	desk  *desk.Desk
	apis  map[string]http.Handler
	facts event.Relay
}

// NewTwin starts a twin with the organisation and the people of the demo data in folder.
func NewTwin(ctx context.Context, folder string) (*Twin, error) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := desk.New(docdb.Open(docdb.NewMemory(), start.Indexes()), func() time.Time { now = now.Add(time.Millisecond); return now })
	d.Files = blob.NewMemory("http://files.invalid", d.Now)
	t := &Twin{desk: d, apis: map[string]http.Handler{}}
	t.facts = event.Relay{DB: d.DB, To: t}
	for name, add := range generate.Routes() {
		if Elsewhere[name] != "" {
			continue
		}
		a := serve.NewAPI("Twin")
		add(a, d)
		t.apis[name] = serve.Guard{API: a, Auth: signedIn{d}}
	}
	return t, t.fill(ctx, folder)
}

// fill makes the demo organisation.
func (t *Twin) fill(ctx context.Context, folder string) error {
	var org desk.Organisation
	var people []desk.Person
	if err := read(filepath.Join(folder, "organisation.json"), &org); err != nil {
		return err
	}
	if err := read(filepath.Join(folder, "people.json"), &people); err != nil {
		return err
	}
	if err := t.desk.SaveOrganisation(ctx, org); err != nil {
		return err
	}
	for _, p := range people {
		p.Disabled = p.ID == desk.PersonID(disabled)
		if err := t.desk.SavePerson(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func read(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// signedIn takes a person's id for their token.
type signedIn struct{ *desk.Desk }

// Actor implements serve.Authenticator.
func (s signedIn) Actor(ctx context.Context, token string) (desk.Actor, error) {
	p, err := s.Person(ctx, desk.PersonID(token))
	if err != nil || p.Disabled {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "token_invalid", "Please sign in.")
	}
	return p.Actor(), nil
}

// Knows reports whether the twin serves the operation.
func (t *Twin) Knows(o Operation) bool {
	f, ok := functions.Owner(o.Path)
	return ok && t.apis[f.Name] != nil
}

// Send makes a request as a person, "" for nobody; headers come in pairs.
func (t *Twin) Send(ctx context.Context, person, method, path, body string, head ...string) (Answer, error) {
	address, _, _ := strings.Cut(path, "?")
	f, ok := functions.Owner(address)
	if !ok || t.apis[f.Name] == nil {
		return Answer{}, fmt.Errorf("contract: nothing answers %s", path)
	}
	r := httptest.NewRequestWithContext(ctx, method, "http://twin"+path, strings.NewReader(body))
	if person != "" {
		r.Header.Set("Authorization", "Bearer "+person)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	t.apis[f.Name].ServeHTTP(w, r)
	return Answer{w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()}, nil
}

// Settle delivers what has happened, as Pub/Sub would.
func (t *Twin) Settle(ctx context.Context) error {
	_, err := t.facts.Drain(ctx)
	return err
}

// Publish implements event.Publisher: tickets are routed, and people told.
func (t *Twin) Publish(ctx context.Context, events []event.Event) error {
	for _, e := range events {
		if slices.Contains(notification.Kinds, e.Type) {
			if err := notification.Handle(ctx, t.desk, e); err != nil {
				return err
			}
		}
		if !slices.Contains(routing.Kinds, e.Type) {
			continue
		}
		if err := routing.Handle(ctx, t.desk, e); err != nil {
			return err
		}
	}
	return nil
}
