package quarantine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"ticketsystem.example/shared/fault"
)

// scanWithin is how long one look may take, and chunk how much is sent at once.
const (
	scanWithin = 30 * time.Second
	chunk      = 256 << 10
	maxReply   = 4096
)

// Clamd scans with ClamAV's daemon at an address, host:port, by its INSTREAM command. With
// no address, or no answer, nothing can be scanned, and so nothing is let through.
func Clamd(address string) Scanner {
	return func(ctx context.Context, content []byte) (string, error) {
		if address == "" {
			return "", fault.Down(errors.New("quarantine: no scanner is configured (CLAMD_ADDRESS)"))
		}
		ctx, cancel := context.WithTimeout(ctx, scanWithin)
		defer cancel()
		reply, err := ask(ctx, address, content)
		if err != nil {
			return "", fault.Down(fmt.Errorf("quarantine: clamd: %w", err))
		}
		return verdict(reply)
	}
}

// ask sends the content and returns clamd's one line of answer.
func ask(ctx context.Context, address string, content []byte) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return "", err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	failed := send(conn, content)
	// It may have answered in the middle, as of a file larger than it takes, and closed.
	reply, err := io.ReadAll(io.LimitReader(conn, maxReply))
	if line, ended := strings.CutSuffix(string(reply), "\x00"); ended {
		return line, nil
	}
	return "", errors.Join(failed, err, fmt.Errorf("the answer %.100q has no end", reply))
}

// send writes the command and the content in chunks, each after its length, the last empty.
func send(w io.Writer, content []byte) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	for rest := bytes.NewBuffer(content); ; {
		part := rest.Next(chunk)
		if _, err := w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))); err != nil {
			return err
		}
		if len(part) == 0 {
			return nil
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
}

// verdict reads "stream: OK" or "stream: NAME FOUND"; anything else is no verdict.
func verdict(reply string) (string, error) {
	said, ok := strings.CutPrefix(reply, "stream: ")
	if found, bad := strings.CutSuffix(said, " FOUND"); ok && bad && found != "" {
		return found, nil
	}
	if reply == "stream: OK" {
		return "", nil
	}
	return "", fault.Down(fmt.Errorf("quarantine: clamd answered %.200q", reply))
}
