package mail

import (
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	key   = "a key of sixteen or more"
	older = "an older key, still good"
)

func threads(t *testing.T, keys ...string) Threads {
	t.Helper()
	made, err := NewThreads("Mail.Example.org", keys...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAReplyFindsItsTicketByAddressMessageAndThread(t *testing.T) {
	th := threads(t, key)
	rapid.Check(t, func(t *rapid.T) {
		ticket := rapid.StringMatching(`[a-z2-7]{20}`).Draw(t, "ticket")
		for _, s := range []string{th.ReplyTo(ticket), th.MessageID(ticket, "uma-e1"), th.Root(ticket)} {
			for _, as := range []string{s, "<" + s + ">", " <" + strings.ToUpper(s) + ">\r\n"} {
				if got, ok := th.Ticket(as); !ok || got != ticket {
					t.Fatalf("%q: %q %v", as, got, ok)
				}
			}
		}
	})
}

func TestAnAddressForRepliesIsOneThatMailTakes(t *testing.T) {
	address := threads(t, key).ReplyTo("abcdefghij234567klmn")
	if _, err := mail.ParseAddress(address); err != nil {
		t.Error(err)
	}
	if local, _, _ := strings.Cut(address, "@"); len(local) > 64 {
		t.Errorf("%s has %d characters", local, len(local))
	}
}

func TestNothingMadeUpIsTaken(t *testing.T) {
	th := threads(t, key)
	good := th.ReplyTo("abcdefghij234567klmn")
	for _, bad := range []string{
		"", "@", "reply+@mail.example.org", "reply+abc@mail.example.org", "reply+abc-@mail.example.org", "-@mail.example.org",
		strings.Replace(good, "+a", "+b", 1),
		strings.Replace(good, "mail.", "evil.", 1),
		good + ".evil.example",
		strings.Replace(good, "@", "a@", 1),
		"reply+abcdefghij234567klmn-aaaaaaaaaaaaaaaa@mail.example.org",
		threads(t, older).ReplyTo("abcdefghij234567klmn"),
		strings.Replace(good, "-", "", 1),
	} {
		if got, ok := th.Ticket(bad); ok {
			t.Errorf("%q was taken for %q", bad, got)
		}
	}
}

func TestOneKeyIsOneMessage(t *testing.T) {
	th := threads(t, key)
	first := th.MessageID("abc", "1")
	if again := th.MessageID("abc", "1"); again != first || th.MessageID("abc", "2") == first {
		t.Error("the id doesn't follow the key")
	}
}

func TestAMessageOfNoTicketLeadsToNone(t *testing.T) {
	th := threads(t, key)
	if got, ok := th.Ticket(th.Alone("uma-e1")); ok || th.Alone("uma-e1") == th.Alone("uma-e2") {
		t.Errorf("leads to %q", got)
	}
}

func TestKeysRotateWithoutLosingReplies(t *testing.T) {
	before := threads(t, older).ReplyTo("abc")
	both := threads(t, key, older)
	if _, ok := both.Ticket(before); !ok {
		t.Error("a reply to an older message is lost")
	}
	if _, ok := threads(t, key).Ticket(both.ReplyTo("abc")); !ok {
		t.Error("the first key doesn't sign")
	}
}

func TestWhatCouldNotBeCheckedIsRefusedAtOnce(t *testing.T) {
	for _, bad := range [][]string{{"mail.example"}, {"mail.example", "short"}, {"", key}, {"a b", key}, {"x@y", key}, {"mail.example\r\nBcc: x", key}} {
		if _, err := NewThreads(bad[0], bad[1:]...); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzTicketTakesWhateverItIsGiven(f *testing.F) {
	th, err := NewThreads("mail.example", key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("<reply+abc-def@mail.example>")
	f.Fuzz(func(t *testing.T, s string) {
		if ticket, ok := th.Ticket(s); ok && !strings.Contains(strings.ToLower(s), ticket) {
			t.Errorf("%q names no %q", s, ticket)
		}
	})
}
