package bench

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is a table of texts; the first row is its head.
type table struct {
	title string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// text writes the table for a terminal. Cells that begin with a digit go to the right.
func (t table) text(w io.Writer) error {
	width := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	out := t.title + "\n\n"
	for _, row := range t.rows {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if numeric(cell) {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		out += "  " + strings.TrimRight(line, " ") + "\n"
	}
	_, err := io.WriteString(w, out+"\n")
	return err
}

// markdown writes the table for a document.
func (t table) markdown(w io.Writer) error {
	out := "### " + t.title + "\n\n"
	for i, row := range t.rows {
		out += "| " + strings.Join(row, " | ") + " |\n"
		if i == 0 {
			out += strings.Repeat("|---", len(row)) + "|\n"
		}
	}
	_, err := io.WriteString(w, out+"\n")
	return err
}

func numeric(cell string) bool { return cell != "" && cell[0] >= '0' && cell[0] <= '9' }

// tables are the report's, in its order.
func (r *Report) tables() []table {
	return []table{r.latencies(), r.work(), r.costs(), r.needs()}
}

func (r *Report) latencies() table {
	t := table{title: "Latency and throughput"}
	t.add("operation", "at once", "way", "p50 ms", "p95 ms", "p99 ms", "per second", "busy", "x floor", "goal", "")
	for i, o := range r.Operations {
		for _, l := range o.Levels {
			for _, w := range l.Ways {
				limit, verdict := "", ""
				if op := operations[i]; op.judged(w.Name) {
					limit, verdict = "<= "+number(op.ratio), met(w.Ratio, op.ratio)
				}
				t.add(o.Name, fmt.Sprint(l.Concurrency), w.Name, number(w.P50), number(w.P95), number(w.P99), fmt.Sprintf("%.0f", w.PerSecond), fmt.Sprint(w.Busy), number(w.Ratio), limit, verdict)
			}
		}
	}
	return t
}

func (r *Report) costs() table {
	t := table{title: "Firestore: what an operation reads and writes"}
	t.add("operation", "calls", "reads", "writes", "event functions: calls", "reads", "writes")
	for _, o := range r.Operations {
		t.add(o.Name, number(o.Own.Calls), number(o.Own.Reads), number(o.Own.Writes), number(o.Following.Calls), number(o.Following.Reads), number(o.Following.Writes))
	}
	return t
}

func (r *Report) work() table {
	t := table{title: "CPU of an operation, in ms"}
	t.add("operation", "at once", "function", "goal", "", "event functions", "all functions", "Firestore emulator", "for the floor", "Pub/Sub emulator")
	for i, o := range r.Operations {
		for _, l := range o.Levels {
			t.add(o.Name, fmt.Sprint(l.Concurrency), number(l.CPU.Answering), "<= "+number(operations[i].cpu), met(l.CPU.Answering, operations[i].cpu),
				number(l.CPU.Events), number(l.CPU.Functions()), number(l.CPU.Firestore), number(l.FloorCPU.Firestore), number(l.CPU.PubSub))
		}
	}
	return t
}

func (r *Report) needs() table {
	t := table{title: "What a function needs"}
	t.add("function", "first answer ms", "goal", "", "first request served ms", "idle MB", "goal", "", "after load MB")
	for _, f := range r.Functions {
		t.add(f.Name, number(f.StartMS), "<= "+number(startGoal), met(f.StartMS, startGoal), number(f.ServeMS),
			number(f.IdleMB), "<= "+number(idleGoal), met(f.IdleMB, idleGoal), number(f.LoadedMB))
	}
	return t
}

func met(got, limit float64) string { return Goal{Met: got <= limit}.String() }

// number has three significant digits at most, and no more than two decimals.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error {
	for _, t := range r.tables() {
		if err := t.text(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", r.Machine, r.verdict())
	return err
}

// verdict is the report in a line.
func (r *Report) verdict() string { return verdict(r.Goals) }

// verdict says which goals are met.
func verdict(goals []Goal) string {
	var missed []string
	for _, g := range goals {
		if !g.Met {
			missed = append(missed, fmt.Sprintf("%s (%s %s, goal %s)", g.Name, number(g.Got), g.Unit, number(g.Limit)))
		}
	}
	if len(missed) == 0 {
		return fmt.Sprintf("All %d goals are met.", len(goals))
	}
	return fmt.Sprintf("%d of %d goals are met; missed: %s.", len(goals)-len(missed), len(goals), strings.Join(missed, "; "))
}
