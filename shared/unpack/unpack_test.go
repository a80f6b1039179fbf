package unpack_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/mail"
	"ticketsystem.example/shared/unpack"
)

// office is a small organisation on the in-memory twins, to which mail comes.
type office struct {
	unpack.Box
	t       testing.TB
	threads mail.Threads
	files   *failing
}

// failing is a store for files that fails when told to.
type failing struct {
	blob.Store
	after int // puts until it fails; -1 for never
}

func (f *failing) Put(ctx context.Context, to blob.Ref, head blob.Head, content []byte) (blob.Object, error) {
	if f.after == 0 {
		return blob.Object{}, fault.Down(errors.New("no storage"))
	}
	f.after--
	return f.Store.Put(ctx, to, head, content)
}

func newOffice(t testing.TB) *office {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	d := desk.New(docdb.Open(docdb.NewMemory(), append(desk.Indexes(), inbound.Indexes()...)).Twice(), clock)
	o := &office{t: t, files: &failing{blob.NewMemory("http://files.invalid", clock), -1}}
	d.Files = o.files
	var err error
	o.threads, err = mail.NewThreads("mail.demo.example", "a key of sixteen or more")
	o.must(err)
	o.Box = unpack.Box{Desk: d, Threads: o.threads, Policy: unpack.Policy{Checker: "mx.demo.example", Introduce: true, Machines: []string{"@monitor.example"}}}
	o.must(d.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}, {ID: "network", Name: "Network", Parent: "it", Active: true}}}))
	for id, role := range map[desk.PersonID]desk.Role{"ada": desk.RoleAdmin, "nora": desk.RoleStaff, "uma": desk.RoleUser, "otto": desk.RoleUser, "yusuf": desk.RoleUser} {
		p := desk.Person{ID: id, Name: string(id), Email: string(id) + "@demo.example", Role: role, Zone: "UTC", Locale: "en"}
		if role == desk.RoleStaff {
			p.Departments = []desk.DepartmentID{"it"}
		}
		o.must(d.SavePerson(t.Context(), p))
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
	o.t.Helper()
	p, err := o.Desk.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

// open is a ticket that somebody opened elsewhere.
func (o *office) open(who desk.PersonID) desk.Ticket {
	o.t.Helper()
	t, err := o.Desk.Create(o.t.Context(), o.as(who), desk.NewTicket{Title: "Ticket of " + string(who), Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	return t
}

// take receives a mail as it was sent.
func (o *office) take(raw string) inbound.Mail {
	o.t.Helper()
	m, err := inbound.Take(o.t.Context(), o.Desk, []byte(raw), "push")
	o.must(err)
	return m
}

// facts are those that wait to be published.
func (o *office) facts() []event.Event {
	o.t.Helper()
	all, err := docdb.Find[event.Event](o.t.Context(), o.Desk.DB, docdb.Query{Collection: event.OutboxCollection, Order: []docdb.Order{{Field: "at"}}, Limit: 1000})
	o.must(err)
	return all
}

// settle delivers each received mail, so many times.
func (o *office) settle(times int) {
	o.t.Helper()
	for range times {
		for _, e := range o.facts() {
			if e.Type == inbound.Received {
				o.must(o.Handle(o.t.Context(), e))
			}
		}
	}
}

// get is what became of a mail.
func (o *office) get(id string) inbound.Mail {
	o.t.Helper()
	m, err := inbound.Show(o.t.Context(), o.Desk, o.as("ada"), id)
	o.must(err)
	return m
}

// receive takes a mail and handles it.
func (o *office) receive(raw string) inbound.Mail {
	o.t.Helper()
	m := o.take(raw)
	o.settle(1)
	return o.get(m.ID)
}

// simple is a mail of a few lines.
func simple(head, text string) string {
	return strings.ReplaceAll(head+"\n\n"+text+"\n", "\n", "\r\n")
}

func (o *office) tickets() []desk.Ticket {
	o.t.Helper()
	all, next, err := o.Desk.List(o.t.Context(), o.as("ada"), desk.Filter{}, desk.Page{Limit: 100})
	o.must(err)
	for next != "" {
		var more []desk.Ticket
		more, next, err = o.Desk.List(o.t.Context(), o.as("ada"), desk.Filter{}, desk.Page{Limit: 100, Cursor: next})
		o.must(err)
		all = append(all, more...)
	}
	return all
}

func (o *office) comments(t desk.TicketID) []desk.Comment {
	o.t.Helper()
	all, _, err := o.Desk.Comments(o.t.Context(), o.as("ada"), string(t), desk.Page{Limit: 100})
	o.must(err)
	return all
}

const hello = "From: uma@demo.example\nSubject: Hello\nMessage-ID: <h1@demo.example>"

func TestAMailThatCameTwiceIsKeptOnceAndHandledOnce(t *testing.T) {
	o := newOffice(t)
	for range 3 {
		o.take(simple(hello, "Words."))
	}
	if n := len(o.facts()); n != 1 {
		t.Errorf("%d facts", n)
	}
	o.settle(3)
	if n := len(o.tickets()); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

func TestTheSameMailByAnotherWayIsARepetition(t *testing.T) {
	o := newOffice(t)
	first := o.receive(simple("Received: by a\n"+hello, "Words."))
	again := o.receive(simple("Received: by b\n"+hello, "Words."))
	if again.Outcome != inbound.Repeated || again.Ticket != first.Ticket || len(o.tickets()) != 1 {
		t.Errorf("%+v; %d tickets", again, len(o.tickets()))
	}
}

func TestAnotherMailUnderTheSameMessageIDIsNotSwallowed(t *testing.T) {
	o := newOffice(t)
	o.receive(simple(strings.Replace(hello, "uma", "otto", 1), "I was first."))
	m := o.receive(simple(hello, "Words."))
	if m.Outcome != inbound.NewTicket || len(o.tickets()) != 2 {
		t.Errorf("%+v", m)
	}
}

func TestAnAnswerToSomebodysMailFindsItsTicket(t *testing.T) {
	o := newOffice(t)
	first := o.receive(simple(hello, "Words."))
	answer := "Authentication-Results: mx.demo.example; dkim=pass header.d=demo.example\nFrom: nora@demo.example\nIn-Reply-To: <h1@demo.example>\nMessage-ID: <h2@demo.example>"
	if m := o.receive(simple(answer, "On it.")); m.Outcome != inbound.Reply || m.Ticket != first.Ticket {
		t.Errorf("%+v", m)
	}
	if c := o.comments(first.Ticket); len(c) != 1 || c[0].Author != "nora" {
		t.Errorf("%+v", c)
	}
}

func TestAReplyFollowsAMerge(t *testing.T) {
	o := newOffice(t)
	from, into := o.open("uma"), o.open("uma")
	_, err := o.Desk.Merge(t.Context(), o.as("nora"), string(from.ID), string(into.ID), desk.Options{})
	o.must(err)
	m := o.receive(simple("From: uma@demo.example\nTo: "+o.threads.ReplyTo(string(from.ID)), "More."))
	if m.Outcome != inbound.Reply || m.Ticket != into.ID {
		t.Errorf("%+v", m)
	}
}

func TestAReplyToADeletedTicketOpensAnother(t *testing.T) {
	o := newOffice(t)
	gone := o.open("uma")
	o.must(o.Desk.Delete(t.Context(), o.as("ada"), string(gone.ID), desk.Options{}))
	m := o.receive(simple("From: uma@demo.example\nTo: "+o.threads.ReplyTo(string(gone.ID)), "More."))
	if m.Outcome != inbound.NewTicket || m.Ticket == gone.ID {
		t.Errorf("%+v", m)
	}
}

func TestStrangersAreSortedOutByPeopleWhereTheyAreNotIntroduced(t *testing.T) {
	o := newOffice(t)
	o.Policy.Introduce = false
	m := o.receive(simple("From: Zoe <zoe@elsewhere.example>\nSubject: Hi all", "Words."))
	ticket, err := o.Desk.Show(t.Context(), o.as("nora"), string(m.Ticket))
	o.must(err)
	if !desk.IsRobot(ticket.Requester) || !strings.Contains(ticket.Description, "zoe@elsewhere.example") || ticket.Department != "it" {
		t.Errorf("%+v", ticket)
	}
}

func TestAStrangerIsIntroducedOnceWithoutAnInvitation(t *testing.T) {
	o := newOffice(t)
	for _, s := range []string{"One", "Two"} {
		o.receive(simple("From: Zoe <zoe@elsewhere.example>\nSubject: "+s+" more", "Words."))
	}
	zoe, err := o.Desk.PersonAt(t.Context(), "ZOE@elsewhere.example")
	o.must(err)
	if zoe.Role != desk.RoleUser || zoe.Name != "Zoe" {
		t.Errorf("%+v", zoe)
	}
	for _, e := range o.facts() {
		if e.Type == desk.PersonChanged {
			t.Errorf("an account follows: %+v", e)
		}
	}
}

func TestWhateverFailsOnTheWayIsDoneOnceInTheEnd(t *testing.T) {
	withFile := "From: uma@demo.example\nSubject: File\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b"
	raw := simple(withFile, "--b\nContent-Type: text/plain\n\nSee it.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nA\n--b--")
	o := newOffice(t)
	m := o.take(raw)
	e := o.facts()[0]
	for range 3 {
		o.files.after = 0
		if err := o.Handle(t.Context(), e); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("got %v", err)
		}
	}
	o.files.after = -1
	o.settle(2)
	ticket := o.tickets()
	if len(ticket) != 1 || len(ticket[0].Files) != 1 || o.get(m.ID).Outcome != inbound.NewTicket {
		t.Errorf("%+v", ticket)
	}
	o.files.after = 0
	if _, err := inbound.Take(t.Context(), o.Desk, []byte(simple(hello, "Not kept.")), "push"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a mail that isn't kept was taken: %v", err)
	}
}

func TestOnlyAdministratorsSeeWhatMailsCame(t *testing.T) {
	o := newOffice(t)
	m := o.receive(simple(hello, "Words."))
	list, _, err := inbound.List(t.Context(), o.Desk, o.as("ada"), inbound.NewTicket, desk.Page{})
	if err != nil || len(list) != 1 || list[0].ID != m.ID {
		t.Errorf("%v, %v", list, err)
	}
	for _, who := range []desk.PersonID{"nora", "uma"} {
		_, _, err := inbound.List(t.Context(), o.Desk, o.as(who), "", desk.Page{})
		_, one := inbound.Show(t.Context(), o.Desk, o.as(who), m.ID)
		if !fault.Is(err, fault.Forbidden) || !fault.Is(one, fault.Forbidden) {
			t.Errorf("%s: %v, %v", who, err, one)
		}
	}
}

func TestAMailThatIsTooLargeIsRefused(t *testing.T) {
	o := newOffice(t)
	if _, err := inbound.Take(t.Context(), o.Desk, make([]byte, inbound.MaxSize+1), "push"); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func FuzzEveryMailBecomesSomething(f *testing.F) {
	f.Add("From: uma@demo.example\r\nSubject: x\r\n\r\nHello\r\n")
	f.Add("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--")
	f.Fuzz(func(t *testing.T, raw string) {
		o := newOffice(t)
		if m := o.receive(raw); m.Outcome == "" {
			t.Errorf("nothing became of %q", raw)
		}
	})
}
