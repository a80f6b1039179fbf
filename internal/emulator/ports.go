package emulator

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// Ports lie below the range that kernels give to outgoing connections (32768 and
// up on Linux, 49152 on macOS): an emulator that is killed and started again must
// find its port as free as before. They are handed out in blocks of one per kind.
const (
	firstPort = 20000
	blocks    = 500
	blockSize = 4
)

// takePorts reserves a block of free loopback ports. A lock on the block keeps
// other suites of this user away from it even while nobody listens there, until
// release or the end of this process.
func takePorts() (ports [blockSize]int, release func(), err error) {
	cache, err := cacheDir()
	if err != nil {
		return ports, nil, err
	}
	locks := filepath.Join(cache, "ports")
	if err := os.MkdirAll(locks, 0o755); err != nil {
		return ports, nil, err
	}
	for _, block := range rand.Perm(blocks) {
		first := firstPort + block*blockSize
		release, err := tryLock(filepath.Join(locks, fmt.Sprintf("%d.lock", first)))
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return ports, nil, err
		}
		if !areFree(first) {
			release()
			continue
		}
		for i := range ports {
			ports[i] = first + i
		}
		return ports, release, nil
	}
	return ports, nil, fmt.Errorf("emulator: all ports from %d to %d are in use", firstPort, firstPort+blocks*blockSize-1)
}

// areFree says whether nobody listens on any port of the block.
func areFree(first int) bool {
	for port := first; port < first+blockSize; port++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		_ = listener.Close()
	}
	return true
}
