package bench

import "fmt"

// Goals of every function.
const (
	startGoal = 150.0 // ms from the start of a process to its first answer
	idleGoal  = 40.0  // MB
)

// Goal is a promise and whether it is kept.
type Goal struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit"`
	Got   float64 `json:"got"`
	Met   bool    `json:"met"`
}

// String says it in a word or two.
func (g Goal) String() string {
	if g.Met {
		return "met"
	}
	return "MISSED"
}

// judge compares what was found with the goals.
func (r *Report) judge() {
	for i, o := range r.Operations {
		op := operations[i]
		for _, l := range o.Levels {
			at := fmt.Sprintf("%s, %d at once", o.Name, l.Concurrency)
			for _, w := range l.Ways {
				if op.judged(w.Name) {
					r.goal(at+": p50, "+w.Name, "x floor", op.ratio, w.Ratio)
				}
			}
			r.goal(at+": CPU of the function", "ms", op.cpu, l.CPU.Answering)
		}
	}
	for _, f := range r.Functions {
		r.goal(f.Name+": start to first answer", "ms", startGoal, f.StartMS)
		r.goal(f.Name+": idle memory", "MB", idleGoal, f.IdleMB)
	}
}

// judged reports whether the operation has a goal of latency that holds in a way. The
// front door has none: it is never deployed, and stands where Google's load balancer is.
func (op operation) judged(way string) bool {
	return op.ratio > 0 && (way == aloneWay || way == directWay)
}

func (r *Report) goal(name, unit string, limit, got float64) {
	r.Goals = append(r.Goals, Goal{name, unit, limit, got, got <= limit})
}

// Missed counts the goals that are not met.
func (r *Report) Missed() (n int) {
	for _, g := range r.Goals {
		if !g.Met {
			n++
		}
	}
	return n
}
