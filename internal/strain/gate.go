package strain

import (
	"io"
	"net"
	"sync"
	"time"
)

// gate is a way to a server that can be slow, or closed.
type gate struct {
	door net.Listener
	to   string

	mu    sync.Mutex
	slow  time.Duration // that each piece of data waits
	shut  bool          // nobody comes in, and who is in is put out
	inner map[net.Conn]bool
}

// openGate opens a way to an address.
func openGate(to string) (*gate, error) {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{door: door, to: to, inner: map[net.Conn]bool{}}
	go g.serve()
	return g, nil
}

func (g *gate) address() string { return g.door.Addr().String() }

func (g *gate) close() error {
	g.set(0, true)
	return g.door.Close()
}

// set says how the way is from now on.
func (g *gate) set(slow time.Duration, shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slow, g.shut = slow, shut
	if shut {
		for c := range g.inner {
			_ = c.Close()
		}
	}
}

// enter notes a connection, or puts it out.
func (g *gate) enter(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		_ = c.Close()
		return false
	}
	g.inner[c] = true
	return true
}

func (g *gate) leave(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.inner, c)
	_ = c.Close()
}

func (g *gate) serve() {
	for {
		in, err := g.door.Accept()
		if err != nil {
			return // closed
		}
		if g.enter(in) {
			go g.connect(in)
		}
	}
}

func (g *gate) connect(in net.Conn) {
	defer g.leave(in)
	out, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	if !g.enter(out) {
		return
	}
	defer g.leave(out)
	go func() {
		g.pass(out, in)
		_ = out.Close()
	}()
	g.pass(in, out)
}

// pass copies until one side ends.
func (g *gate) pass(to io.Writer, from io.Reader) {
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		if n > 0 {
			g.mu.Lock()
			wait := g.slow
			g.mu.Unlock()
			time.Sleep(wait)
			if _, failed := to.Write(data[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
