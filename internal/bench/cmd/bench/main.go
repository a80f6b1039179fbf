// Command bench measures each operation on a stack of its own and says which goals
// are met. A missed goal is no error.
//
//	go run ./internal/bench/cmd/bench [-out report.json] [-doc docs/benchmarks.md] [-rounds 5]
//
// The tables go to standard output, progress to standard error.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"ticketsystem.example/internal/bench"
)

func main() {
	out := flag.String("out", "", "also write the report as JSON to this file")
	doc := flag.String("doc", "", "also write the report as Markdown to this file")
	rounds := flag.Int("rounds", bench.DefaultRounds, "how often everything is measured")
	flag.Parse()
	if err := run(*out, *doc, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out, doc string, rounds int) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	report, err := bench.Run(ctx, bench.Options{
		Rounds:   rounds,
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		return err
	}
	if err := report.Text(os.Stdout); err != nil {
		return err
	}
	if out != "" {
		if err := write(out, func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(report)
		}); err != nil {
			return err
		}
	}
	if doc != "" {
		return write(doc, report.Markdown)
	}
	return nil
}

func write(file string, content func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := content(f); err != nil {
		_ = f.Close() // the first error tells more
		return err
	}
	return f.Close()
}
