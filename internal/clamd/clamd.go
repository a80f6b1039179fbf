// Package clamd is a peer that speaks the protocol of ClamAV's daemon, for machines that
// have none: the local system and tests. It knows one rule, the EICAR test file, which
// every scanner takes for malware and which does no harm.
//
// Ideas: it is a real server on a real port, so that the client is the one of production;
// it keeps to clamd's protocol (PING, VERSION and INSTREAM, after z or n, its limit of a
// stream, its words), so that a client which pleases it pleases clamd.
//
// A typical use:
//
//	s, err := clamd.Start("127.0.0.1:0")
//	defer s.Close()
//	scan := quarantine.Clamd(s.Address)
//
// It protects nobody: whoever runs the system for people sets CLAMD_ADDRESS.
package clamd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// StreamMaxLength is the longest stream that it takes, in bytes; clamd's own default.
const StreamMaxLength = 100 << 20

// Signature is the name under which it finds the EICAR test file.
const Signature = "Eicar-Test-Signature"

// eicar is the test file, in two parts so that no scanner takes this program for it.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}` + `$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)

// EICAR is the content of the test file.
func EICAR() []byte { return bytes.Clone(eicar) }

// Server answers on an address until it is closed.
type Server struct {
	Address  string // host:port
	listener net.Listener
	served   sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
}

// Start listens on an address; port 0 takes a free one.
func Start(address string) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("clamd: %w", err)
	}
	s := &Server{Address: l.Addr().String(), listener: l, open: map[net.Conn]bool{}}
	s.served.Go(s.accept)
	return s, nil
}

// Close ends all conversations and returns when they have ended.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.served.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // it was closed
		}
		s.mu.Lock()
		s.open[c] = true
		s.mu.Unlock()
		s.served.Go(func() {
			converse(c)
			_ = c.Close()
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
		})
	}
}

// converse takes one command, as clamd does outside of sessions, and answers it.
func converse(c net.Conn) {
	r := bufio.NewReader(c)
	end := byte('\n')
	if first, err := r.ReadByte(); err == nil && first == 'z' {
		end = 0
	} else if err != nil || first != 'n' && r.UnreadByte() != nil {
		return
	}
	command, err := r.ReadString(end)
	if err != nil {
		return
	}
	_, _ = c.Write(append([]byte(answer(strings.TrimRight(command, "\r\n\x00"), r)), end)) // whoever hung up needs none
}

func answer(command string, r io.Reader) string {
	switch command {
	case "PING":
		return "PONG"
	case "VERSION":
		return "ClamAV 1.4.0/0/local"
	case "INSTREAM":
		return scan(r)
	}
	return "UNKNOWN COMMAND"
}

// scan reads chunks, each after its length, up to an empty one.
func scan(r io.Reader) string {
	var content bytes.Buffer
	for {
		var length uint32
		if binary.Read(r, binary.BigEndian, &length) != nil {
			return "INSTREAM: Error reading from stream. ERROR"
		}
		if length == 0 {
			break
		}
		if int64(content.Len())+int64(length) > StreamMaxLength {
			return "INSTREAM size limit exceeded. ERROR"
		}
		if _, err := io.CopyN(&content, r, int64(length)); err != nil {
			return "INSTREAM: Error reading from stream. ERROR"
		}
	}
	if bytes.Contains(content.Bytes(), eicar) {
		return "stream: " + Signature + " FOUND"
	}
	return "stream: OK"
}
