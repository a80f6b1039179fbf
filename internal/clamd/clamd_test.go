package clamd

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
)

// say sends bytes to a server and returns all that it answers.
func say(t *testing.T, s *Server, what string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, what); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// stream is the content as INSTREAM takes it, in two chunks.
func stream(content string) string {
	half := len(content) / 2
	out := ""
	for _, part := range []string{content[:half], content[half:], ""} {
		out += string(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) + part
		if part == "" {
			break
		}
	}
	return out
}

func TestItSpeaksAsClamdDoes(t *testing.T) {
	s, err := Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{
		"zPING\x00":                       "PONG\x00",
		"nPING\n":                         "PONG\n",
		"PING\n":                          "PONG\n",
		"zWHAT\x00":                       "UNKNOWN COMMAND\x00",
		"zVERSION\x00":                    "ClamAV 1.4.0/0/local\x00",
		"zINSTREAM\x00" + stream("hello"): "stream: OK\x00",
		"nINSTREAM\n" + stream("hello"):   "stream: OK\n",
		"zINSTREAM\x00" + stream(string(EICAR())):                    "stream: Eicar-Test-Signature FOUND\x00",
		"zINSTREAM\x00" + stream("hidden in "+string(EICAR())+" it"): "stream: Eicar-Test-Signature FOUND\x00",
		"zINSTREAM\x00\x00\x00\x00\x09short":                         "INSTREAM: Error reading from stream. ERROR\x00",
		"zINSTREAM\x00\x7f\x00\x00\x00":                              "INSTREAM size limit exceeded. ERROR\x00",
	} {
		if got := say(t, s, what); got != want {
			t.Errorf("%.40q: %q, want %q", what, got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.Address); err == nil || strings.Contains(s.Address, ":0") {
		t.Error("it still listens")
	}
}
