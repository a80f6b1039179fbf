package emulator

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// readyWithin is how long an emulator may take from start to first answer. A
	// warm one needs 2 seconds; the rest is for machines with other work to do.
	readyWithin = 90 * time.Second
	// politeFor is how long an emulator may take to end by itself.
	politeFor = 5 * time.Second
	// pollEvery paces the waits for an answer and for the end of a process group.
	pollEvery = 20 * time.Millisecond
)

// process is one running emulator: the leader of a process group of its own.
type process struct {
	command *exec.Cmd
	output  *output
	asked   atomic.Bool   // whether its end was asked for
	ended   chan struct{} // closed when the leader is gone
	reason  error         // how it ended; read only after ended is closed
}

// startProcess runs command in a new process group; its output goes to out.
// onEnd is called once if it ends without having been asked to.
func startProcess(command *exec.Cmd, out *output, onEnd func(*process)) (*process, error) {
	command.Stdout, command.Stderr = out, out
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A descendant that keeps the output open must not keep us waiting for it.
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, output: out, ended: make(chan struct{})}
	go func() {
		p.reason = command.Wait()
		close(p.ended)
		if !p.asked.Load() {
			onEnd(p)
		}
	}()
	return p, nil
}

// pid is the process id of the group's leader, and the group's id.
func (p *process) pid() int { return p.command.Process.Pid }

// waitReady polls url until it answers 200. A process that ends first, even if
// somebody else answers, is an error that quotes its last words.
func (p *process) waitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		answers := answersOK(ctx, url)
		select {
		case <-p.ended:
			return fmt.Errorf("ended while it started (%v); its last words:\n%s", p.reason, p.output.tail())
		case <-ctx.Done():
			return fmt.Errorf("did not answer at %s: %w; its last words:\n%s", url, context.Cause(ctx), p.output.tail())
		case <-time.After(pollEvery):
			if answers {
				return nil
			}
		}
	}
}

// prober asks without keeping connections: a kept one would hold up the end of
// the emulator that it leads to.
var prober = &http.Client{
	Timeout:   2 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil},
}

func answersOK(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	answer, err := prober.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// signal sends a signal to the whole group.
func (p *process) signal(signal syscall.Signal) error { return syscall.Kill(-p.pid(), signal) }

// pause stops the group. The signal takes effect a moment after it was sent, so
// the leader is watched until it stands still.
func (p *process) pause() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for deadline := time.Now().Add(politeFor); time.Now().Before(deadline); time.Sleep(pollEvery) {
		state, err := processState(p.pid())
		if err != nil {
			return err
		}
		if state == stateStopped {
			return nil
		}
	}
	return fmt.Errorf("process %d does not stand still after SIGSTOP", p.pid())
}

// stop ends the group and returns when no process of it is left: by SIGTERM
// first, by SIGKILL when ctx ends or patience does.
func (p *process) stop(ctx context.Context) error {
	p.asked.Store(true)
	if ctx.Err() == nil {
		_ = p.signal(syscall.SIGTERM)
		_ = p.signal(syscall.SIGCONT) // a paused process takes the signal only then
		polite, cancel := context.WithTimeout(ctx, politeFor)
		defer cancel()
		if p.waitGone(polite) {
			return nil
		}
	}
	_ = p.signal(syscall.SIGKILL)
	final, cancel := context.WithTimeout(context.WithoutCancel(ctx), politeFor)
	defer cancel()
	if !p.waitGone(final) {
		return fmt.Errorf("process group %d did not end after SIGKILL", p.pid())
	}
	return nil
}

// waitGone reports whether the group was empty before ctx ended. The leader
// alone is not enough: an emulator started by a wrapper script outlives it.
func (p *process) waitGone(ctx context.Context) bool {
	select {
	case <-p.ended:
	case <-ctx.Done():
		return false
	}
	for p.signal(0) == nil {
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return false
		}
	}
	return true
}
