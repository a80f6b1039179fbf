package bench

import (
	_ "embed"
	"fmt"
	"io"
)

// about is the part of the document that people wrote.
//
//go:embed about.md
var about string

// Markdown writes the report as docs/benchmarks.md: how it is measured, and the
// figures.
func (r *Report) Markdown(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s\n## The latest figures\n\nMeasured %s by `make bench` in %.0f s: %d rounds, %d starts of each function.\n\nMachine: %s.\n\n%s\n\n",
		about, r.At.Format("2 January 2006, 15:04 UTC"), r.Seconds, r.Rounds, r.Starts, r.Machine, r.verdict())
	if err != nil {
		return err
	}
	for _, t := range r.tables() {
		if err := t.markdown(w); err != nil {
			return err
		}
	}
	return nil
}
