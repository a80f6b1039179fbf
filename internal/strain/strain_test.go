package strain

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestAGateIsOpenSlowOrClosed(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	g, err := openGate(echo.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	ask := func(c net.Conn) error {
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return err
	}
	c, err := net.Dial("tcp", g.address())
	if err != nil || ask(c) != nil {
		t.Fatalf("an open gate: %v", err)
	}
	g.set(20*time.Millisecond, false)
	began := time.Now()
	if err := ask(c); err != nil || time.Since(began) < 40*time.Millisecond {
		t.Errorf("a slow gate: %v after %v", err, time.Since(began))
	}
	g.set(0, true)
	if ask(c) == nil {
		t.Error("a closed gate lets through who is in")
	}
	if c, err := net.Dial("tcp", g.address()); err == nil && ask(c) == nil {
		t.Error("a closed gate lets somebody in")
	}
}
