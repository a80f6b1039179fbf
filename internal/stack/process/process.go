// Package process keeps one program running: it starts it in a process group of its
// own, starts it again when it ends by itself, and stops it with all it started.
//
// Ideas:
//
//   - A program that ends unasked is started again at once; one that keeps ending
//     waits longer each time, from a tenth of a second to ten.
//   - What it prints goes straight to a file, so a program that dies with its last
//     words unread has still said them.
//   - Nothing outlives us: Stop ends the group, first politely, then hard, and on
//     Linux the kernel ends the program when this process dies.
//
// It does not know what the program does or when it is ready.
package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Spec says what to run.
type Spec struct {
	Name string   // for people
	Path string   // the program
	Dir  string   // its working folder
	Env  []string // all of its environment, as NAME=value
	Log  string   // file that takes its output; emptied first
}

// Process is a program that is kept running.
type Process struct {
	spec Spec
	log  *os.File
	say  func(string)
	quit chan struct{} // closed when it shall not be started again
	over chan struct{} // closed when it has ended for good

	mu       sync.Mutex
	cmd      *exec.Cmd
	running  bool
	stopping bool
	restarts int
}

// Start runs the program. say gets a line for people whenever the program ends by
// itself and is started again; it may be called from any goroutine.
func Start(spec Spec, say func(string)) (*Process, error) {
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	p := &Process{spec: spec, log: log, say: say, quit: make(chan struct{}), over: make(chan struct{})}
	if err := p.launch(); err != nil {
		_ = log.Close()
		return nil, err
	}
	go p.supervise()
	return p, nil
}

// launch starts the program unless it is to stop.
func (p *Process) launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return fmt.Errorf("process: %s was stopped", p.spec.Name)
	}
	cmd := exec.Command(p.spec.Path)
	cmd.Dir, cmd.Env = p.spec.Dir, p.spec.Env
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("process: start %s: %w", p.spec.Name, err)
	}
	if p.cmd != nil {
		p.restarts++
	}
	p.cmd, p.running = cmd, true
	return nil
}

// supervise waits for the program to end and starts it again, until Stop.
func (p *Process) supervise() {
	defer close(p.over)
	defer p.log.Close()
	var pauses backoff
	born := time.Now()
	ended := p.wait()
	for p.hold(ended, pauses.next(time.Since(born))) {
		born = time.Now()
		if ended = p.launch(); ended == nil {
			ended = p.wait()
		}
	}
}

// wait returns how the program ended. Whatever it left in its group ends with it.
func (p *Process) wait() error {
	p.mu.Lock()
	cmd := p.cmd
	p.mu.Unlock()
	err := cmd.Wait()
	p.mu.Lock()
	p.running = false
	p.mu.Unlock()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if err == nil {
		return fmt.Errorf("exit status 0")
	}
	return err
}

// hold says what happened and waits until the next start is due. It reports false
// when the program shall not be started again.
func (p *Process) hold(ended error, wait time.Duration) bool {
	select {
	case <-p.quit:
		return false
	default:
	}
	if wait == 0 {
		p.say(fmt.Sprintf("%s ended (%v); starting it again", p.spec.Name, ended))
	} else {
		p.say(fmt.Sprintf("%s ended again (%v); starting it in %s; see %s", p.spec.Name, ended, wait, p.spec.Log))
	}
	select {
	case <-p.quit:
		return false
	case <-time.After(wait):
		return true
	}
}

// Stop asks the program to end and returns when it has. When ctx ends first, the
// program is killed.
func (p *Process) Stop(ctx context.Context) {
	p.mu.Lock()
	if !p.stopping {
		p.stopping = true
		close(p.quit)
	}
	p.mu.Unlock()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.over:
	case <-ctx.Done():
		p.signal(syscall.SIGKILL)
		<-p.over
	}
}

// Kill ends the program as a crash would; it is started again.
func (p *Process) Kill() { p.signal(syscall.SIGKILL) }

// signal reaches the whole group, if the program runs.
func (p *Process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running {
		_ = syscall.Kill(-p.cmd.Process.Pid, s)
	}
}

// Ended is closed when the program has ended for good.
func (p *Process) Ended() <-chan struct{} { return p.over }

// Status is what a process is doing.
type Status struct {
	PID      int // of the program that runs now, or ran last
	Running  bool
	Restarts int // how often it was started again
}

// Status tells what the process is doing.
func (p *Process) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{PID: p.cmd.Process.Pid, Running: p.running, Restarts: p.restarts}
}
