package bench

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"time"
)

// scaleGoal is how many times as long an operation may take with many tickets.
const scaleGoal = 1.3

// ScaleReport compares operations in a small and in a large database.
type ScaleReport struct {
	Machine    Machine          `json:"machine"`
	At         time.Time        `json:"at"`
	Seconds    float64          `json:"seconds"`
	Rounds     int              `json:"rounds"`
	Requests   int              `json:"requests"` // of each operation, round and size
	Small      ScaleSize        `json:"small"`
	Large      ScaleSize        `json:"large"`
	Operations []ScaleOperation `json:"operations"`
	Goals      []Goal           `json:"goals"`
}

// ScaleSize is one of the databases.
type ScaleSize struct {
	Tickets     int     `json:"tickets"`
	LoadSeconds float64 `json:"load_seconds"`
}

// ScaleOperation is one operation in both sizes.
type ScaleOperation struct {
	Name       string    `json:"name"`
	Small      ScaleCost `json:"small"`
	Large      ScaleCost `json:"large"`
	Ratio      float64   `json:"ratio"`       // large to small: median of the rounds' ratios of their medians
	ApartRatio float64   `json:"apart_ratio"` // likewise, apart from the time that queries take
}

// ScaleCost is the median request in one size.
type ScaleCost struct {
	Reads  float64 `json:"reads"`
	Writes float64 `json:"writes"`
	P50    float64 `json:"p50_ms"`
	Apart  float64 `json:"apart_ms"` // apart from queries
	Failed int     `json:"failed"`   // not answered in time
}

func newScaleReport(o ScaleOptions) *ScaleReport {
	return &ScaleReport{
		Machine: thisMachine(), At: time.Now().UTC().Truncate(time.Second), Rounds: o.Rounds, Requests: o.Requests,
		Small: ScaleSize{Tickets: o.Small}, Large: ScaleSize{Tickets: o.Large},
	}
}

// measure takes each step's rounds in both places in turns.
func (r *ScaleReport) measure(ctx context.Context, small, large *place, o ScaleOptions) error {
	for _, s := range steps {
		var all [2][]once
		var ratios, apart []float64
		for round := range o.Rounds + 1 {
			var now [2][]once
			for turn := range 2 {
				side := (turn + round) % 2
				for i := range o.Requests {
					one, err := []*place{small, large}[side].measure(ctx, s, round*o.Requests+i)
					if err != nil {
						return fmt.Errorf("%s: %w", s.name, err)
					}
					now[side] = append(now[side], one)
				}
			}
			if round == 0 {
				continue // fills caches
			}
			a, b := costOfScale(now[0]), costOfScale(now[1])
			ratios, apart = append(ratios, b.P50/a.P50), append(apart, b.Apart/a.Apart)
			all[0], all[1] = append(all[0], now[0]...), append(all[1], now[1]...)
		}
		r.Operations = append(r.Operations, ScaleOperation{s.name, costOfScale(all[0]), costOfScale(all[1]), median(ratios), median(apart)})
		o.Progress(s.name + ": done")
	}
	return nil
}

func costOfScale(all []once) (c ScaleCost) {
	var took, apart, reads, writes []float64
	for _, o := range all {
		took, apart = append(took, ms(o.took)), append(apart, ms(o.apart))
		reads, writes = append(reads, float64(o.reads)), append(writes, float64(o.writes))
		if o.failed {
			c.Failed++
		}
	}
	c.P50, c.Apart, c.Reads, c.Writes = median(took), median(apart), median(reads), median(writes)
	return c
}

// judge compares both sizes.
func (r *ScaleReport) judge() {
	add := func(name, unit string, limit, got float64, met bool) {
		r.Goals = append(r.Goals, Goal{name, unit, limit, got, met})
	}
	for _, o := range r.Operations {
		add(o.Name+": reads", "documents", o.Small.Reads, o.Large.Reads, o.Small.Reads == o.Large.Reads)
		add(o.Name+": writes", "documents", o.Small.Writes, o.Large.Writes, o.Small.Writes == o.Large.Writes)
		add(o.Name+": p50", "x", scaleGoal, o.Ratio, o.Ratio <= scaleGoal && o.Large.Failed == 0)
	}
}

func (r *ScaleReport) table() table {
	t := table{title: fmt.Sprintf("From %d to %d tickets", r.Small.Tickets, r.Large.Tickets)}
	t.add("operation", "reads", "reads of many", "writes", "writes of many", "p50 ms", "p50 ms of many", "x", "goal", "", "x apart from queries", "not in time")
	for _, o := range r.Operations {
		t.add(o.Name, number(o.Small.Reads), number(o.Large.Reads), number(o.Small.Writes), number(o.Large.Writes), number(o.Small.P50), number(o.Large.P50),
			number(o.Ratio), "<= "+number(scaleGoal), Goal{Met: o.Ratio <= scaleGoal && o.Large.Failed == 0}.String(), number(o.ApartRatio), fmt.Sprint(o.Small.Failed+o.Large.Failed))
	}
	return t
}

// Text writes the report for a terminal.
func (r *ScaleReport) Text(w io.Writer) error {
	if err := r.table().text(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\nloaded in %.0f s and %.0f s\n%s\n", r.Machine, r.Small.LoadSeconds, r.Large.LoadSeconds, verdict(r.Goals))
	return err
}

// aboutScale is the part of docs/scale.md that people wrote.
//
//go:embed aboutscale.md
var aboutScale string

// Markdown writes the report as docs/scale.md.
func (r *ScaleReport) Markdown(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s\n## The latest figures\n\nMeasured %s by `go run ./internal/bench/cmd/bench -scale -small %d -large %d` in %.0f s: %d rounds of %d requests. Loading took %.0f s and %.0f s.\n\nMachine: %s.\n\n%s\n\n",
		aboutScale, r.At.Format("2 January 2006, 15:04 UTC"), r.Small.Tickets, r.Large.Tickets, r.Seconds, r.Rounds, r.Requests, r.Small.LoadSeconds, r.Large.LoadSeconds, r.Machine, verdict(r.Goals))
	if err != nil {
		return err
	}
	return r.table().markdown(w)
}
