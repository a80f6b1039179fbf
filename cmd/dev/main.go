// Command dev runs the whole system on this machine, with a demo organisation in it.
//
//	PORT=8080 DATA=folder go run ./cmd/dev
//
// PORT is the front door's (8080 if unset); all other ports are chosen. Data is fresh
// on every start unless DATA names a folder to keep it in. It says what it does
// while it starts, then prints the line "ready http://127.0.0.1:PORT", the demo
// accounts, and from then on what happens to functions.
//
// SIGINT and SIGTERM stop everything that it started, and only that; a second one
// does so without waiting. Logs are in .build/run/PORT.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"ticketsystem.example/internal/stack"
	"ticketsystem.example/internal/stack/console"
)

// stopWithin is how long an orderly stop may take.
const stopWithin = 4 * time.Second

func main() {
	if err := run(os.Getenv("PORT"), os.Getenv("DATA")); err != nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// run starts the system, says so, and stops it at the first signal. A second signal
// ends the grace that the stop has.
func run(port, data string) error {
	options, err := optionsFor(port, data)
	if err != nil {
		return err
	}
	first, second := signals()
	began := time.Now()
	s, err := stack.Start(first, options)
	if errors.Is(err, stack.ErrPortTaken) {
		return fmt.Errorf("port %d is taken by another program; PORT=%d make run takes another", options.Port, options.Port+1)
	}
	if err != nil {
		return unlessEnded(first, err)
	}
	failed := ready(first, s, began)
	if failed == nil {
		<-first.Done()
	}
	options.Progress("stopping; a second signal stops at once")
	grace, cancel := context.WithTimeout(second, stopWithin)
	defer cancel()
	if err := s.Stop(grace); err != nil {
		return unlessEnded(second, err)
	}
	return unlessEnded(first, failed)
}

// ready fills the system with the demo organisation and says how to use it.
func ready(ctx context.Context, s *stack.Stack, began time.Time) error {
	fmt.Println("seeding the demo organisation")
	if err := s.Seed(ctx); err != nil {
		return err
	}
	fmt.Printf("started in %.1f s\n\nready %s\n\n", time.Since(began).Seconds(), s.URL)
	return welcome(os.Stdout, s.URL)
}

// optionsFor turns the environment's settings into a stack's.
func optionsFor(port, data string) (stack.Options, error) {
	if port == "" {
		port = "8080"
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return stack.Options{}, fmt.Errorf("PORT must be a number from 1 to 65535, not %q", port)
	}
	root, err := stack.Root()
	return stack.Options{
		Port:     int(number),
		Dir:      filepath.Join(root, ".build", "run", port),
		Data:     data,
		Console:  console.New,
		Progress: func(line string) { fmt.Println(line) },
	}, err
}

// signals returns a context that ends with the first SIGINT or SIGTERM and one that
// ends with the second.
func signals() (first, second context.Context) {
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	first, end := context.WithCancel(context.Background())
	second, endAtOnce := context.WithCancel(context.Background())
	go func() {
		<-caught
		end()
		<-caught
		endAtOnce()
	}()
	return first, second
}

// unlessEnded drops an error that only says that a signal came.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
