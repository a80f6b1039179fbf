package stack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

// Functions listen below the range that kernels give to outgoing connections, so
// that nothing takes a function's port while the function is being started again.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// freePorts draws n different ports of this machine that nobody listens on. They
// are random, because two stacks that look at once see the same ones free.
func freePorts(n int) ([]int, error) {
	var ports []int
	drawn := map[int]bool{}
	for range 1000 {
		if len(ports) == n {
			return ports, nil
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if drawn[port] {
			continue
		}
		drawn[port] = true
		if l, err := listen(port); err == nil {
			_ = l.Close()
			ports = append(ports, port)
		}
	}
	return nil, fmt.Errorf("stack: no %d free ports between %d and %d", n, lowestPort, highestPort)
}

// ErrPortTaken says that another program listens on the front door's port.
var ErrPortTaken = errors.New("port is taken by another program")

// listen opens a port of this machine, for this machine alone; 0 means any.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: %d", ErrPortTaken, port)
	}
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	return l, nil
}
