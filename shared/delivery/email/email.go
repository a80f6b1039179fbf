// Package email carries messages by SMTP, as e-mail that people can read, answer and stop.
//
// Ideas:
//
//   - One message has one id, made of its key, so that a mail server or reader that is
//     given it twice can tell. All about one ticket answer to one id, by which mail programs
//     show them together; answers go to an address that names the ticket (package mail).
//   - What people wrote never becomes a header by itself: the library encodes each value,
//     and line breaks are taken out before that. In HTML it goes through html/template; only
//     a comment's own HTML, which desk has made safe, goes in as it stands.
//   - It says that it was sent by a machine (RFC 3834), so that no machine answers.
//   - Refused for good is only what the server says of this recipient or this message. A
//     server that doesn't know us, or can't be reached, is a fault of ours that somebody
//     will mend: the message is tried again.
//
// It keeps no connection between messages: a function's instance is frozen between them.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/fault"
	threads "ticketsystem.example/shared/mail"
)

// Carrier sends to one SMTP server.
type Carrier struct {
	Roots *x509.CertPool // who vouches for the server; nil for the system's

	host           string
	port           int
	user, password string
	plain          bool
	from           mail.Address
	threads        threads.Threads
}

// patience is how long the server may take for each step.
const patience = 15 * time.Second

// implicit is the port at which a connection begins with TLS (RFC 8314).
const implicit = 465

// New reads the settings. Without a server there is no carrier, and no error.
func New(cfg config.Config) (*Carrier, error) {
	if cfg.SMTP == "" {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(cfg.SMTP)
	if err != nil {
		return nil, fmt.Errorf("email: SMTP_ADDRESS: %w", err)
	}
	c := &Carrier{host: host, user: cfg.SMTPUser, password: cfg.SMTPPassword, plain: cfg.SMTPPlain == "1"}
	if c.port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("email: SMTP_ADDRESS: %w", err)
	}
	from, err := mail.ParseAddress(cfg.MailFrom)
	if err != nil {
		return nil, fmt.Errorf("email: MAIL_FROM: %w", err)
	}
	c.from = *from
	c.threads, err = threads.NewThreads(cfg.MailDomain, strings.Fields(cfg.MailKeys)...)
	return c, err
}

// Carry implements delivery.Carrier.
func (c *Carrier) Carry(ctx context.Context, m delivery.Message) error {
	letter, err := c.letter(m)
	if err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return fault.Down(err)
	}
	return judge(letter, client.DialAndSendWithContext(ctx, letter))
}

func (c *Carrier) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(c.port), gomail.WithTimeout(patience), gomail.WithHELO(c.domain()),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch {
	case c.plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case c.port == implicit:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.user), gomail.WithPassword(c.password))
	}
	return gomail.NewClient(c.host, options...)
}

// domain is that of the sender, which the server is greeted with.
func (c *Carrier) domain() string { return c.from.Address[strings.LastIndex(c.from.Address, "@")+1:] }

// judge turns the library's verdict into ours. Once the server has taken the message, what
// goes wrong after that, as at taking leave, is nothing to us.
func judge(letter *gomail.Msg, err error) error {
	if err == nil || letter.IsDelivered() {
		return nil
	}
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() >= 500 {
		switch failed.Reason {
		case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
			return fault.Wrap(err, fault.Permanent, "mail_refused", "the mail server refused the message")
		}
	}
	return fault.Down(err)
}
