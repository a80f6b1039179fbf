// Command emulators runs a command with the cloud around it: it starts the
// emulators, runs the command with an environment that names them, and stops
// them when it ends.
//
//	go run ./internal/emulator/cmd/emulators -- go test ./...
//
// It ends with the command's exit code (128 and the signal's number when a signal
// ended it); SIGINT and SIGTERM are passed on. Without a command it prints the
// environment, one NAME=value a line, and waits for such a signal. Progress goes
// to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ticketsystem.example/internal/emulator"
)

// stopWithin bounds the writing of kept data and the polite part of the stop.
const stopWithin = 30 * time.Second

func main() {
	var options emulator.Options
	flag.StringVar(&options.Project, "project", "", "cloud project (default "+emulator.DefaultProject+")")
	flag.StringVar(&options.Rules, "rules", "", "file of Firestore security rules")
	flag.StringVar(&options.Data, "data", "", "folder to keep data in (default: start fresh, keep nothing)")
	only := flag.String("only", "", "comma-separated kinds: firestore,pubsub,auth,storage (default all)")
	log := flag.String("log", "", "file for the emulators' own output")
	flag.Parse()
	for kind := range strings.FieldsFuncSeq(*only, func(r rune) bool { return r == ',' }) {
		options.Only = append(options.Only, emulator.Kind(kind))
	}
	options.Progress = func(line string) { fmt.Fprintln(os.Stderr, "emulators:", line) }
	code, err := run(options, *log, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulators:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run starts the suite, runs the command in it, and returns its exit code.
func run(options emulator.Options, log string, command []string) (code int, err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if log != "" {
		file, err := os.Create(log)
		if err != nil {
			return 1, err
		}
		defer file.Close()
		options.Log = file
	}
	suite, err := start(options, signals)
	if err != nil {
		return 1, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		err = errors.Join(err, suite.Stop(ctx))
	}()
	if len(command) == 0 {
		_, err := io.WriteString(os.Stdout, strings.Join(suite.Env(), "\n")+"\n")
		if err == nil {
			<-signals
		}
		return 0, err
	}
	return execute(command, suite.Env(), signals)
}

// start starts the suite; a signal ends the attempt.
func start(options emulator.Options, signals <-chan os.Signal) (*emulator.Suite, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	started := make(chan struct{})
	defer close(started)
	go func() {
		select {
		case signal := <-signals:
			cancel(fmt.Errorf("stopped by %s", signal))
		case <-started:
		}
	}()
	return emulator.Start(ctx, options)
}

// execute runs the command, passes signals on to it and returns its exit code.
func execute(command, env []string, signals <-chan os.Signal) (int, error) {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.Env = append(os.Environ(), env...)
	if err := child.Start(); err != nil {
		return 127, err
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case signal := <-signals:
				_ = child.Process.Signal(signal)
			case <-ended:
				return
			}
		}
	}()
	err := child.Wait()
	close(ended)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
