package bench

import (
	"strings"
	"testing"
)

// TestAShortRunFindsEverything runs the whole benchmark with few requests. What the
// figures are is the machine's business; that none is missing is ours.
func TestAShortRunFindsEverything(t *testing.T) {
	var said []string
	r, err := Run(t.Context(), Options{Rounds: 1, Starts: 1, Scale: 0.05, Progress: func(line string) { said = append(said, line) }})
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(said, "\n"))
	}
	for i, o := range r.Operations {
		changes := operations[i].changes
		if o.Own.Calls < 1 || o.Own.Reads+o.Own.Writes < 1 || changes != (o.Own.Writes > 2) || changes != (o.Following.Writes >= 2) {
			t.Errorf("%s: it asks %+v of Firestore, and then others %+v", o.Name, o.Own, o.Following)
		}
		for _, l := range o.Levels {
			for _, w := range l.Ways {
				if w.P50 <= 0 || w.P95 < w.P50 || w.P99 < w.P95 || w.PerSecond <= 0 || w.Ratio <= 0 {
					t.Errorf("%s, %d at once: %+v", o.Name, l.Concurrency, w)
				}
			}
			if changes && (l.CPU.Events <= 0 || l.CPU.Firestore <= 0) {
				t.Errorf("%s, %d at once: what follows used no CPU: %+v", o.Name, l.Concurrency, l.CPU)
			}
		}
	}
	for _, f := range r.Functions {
		if f.StartMS <= 0 || f.ServeMS < f.StartMS || f.IdleMB < 5 || f.LoadedMB < 5 {
			t.Errorf("%+v", f)
		}
	}
	if len(r.Goals) < len(r.Operations)+2*len(r.Functions) {
		t.Errorf("only %d goals were judged", len(r.Goals))
	}
}
