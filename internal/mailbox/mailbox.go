// Package mailbox is a mail server that keeps what it is sent, for the local system and for
// tests: everybody's mailbox at once.
//
// Ideas: it is a real SMTP server on a real port, so that whoever sends is the program of
// production; and it can be told to misbehave as real ones do, at each step of the
// protocol, with a refusal for now, one for good, or a connection that breaks.
//
// A typical use:
//
//	s, err := mailbox.Start("127.0.0.1:0")
//	defer s.Close()
//	... send to s.Address ...
//	mails := s.Mails()
//
// It sends nothing on, and keeps the latest few hundred mails in memory.
package mailbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Step is a point of the protocol at which a server can misbehave.
type Step string

// The steps there are.
const (
	Sender    Step = "sender"    // MAIL FROM
	Recipient Step = "recipient" // RCPT TO
	Content   Step = "content"   // after the message has come, and before it is kept
	Answer    Step = "answer"    // after it was kept, and before the sender hears of it
)

// ErrHangUp lets the connection break.
var ErrHangUp = errors.New("mailbox: hang up")

// Refuse is an answer with a code: 4xx for now, 5xx for good.
func Refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// Server takes mail on an address until it is closed.
type Server struct {
	Address string // host:port

	server *smtp.Server
	mu     sync.Mutex
	mails  []Mail
	meddle func(Step, string) error
}

// kept is how many mails are.
const kept = 300

// maxBytes is the largest mail that it takes.
const maxBytes = 32 << 20

// Start listens on an address; port 0 takes a free one.
func Start(address string) (*Server, error) { return StartTLS(address, nil) }

// StartTLS is Start for a server that offers STARTTLS.
func StartTLS(address string, with *tls.Config) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	s := &Server{Address: l.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	s.server.Domain, s.server.TLSConfig, s.server.MaxMessageBytes = "mailbox.invalid", with, maxBytes
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	s.server.ErrorLog = quiet{}
	go func() { _ = s.server.Serve(l) }() // it ends with Close
	return s, nil
}

// quiet drops the library's words about connections that we break ourselves.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Close ends the server and all connections.
func (s *Server) Close() error { return s.server.Close() }

// Meddle lets the server misbehave: fn is asked at each step, with the address that it is
// about, and its error is what the sender gets. nil lets it behave again.
func (s *Server) Meddle(fn func(Step, string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meddle = fn
}

// Mails are what was kept, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *Server) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	if over := len(s.mails) - kept; over > 0 {
		s.mails = slices.Delete(s.mails, 0, over)
	}
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
}

// step asks whether to misbehave.
func (s *session) step(at Step, about string) error {
	s.server.mu.Lock()
	meddle := s.server.meddle
	s.server.mu.Unlock()
	if meddle == nil {
		return nil
	}
	err := meddle(at, about)
	if errors.Is(err, ErrHangUp) {
		_ = s.conn.Conn().Close() // it is to break
	}
	return err
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.step(Sender, from)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.step(Recipient, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	about := ""
	if len(s.to) > 0 {
		about = s.to[0]
	}
	if err := s.step(Content, about); err != nil {
		return err
	}
	m, err := read(raw)
	if err != nil {
		return Refuse(554, "This is no message.")
	}
	m.From, m.To, m.At = s.from, slices.Clone(s.to), time.Now().UTC()
	s.server.keep(m)
	return s.step(Answer, about)
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
