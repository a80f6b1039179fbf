package simulate

import (
	"flag"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/serve"
)

// seeds is how many lives TestNothingGoesWrongInManyLives lives through.
var seeds = flag.Uint64("seeds", 500, "simulated lives")

func TestMain(m *testing.M) {
	flag.Parse()
	serve.LogTo(slog.DiscardHandler)
	os.Exit(m.Run())
}

func TestNothingGoesWrongInManyLives(t *testing.T) {
	sum := Many(0, *seeds, runtime.GOMAXPROCS(0), Options{})
	t.Logf("%d seeds, %.0f simulated days, %d facts, %d instances killed at work", sum.Seeds, sum.Virtual.Hours()/24, sum.Facts, sum.Killed)
	for _, r := range sum.Failed {
		t.Error(r.Report(Options{}))
	}
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	for seed := range uint64(8) {
		a, b := Plan(seed).Run(Options{}), Plan(seed).Run(Options{Trace: true})
		if a.Hash != b.Hash || a.Steps != b.Steps || a.Facts != b.Facts {
			t.Errorf("seed %d: %s of %d steps, then %s of %d", seed, a.Hash, a.Steps, b.Hash, b.Steps)
		}
		if c := Plan(seed + 1).Run(Options{}); c.Hash == a.Hash {
			t.Errorf("seeds %d and %d are the same", seed, seed+1)
		}
	}
}

func TestAFailureShrinksToWhatMakesItAndReplays(t *testing.T) {
	o := Options{Mutation: &Mutation{Store: without("inboxes", "notify")}}
	s := Plan(0)
	small := Shrink(s, o)
	first, again := small.Run(o), small.Run(o)
	if len(small.Actions) > 3 || len(first.Wrong) == 0 {
		t.Errorf("%d of %d actions are left: %v", len(small.Actions), len(s.Actions), first.Wrong)
	}
	if first.Hash != again.Hash || !slices.Equal(first.Wrong, again.Wrong) {
		t.Errorf("it replays as %v, not %v", again.Wrong, first.Wrong)
	}
	report := first.Report(o)
	if !strings.Contains(report, small.Command()) || !strings.Contains(report, "commit acts/") {
		t.Errorf("the report is %s", report)
	}
}

func TestEveryFunctionIsSimulatedOrSaysWhyNot(t *testing.T) {
	w := newWorld(Plan(0), Options{})
	w.hire()
	for _, f := range functions.Catalogue {
		if (w.functions[f.Name] == nil) == (Absent[f.Name] == "") {
			t.Errorf("%s is to be either simulated or in Absent", f.Name)
		}
		if c, ok := consumers[f.Name]; ok && !slices.Equal(sorted(c.kinds), sorted(f.Events)) {
			t.Errorf("%s acts on %v, and is sent %v", f.Name, c.kinds, f.Events)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
