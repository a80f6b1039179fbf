package delivery_test

import (
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/mailbox"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/mail"
	"ticketsystem.example/shared/notification"
)

func TestWhoWantsMailGetsItOnceHoweverOftenTheFactComes(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Use the **extinguisher**.", false)
	o.settle(true)
	o.later(time.Hour)
	if o.came() != "uma" || o.states() != "uma sent 1" {
		t.Fatalf("came to %q; %s", o.came(), o.states())
	}
}

func TestAMailIsInItsReadersLanguageAndSaysWhatWasSaid(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Use the **extinguisher**, <b>now</b>.", false)
	o.settle(true)
	m := o.mail.Mails()[0]
	if m.Subject != "["+ticket.Number+"] Printer on fire" || headerOf(m, "Content-Language") != "tr" {
		t.Errorf("%s: %v", m.Subject, m.Header)
	}
	for _, want := range []string{"Merhaba UMA,", "NORA, “Printer on fire” kaydına yanıt verdi", "Use the **extinguisher**, <b>now</b>.", "https://desk.example/tickets/" + ticket.Number} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	for _, want := range []string{`<html lang="tr" dir="ltr">`, "<strong>extinguisher</strong>", `<a href="https://desk.example/tickets/` + ticket.Number + `">`} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, m.HTML)
		}
	}
}

func TestMailsOfATicketBelongTogetherAndTheirAnswersFindIt(t *testing.T) {
	o := newOffice(t)
	threads, err := mail.NewThreads("mail.example", "a-key-of-sixteen-or-more")
	o.must(err)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "One.", false)
	o.say("nora", ticket, "Two.", false)
	o.settle(true)
	mails := o.mail.Mails()
	if len(mails) != 2 || headerOf(mails[0], "Message-Id") == headerOf(mails[1], "Message-Id") {
		t.Fatalf("%d mails, of ids %v", len(mails), mails)
	}
	for _, m := range mails {
		if headerOf(m, "In-Reply-To") != headerOf(mails[0], "In-Reply-To") || headerOf(m, "References") != headerOf(m, "In-Reply-To") {
			t.Errorf("not one thread: %v", m.Header)
		}
		for _, s := range []string{headerOf(m, "Message-Id"), headerOf(m, "References"), addressOf(t, m, "Reply-To")} {
			if got, ok := threads.Ticket(s); !ok || got != string(ticket.ID) {
				t.Errorf("%s leads to %q", s, got)
			}
		}
		if headerOf(m, "Auto-Submitted") != "auto-generated" {
			t.Error("a machine might answer")
		}
		if got := headerOf(m, "List-Unsubscribe"); got != "<https://desk.example/settings/notifications>" {
			t.Errorf("to hear no more: %s", got)
		}
	}
}

func TestNothingInternalIsMailedToARequester(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket("Printer on fire")
	_, err := o.Desk.Watch(t.Context(), o.as("mia"), string(ticket.ID), []desk.PersonID{"mia"}, nil, desk.Options{})
	o.must(err)
	o.say("nora", ticket, "The boss did it, @uma.", true)
	o.settle(true)
	if o.came() != "mia" {
		t.Fatalf("came to %q", o.came())
	}
	if m := o.mail.Mails()[0]; !strings.Contains(m.Text, "The boss did it") || !strings.Contains(m.Text, "Notiz") {
		t.Errorf("staff don't read the note: %s", m.Text)
	}
}

