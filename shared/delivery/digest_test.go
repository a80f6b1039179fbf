package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/mailbox"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/mail"
	"ticketsystem.example/shared/notification"
)

func daily(at string) func(*notification.Preferences) {
	return func(p *notification.Preferences) { p.Digest = at }
}

func TestADigestGathersADaysNewsInOneMail(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", daily("17:00"))
	printer, tape := o.ticket("Printer on fire"), o.ticket("Tape is torn")
	o.say("nora", printer, "Still?", false)
	o.say("nora", tape, "Glue?", false)
	o.settle(true)
	o.later(7 * time.Hour) // 16:00
	if o.came() != "" {
		t.Fatalf("too early, to %s", o.came())
	}
	o.later(time.Hour)
	o.later(time.Hour)
	if o.came() != "uma" {
		t.Fatalf("came to %q; %s", o.came(), o.states())
	}
	m := o.mail.Mails()[0]
	for _, want := range []string{
		"Günün haberleri", printer.Number + ": NORA, “Printer on fire” kaydına yanıt verdi", tape.Number + ": NORA, “Tape is torn”",
		"https://desk.example/tickets/" + tape.Number, "https://desk.example/settings/notifications",
	} {
		if !strings.Contains(m.Subject+m.Text, want) {
			t.Errorf("it lacks %q:\n%s", want, m.Text)
		}
	}
	if !strings.Contains(m.HTML, `<a href="https://desk.example/tickets/`+tape.Number+`">`+tape.Number+`</a>: NORA`) {
		t.Errorf("the HTML is %s", m.HTML)
	}
	threads, err := mail.NewThreads("mail.example", "a-key-of-sixteen-or-more")
	o.must(err)
	if _, ok := threads.Ticket(headerOf(m, "Message-Id")); ok || headerOf(m, "Reply-To") != "" || headerOf(m, "In-Reply-To") != "" {
		t.Errorf("a digest is about no ticket: %v", m.Header)
	}
}

func TestADigestSendsEachPieceOfNewsOnceAndOthersGetTheirsAtOnce(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", daily("17:00"))
	ticket := o.ticket("Printer on fire")
	_, err := o.Desk.Watch(t.Context(), o.as("mia"), string(ticket.ID), []desk.PersonID{"mia"}, nil, desk.Options{})
	o.must(err)
	o.say("nora", ticket, "One.", false)
	o.settle(true)
	if o.came() != "mia" {
		t.Fatalf("came to %q", o.came())
	}
	o.later(8 * time.Hour) // 17:00
	o.say("nora", ticket, "Two.", false)
	o.settle(true)
	for range 3 {
		o.later(24 * time.Hour)
	}
	if o.came() != "mia mia uma uma" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestWhatComesJustBeforeADigestWaitsForTheNext(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", daily("09:05"))
	ticket := o.ticket("Printer on fire")
	*o.clock = o.clock.Add(time.Minute)
	o.say("nora", ticket, "One.", false)
	o.settle(true)
	o.later(time.Hour)
	if o.came() != "" {
		t.Fatal("it was added to a digest that was about to be sent")
	}
	o.later(24 * time.Hour)
	if o.came() != "uma" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestADigestLeavesOutWhatItsPersonMayNotOrDoesNotWantToKnow(t *testing.T) {
	o := newOffice(t)
	o.wants("mia", daily("17:00"))
	o.wants("uma", func(p *notification.Preferences) { p.Choose(notification.Comment, notification.Email, false) })
	ticket, other := o.ticket("Printer on fire"), o.ticket("Tape is torn")
	for _, id := range []desk.TicketID{ticket.ID, other.ID} {
		_, err := o.Desk.Watch(t.Context(), o.as("mia"), string(id), []desk.PersonID{"mia"}, nil, desk.Options{})
		o.must(err)
	}
	o.say("nora", ticket, "The boss did it.", true)
	o.say("nora", other, "Glue?", false)
	o.settle(true)
	mia, err := o.Desk.Person(t.Context(), "mia")
	o.must(err)
	mia.Role, mia.Departments = desk.RoleUser, nil // she keeps watching
	o.must(o.Desk.SavePerson(t.Context(), mia))
	o.later(8 * time.Hour)
	if o.came() != "mia" || strings.Contains(o.mail.Mails()[0].Text, "Notiz") || !strings.Contains(o.mail.Mails()[0].Text, "Tape is torn") {
		t.Errorf("came to %q: %v", o.came(), o.mail.Mails())
	}
	o.say("nora", other, "Or staples?", false)
	o.settle(true)
	o.wants("mia", func(p *notification.Preferences) { p.Choose(notification.Comment, notification.Email, false) })
	o.later(24 * time.Hour)
	if o.came() != "mia" || !strings.Contains(o.states(), "mia dropped 1") {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestALostAnswerToADigestMakesTheSameMailAgain(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", daily("17:00"))
	o.failing(mailbox.Answer, 1, mailbox.ErrHangUp)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "One.", false)
	o.settle(true)
	o.later(8 * time.Hour)
	o.say("nora", ticket, "Two.", false) // belongs to the next one
	o.settle(true)
	o.later(time.Minute)
	mails := o.mail.Mails()
	if len(mails) != 2 || headerOf(mails[0], "Message-Id") != headerOf(mails[1], "Message-Id") || mails[0].Text != mails[1].Text {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestALongDigestEndsAndSaysSo(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", daily("17:00"))
	ticket := o.ticket("Printer on fire")
	for i := range 51 {
		o.say("nora", ticket, fmt.Sprintf("Number %d.", i), false)
	}
	o.settle(true)
	o.later(8 * time.Hour)
	m := o.mail.Mails()[0]
	if n := strings.Count(m.Text, "yanıt verdi"); n != 50 || !strings.Contains(m.Text, "dahası") {
		t.Errorf("%d lines:\n%s", n, m.Text)
	}
}
