package emulator

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
)

// PID is the process id of an emulator that this suite started and that runs,
// for accounting of CPU time and memory; 0 for any other.
func (s *Suite) PID(kind Kind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if running, ok := s.running[kind]; ok {
		return running.pid()
	}
	return 0
}

// Pause stops an emulator in its tracks: connections stay open and nobody
// answers, as in a network fault. It returns when the emulator stands still
// (which it can tell on Linux only). Its state is kept; see Resume.
func (s *Suite) Pause(kind Kind) error {
	running, err := s.find(kind)
	if err != nil {
		return err
	}
	if err := running.pause(); err != nil {
		return fmt.Errorf("%s emulator: %w", kind, err)
	}
	return nil
}

// Resume lets a paused emulator go on.
func (s *Suite) Resume(kind Kind) error {
	running, err := s.find(kind)
	if err != nil {
		return err
	}
	return running.signal(syscall.SIGCONT)
}

// Kill ends an emulator at once, as a crash would: connections break and new
// ones are refused. What it held in memory is lost. It returns when the emulator
// is gone; see Restart.
func (s *Suite) Kill(kind Kind) error {
	running, err := s.find(kind)
	if err != nil {
		return err
	}
	atOnce, cancel := context.WithCancel(context.Background())
	cancel()
	if err := running.stop(atOnce); err != nil {
		return fmt.Errorf("%s emulator: %w", kind, err)
	}
	s.drop(kind, running)
	return nil
}

// Restart starts an emulator again at the same address, after killing it if it
// still runs. It comes back empty, or with what Data kept when the suite last
// stopped.
func (s *Suite) Restart(ctx context.Context, kind Kind) error {
	if s.PID(kind) != 0 {
		if err := s.Kill(kind); err != nil {
			return err
		}
	}
	return s.launch(ctx, []Kind{kind})
}

// find returns the running emulator of a kind.
func (s *Suite) find(kind Kind) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	running, ok := s.running[kind]
	if !ok {
		return nil, fmt.Errorf("emulator: this suite runs no %s emulator", kind)
	}
	return running, nil
}

// hold makes sure that there is a lifeline.
func (s *Suite) hold() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lifeline == nil {
		s.lifeline, err = newLifeline()
	}
	return err
}

// spawn starts an emulator's process and has it watched.
func (s *Suite) spawn(kind Kind, command *exec.Cmd) (*process, error) {
	out := &output{log: s.log, prefix: string(kind) + ": "}
	s.mu.Lock()
	defer s.mu.Unlock()
	started, err := startProcess(command, out, func(gone *process) {
		_ = gone.signal(syscall.SIGKILL) // what a wrapper script leaves behind
		s.drop(kind, gone)
		s.say("%s: ended by itself (%v)", kind, gone.reason)
	})
	if err != nil {
		return nil, err
	}
	s.running[kind] = started
	return started, s.lifeline.watch(started.pid())
}

// drop forgets a process that is gone.
func (s *Suite) drop(kind Kind, gone *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[kind] == gone {
		delete(s.running, kind)
	}
	if s.lifeline != nil {
		s.lifeline.forget(gone.pid())
	}
}

// say reports progress.
func (s *Suite) say(format string, values ...any) {
	if s.options.Progress == nil {
		return
	}
	s.saying.Lock()
	defer s.saying.Unlock()
	s.options.Progress(fmt.Sprintf(format, values...))
}
