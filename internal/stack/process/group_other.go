//go:build !linux

package process

import "syscall"

// ownGroup puts the program into a process group of its own, which a terminal's
// Ctrl-C does not reach.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
