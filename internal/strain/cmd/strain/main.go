// Command strain puts a whole system of its own under strain and counts afterwards: it
// fails if anything that was promised is not there, once.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ticketsystem.example/internal/strain"
)

func main() {
	length := flag.Duration("for", 3*time.Minute, "how long people work")
	kills := flag.Int("kills", 120, "processes to kill meanwhile")
	workers := flag.Int("workers", 6, "people at a time")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	f, err := strain.Chaos(ctx, strain.Options{For: *length, Kills: *kills, Workers: *workers, Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(f)
	for i, w := range f.Wrong {
		if i == 20 {
			fmt.Printf("and %d more\n", len(f.Wrong)-i)
			break
		}
		fmt.Println("WRONG:", w)
	}
	if len(f.Wrong) > 0 {
		os.Exit(1)
	}
}
