package delivery_test

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/mailbox"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/delivery/email"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/notification"
)

// office is a desk on the twin whose mail goes to a real server.
type office struct {
	delivery.Office
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
	mail  *mailbox.Server
}

// settings are those of a server on this machine.
func settings(address string) config.Config {
	return config.Config{SMTP: address, SMTPPlain: "1", MailFrom: "Help desk <desk@mail.example>", MailDomain: "mail.example", MailKeys: "a-key-of-sixteen-or-more"}
}

func newOffice(t *testing.T) *office {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	store := docdb.NewMemory()
	d := desk.New(docdb.Open(store, desk.Indexes(), notification.Indexes()).Twice(), func() time.Time { return at })
	server, err := mailbox.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	carrier, err := email.New(settings(server.Address))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{delivery.Office{
		Desk: d, Site: "https://desk.example/", Carriers: map[notification.Channel]delivery.Carrier{notification.Email: carrier},
	}, t, store, &at, server}
	o.must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true, Managers: []desk.PersonID{"mia"}}}}))
	for id, p := range map[desk.PersonID]desk.Person{
		"mia": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}, Locale: "de"}, "nora": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}},
		"uma": {Role: desk.RoleUser, Locale: "tr"}, "otto": {Role: desk.RoleUser},
	} {
		p.ID, p.Name, p.Email, p.Zone = id, strings.ToUpper(string(id)), string(id)+"@demo.example", "UTC"
		o.must(d.SavePerson(t.Context(), p))
		o.wants(id, func(p *notification.Preferences) {
			for _, kind := range notification.Types {
				p.Choose(kind, notification.Email, true)
			}
		})
	}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(id desk.PersonID) desk.Actor {
	p, err := o.Desk.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

func (o *office) wants(id desk.PersonID, change func(*notification.Preferences)) {
	o.t.Helper()
	_, err := notification.ChangePreferences(o.t.Context(), o.Desk, o.as(id), change)
	o.must(err)
}

// ticket is a new one of Uma's, of which nobody has been told.
func (o *office) ticket(title string) desk.Ticket {
	o.t.Helper()
	t, err := o.Desk.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: title, Description: "It smells.", Department: "it"}, desk.Options{})
	o.must(err)
	o.settle(false)
	return t
}

func (o *office) say(who desk.PersonID, t desk.Ticket, body string, internal bool) {
	o.t.Helper()
	_, err := o.Desk.Comment(o.t.Context(), o.as(who), string(t.ID), desk.NewComment{Body: body, Internal: internal}, desk.Options{})
	o.must(err)
}

// settle hands every fact to who acts on it, twice each, as Pub/Sub may; without send,
// messages stay where they are.
func (o *office) settle(send bool) {
	o.t.Helper()
	for {
		facts := o.store.Dump(event.OutboxCollection)
		if len(facts) == 0 {
			return
		}
		for _, r := range facts {
			var e event.Event
			o.must(docdb.Decode(r, &e))
			for range 2 {
				if slices.Contains(notification.Kinds, e.Type) {
					o.must(notification.Handle(o.t.Context(), o.Desk, e))
				}
				if send && slices.Contains(delivery.Kinds, e.Type) {
					o.must(o.Handle(o.t.Context(), e))
				}
			}
			o.must(o.store.Commit(o.t.Context(), []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}))
		}
	}
}

// later lets time pass, and sends what is due then.
func (o *office) later(d time.Duration) {
	o.t.Helper()
	*o.clock = o.clock.Add(d)
	_, err := o.Due(o.t.Context())
	o.must(err)
}

// states are how far each delivery is, e.g. "uma sent 1".
func (o *office) states() string {
	o.t.Helper()
	var out []string
	for _, r := range o.store.Dump("deliveries") {
		var d notification.Delivery
		o.must(docdb.Decode(r, &d))
		out = append(out, fmt.Sprintf("%s %s %d", d.Person, d.State, d.Attempts))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// came is to whom mail came, in order of address.
func (o *office) came() string {
	var out []string
	for _, m := range o.mail.Mails() {
		name, _, _ := strings.Cut(m.To[0], "@")
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// headerOf is one header of a mail as it was sent, decoded.
func headerOf(m mailbox.Mail, name string) string { return strings.Join(m.Header[name], "|") }

// addressOf reads a header that is one address.
func addressOf(t *testing.T, m mailbox.Mail, name string) string {
	t.Helper()
	a, err := mail.ParseAddress(headerOf(m, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a.Address
}