func TestWhatSomebodyMayNotSeeAnyMoreIsNotSent(t *testing.T) {
	o := newOffice(t)
	o.wants("mia", func(p *notification.Preferences) { p.Quiet = notification.Quiet{From: "08:00", To: "10:00"} })
	ticket := o.ticket("Printer on fire")
	_, err := o.Desk.Watch(t.Context(), o.as("mia"), string(ticket.ID), []desk.PersonID{"mia"}, nil, desk.Options{})
	o.must(err)
	o.say("nora", ticket, "The boss did it.", true)
	o.settle(true)
	mia, err := o.Desk.Person(t.Context(), "mia")
	o.must(err)
	mia.Role, mia.Departments = desk.RoleUser, nil // before her quiet hours are over
	o.must(o.Desk.SavePerson(t.Context(), mia))
	o.later(2 * time.Hour)
	if o.came() != "" || o.states() != "mia dropped 1" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestWhoDoesNotWantItAnyMoreOrIsGoneGetsNothing(t *testing.T) {
	o := newOffice(t)
	quiet := func(p *notification.Preferences) { p.Quiet = notification.Quiet{From: "08:00", To: "10:00"} }
	o.wants("uma", quiet)
	o.wants("nora", quiet)
	ticket := o.ticket("Printer on fire")
	_, err := o.Desk.Watch(t.Context(), o.as("nora"), string(ticket.ID), []desk.PersonID{"nora"}, nil, desk.Options{})
	o.must(err)
	o.say("mia", ticket, "Which printer?", false)
	o.settle(true)
	o.wants("uma", func(p *notification.Preferences) { p.Choose(notification.Comment, notification.Email, false) })
	nora, err := o.Desk.Person(t.Context(), "nora")
	o.must(err)
	nora.Disabled = true
	o.must(o.Desk.SavePerson(t.Context(), nora))
	o.later(2 * time.Hour)
	if o.came() != "" || o.states() != "nora dropped 1, uma dropped 1" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestQuietHoursEndWithTheMail(t *testing.T) {
	o := newOffice(t)
	o.wants("uma", func(p *notification.Preferences) { p.Quiet = notification.Quiet{From: "08:00", To: "10:00"} })
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(true)
	o.later(59 * time.Minute)
	if o.came() != "" {
		t.Fatalf("mail in quiet hours, to %s", o.came())
	}
	o.later(time.Minute)
	if o.came() != "uma" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestAMailThatNoFactTellsOfIsFoundByItsTime(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(false)
	o.later(59 * time.Second)
	if o.came() != "" {
		t.Error("it didn't leave the fact its time")
	}
	o.later(time.Second)
	if o.came() != "uma" {
		t.Errorf("came to %q", o.came())
	}
}

// failing lets the server misbehave at a step for the next n times.
func (o *office) failing(at mailbox.Step, n int, with error) {
	o.mail.Meddle(func(step mailbox.Step, _ string) error {
		if step != at || n == 0 {
			return nil
		}
		n--
		return with
	})
}

func TestAServerThatFailsForNowIsTriedAgainWithGrowingPauses(t *testing.T) {
	for _, step := range []mailbox.Step{mailbox.Sender, mailbox.Recipient, mailbox.Content} {
		o := newOffice(t)
		o.failing(step, 3, mailbox.Refuse(451, "Try again later."))
		ticket := o.ticket("Printer on fire")
		o.say("nora", ticket, "Still?", false)
		o.settle(true)
		for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
			o.later(wait - time.Second)
			before := o.states()
			o.later(time.Second)
			if o.states() == before || o.came() != "" {
				t.Fatalf("%s after %v: %s, came to %q", step, wait, o.states(), o.came())
			}
		}
		o.later(4 * time.Minute)
		if o.came() != "uma" || o.states() != "uma sent 4" {
			t.Errorf("%s: came to %q; %s", step, o.came(), o.states())
		}
	}
}

func TestWhatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	for _, step := range []mailbox.Step{mailbox.Recipient, mailbox.Content} {
		o := newOffice(t)
		o.failing(step, -1, mailbox.Refuse(550, "No such person here."))
		ticket := o.ticket("Printer on fire")
		o.say("nora", ticket, "Still?", false)
		o.settle(true)
		o.later(12 * time.Hour)
		if o.came() != "" || o.states() != "uma refused 1" {
			t.Errorf("%s: came to %q; %s", step, o.came(), o.states())
		}
	}
}

func TestAServerThatRefusesUsIsOurFaultAndTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.failing(mailbox.Sender, 1, mailbox.Refuse(550, "I don't know you."))
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(true)
	o.later(time.Minute)
	if o.came() != "uma" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestAConnectionThatBreaksBeforeTheServerTakesTheMailLosesNothing(t *testing.T) {
	for _, step := range []mailbox.Step{mailbox.Sender, mailbox.Recipient, mailbox.Content} {
		o := newOffice(t)
		o.failing(step, 1, mailbox.ErrHangUp)
		ticket := o.ticket("Printer on fire")
		o.say("nora", ticket, "Still?", false)
		o.settle(true)
		o.later(time.Minute)
		if o.came() != "uma" || o.states() != "uma sent 2" {
			t.Errorf("%s: came to %q; %s", step, o.came(), o.states())
		}
	}
}

func TestAnAnswerThatIsLostMakesASecondMailWithTheSameId(t *testing.T) {
	o := newOffice(t)
	o.failing(mailbox.Answer, 1, mailbox.ErrHangUp)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(true)
	o.later(time.Minute)
	mails := o.mail.Mails()
	if len(mails) != 2 || headerOf(mails[0], "Message-Id") != headerOf(mails[1], "Message-Id") || mails[0].Text != mails[1].Text {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestNewsIsNotSentWhenItIsOld(t *testing.T) {
	o := newOffice(t)
	o.failing(mailbox.Sender, -1, mailbox.Refuse(421, "Closed."))
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(true)
	for range 26 {
		o.later(time.Hour)
	}
	o.mail.Meddle(nil)
	o.later(time.Hour)
	if o.came() != "" || !strings.HasPrefix(o.states(), "uma expired") {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestWithoutAMailServerMailWaitsForOne(t *testing.T) {
	o := newOffice(t)
	carrier := o.Carriers[notification.Email]
	delete(o.Carriers, notification.Email)
	ticket := o.ticket("Printer on fire")
	o.say("nora", ticket, "Still?", false)
	o.settle(true)
	o.Carriers[notification.Email] = carrier
	o.later(time.Minute)
	if o.came() != "uma" {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}

func TestWhoLosesATicketHearsThatAndNothingOfIt(t *testing.T) {
	o := newOffice(t)
	ticket := o.ticket("Printer on fire")
	nora := desk.PersonID("nora")
	_, err := o.Desk.Update(t.Context(), o.as("mia"), string(ticket.ID), desk.Patch{Assignee: &nora}, desk.Options{})
	o.must(err)
	o.settle(false)
	person, err := o.Desk.Person(t.Context(), "nora")
	o.must(err)
	person.Role, person.Departments = desk.RoleUser, nil
	o.must(o.Desk.SavePerson(t.Context(), person))
	nobody := desk.PersonID("")
	_, err = o.Desk.Update(t.Context(), o.as("mia"), string(ticket.ID), desk.Patch{Assignee: &nobody}, desk.Options{})
	o.must(err)
	o.settle(true)
	for _, m := range o.mail.Mails() {
		if m.To[0] == "nora@demo.example" && (!strings.Contains(m.Text, "no longer assigned to you") || strings.Contains(m.Text, "https://desk.example/tickets/")) {
			t.Errorf("she reads %s", m.Text)
		}
	}
	if !strings.Contains(o.came(), "nora") {
		t.Errorf("came to %q; %s", o.came(), o.states())
	}
}
