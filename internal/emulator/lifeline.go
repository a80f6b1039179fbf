package emulator

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// lifeline kills process groups when this process dies without having stopped
// them: killed, crashed, or ended by a test's time limit.
//
// It is a shell in a group of its own that reads from a pipe which only this
// process can write to. However this process ends, the kernel closes the pipe,
// and the shell kills what it was told to watch and ends. The kernel's own
// parent-death signal is no substitute: it exists on Linux only, follows threads
// rather than processes, and misses a wrapper script's children.
//
// Between the start of a group and the moment that the shell knows of it lie
// some microseconds in which a death would leave the group behind.
type lifeline struct {
	pipe    io.WriteCloser
	watcher *exec.Cmd
}

const watch = `
groups=
while read -r what group; do
	case $what in
	watch) groups="$groups $group" ;;
	forget)
		kept=
		for each in $groups; do [ "$each" = "$group" ] || kept="$kept $each"; done
		groups=$kept ;;
	esac
done
for each in $groups; do kill -9 "-$each"; done 2>/dev/null
`

func newLifeline() (*lifeline, error) {
	watcher := exec.Command("/bin/sh", "-c", watch)
	watcher.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := watcher.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := watcher.Start(); err != nil {
		return nil, fmt.Errorf("emulator: starting the watcher: %w", err)
	}
	return &lifeline{pipe: pipe, watcher: watcher}, nil
}

// watch has the group killed when this process dies.
func (l *lifeline) watch(group int) error {
	_, err := fmt.Fprintln(l.pipe, "watch", group)
	return err
}

// forget leaves the group alone; its number may soon belong to somebody else.
func (l *lifeline) forget(group int) { _, _ = fmt.Fprintln(l.pipe, "forget", group) }

// close ends the watcher. What it still watches is killed.
func (l *lifeline) close() {
	_ = l.pipe.Close()
	_ = l.watcher.Wait()
}
