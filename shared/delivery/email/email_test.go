package email

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/internal/mailbox"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/wording"
)

// settings are those of a server on this machine.
func settings(address string) config.Config {
	return config.Config{SMTP: address, SMTPPlain: "1", MailFrom: "Help desk <desk@mail.example>", MailDomain: "mail.example", MailKeys: "a-key-of-sixteen-or-more"}
}

// message is one that people made of these words.
func message(name, title, body string) delivery.Message {
	return delivery.Message{
		Key: "uma-e1~email", Person: desk.Person{Name: name, Email: "uma@demo.example"}, Language: wording.For("ar"),
		Ticket: "abc", Number: "TKT-202611-0042", Title: title, Sentence: title, Comment: &desk.Comment{AuthorName: name, Body: body},
	}
}

func carrier(t *testing.T, cfg config.Config) *Carrier {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNobodyWritesAHeaderWithTheirNameOrATitle(t *testing.T) {
	server, err := mailbox.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	c := carrier(t, settings(server.Address))
	nasty := rapid.SliceOfN(rapid.SampledFrom([]string{
		"\r\nBcc: all@evil.example", "\nX-Evil: 1", "\r\n\r\n<b>body</b>", "\x00", "\u2028X-Evil: 1", `"`, "<a@evil.example>", ",", "=?utf-8?q?=0D=0AX-Evil:_1?=", "ü", "Ж", "a", " ",
	}), 1, 6)
	rapid.Check(t, func(rt *rapid.T) {
		name, title := strings.Join(nasty.Draw(rt, "name"), ""), strings.Join(nasty.Draw(rt, "title"), "")
		before := len(server.Mails())
		if err := c.Carry(t.Context(), message(name, title, title)); err != nil {
			rt.Fatal(err)
		}
		mails := server.Mails()
		m := mails[len(mails)-1]
		if len(mails) == before && before < 300 || len(m.To) != 1 || m.To[0] != "uma@demo.example" {
			rt.Fatalf("%d mails, to %v", len(mails), m.To)
		}
		head, _, _ := strings.Cut(m.Raw, "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			if strings.HasPrefix(line, "Bcc") || strings.HasPrefix(line, "X-Evil") || strings.ContainsAny(line, "\n\r\x00") {
				rt.Fatalf("a header was written: %q", line)
			}
		}
		if strings.Contains(m.HTML, "<b>body</b>") {
			rt.Fatal("words became markup")
		}
	})
}

func TestAMailIsInTwoFormsAndNamesItsLanguage(t *testing.T) {
	server, err := mailbox.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if err := carrier(t, settings(server.Address)).Carry(t.Context(), message("سمير", "الطابعة", "مرحبا")); err != nil {
		t.Fatal(err)
	}
	m := server.Mails()[0]
	if !strings.HasPrefix(m.Header["Content-Type"][0], "multipart/alternative") || m.Subject != "[TKT-202611-0042] الطابعة" {
		t.Errorf("%v", m.Header)
	}
	if !strings.Contains(m.Text, "مرحبًا سمير،") || !strings.Contains(m.HTML, `<html lang="ar" dir="rtl">`) {
		t.Errorf("%s\n%s", m.Text, m.HTML)
	}
}

// certificate is one for this machine, signed by itself.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestMailGoesOverTLSToAServerThatIsKnownAndToNoOther(t *testing.T) {
	own, known := certificate(t)
	server, err := mailbox.StartTLS("127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	plain, err := mailbox.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = plain.Close() })
	cfg := settings(server.Address)
	cfg.SMTPPlain = ""
	c := carrier(t, cfg)
	if err := c.Carry(t.Context(), message("Uma", "Title", "Words")); err == nil {
		t.Error("a server that nobody vouches for got it")
	}
	c.Roots = known
	if err := c.Carry(t.Context(), message("Uma", "Title", "Words")); err != nil || len(server.Mails()) != 1 {
		t.Errorf("%v; %d mails", err, len(server.Mails()))
	}
	cfg.SMTP = plain.Address
	if err := carrier(t, cfg).Carry(t.Context(), message("Uma", "Title", "Words")); err == nil || len(plain.Mails()) != 0 {
		t.Errorf("without TLS: %v; %d mails", err, len(plain.Mails()))
	}
}

func TestSettingsThatAreNoneAreRefusedAtOnce(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"no port": func(c *config.Config) { c.SMTP = "mail.example" }, "no number": func(c *config.Config) { c.SMTP = "mail.example:smtp" },
		"no sender": func(c *config.Config) { c.MailFrom = "" }, "no key": func(c *config.Config) { c.MailKeys = "" }, "no domain": func(c *config.Config) { c.MailDomain = "" },
	} {
		cfg := settings("127.0.0.1:25")
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if c, err := New(config.Config{}); c != nil || err != nil {
		t.Error("without a server there is a carrier")
	}
}
