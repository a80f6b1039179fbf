// Command bench measures each operation on a stack of its own and says which goals
// are met. A missed goal is no error.
//
//	go run ./internal/bench/cmd/bench [-out report.json] [-doc docs/benchmarks.md] [-rounds 5]
//
// With -scale it compares a small with a large database instead (docs/scale.md).
//
//	go run ./internal/bench/cmd/bench -scale [-small 1000] [-large 100000]
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
	scale := flag.Bool("scale", false, "compare a small with a large database instead")
	small := flag.Int("small", bench.DefaultSmall, "with -scale: tickets in the small database")
	large := flag.Int("large", bench.DefaultLarge, "with -scale: tickets in the large one")
	flag.Parse()
	measure := func(ctx context.Context) (report, error) {
		return bench.Run(ctx, bench.Options{Rounds: *rounds, Progress: progress})
	}
	if *scale {
		measure = func(ctx context.Context) (report, error) {
			return bench.Scale(ctx, bench.ScaleOptions{Small: *small, Large: *large, Rounds: *rounds, Progress: progress})
		}
	}
	if err := run(measure, *out, *doc); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is what both kinds of run return.
type report interface {
	Text(w io.Writer) error
	Markdown(w io.Writer) error
}

func progress(line string) { fmt.Fprintln(os.Stderr, line) }

func run(measure func(context.Context) (report, error), out, doc string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	report, err := measure(ctx)
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
