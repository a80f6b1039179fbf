package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
)

// rounds makes rounds of ten requests each, that took the given times each.
func rounds(cpu time.Duration, each ...time.Duration) []round {
	var out []round
	for _, d := range each {
		r := round{sample: sample{elapsed: 10 * d}}
		for range 10 {
			r.took = append(r.took, d)
		}
		r.cpu = usage{
			map[string]time.Duration{answering: cpu, "route": 2 * cpu, "notify": cpu},
			map[emulator.Kind]time.Duration{emulator.Firestore: 4 * cpu, emulator.PubSub: 5 * cpu},
		}
		out = append(out, r)
	}
	return out
}

// sampleReport is a report of three rounds, in which creating is quick and showing is slow.
func sampleReport() *Report {
	r := newReport(Options{Rounds: 3, Starts: 1})
	found := map[key][]round{}
	for _, op := range operations {
		for _, c := range concurrencies {
			floor := []time.Duration{2 * time.Millisecond, 10 * time.Millisecond, 4 * time.Millisecond}
			found[key{op.name, c, floorWay}] = rounds(0, floor...)
			for _, way := range op.ways()[1:] {
				times := []time.Duration{3 * time.Millisecond, 15 * time.Millisecond, 40 * time.Millisecond}
				if op.name == "show" {
					times = []time.Duration{6 * time.Millisecond, 20 * time.Millisecond, 16 * time.Millisecond}
				}
				found[key{op.name, c, way}] = rounds(15*time.Millisecond, times...)
			}
		}
	}
	r.fill(found)
	r.Functions = []Function{{Name: "tickets", StartMS: 20, ServeMS: 60, IdleMB: 41, LoadedMB: 50}}
	r.judge()
	return r
}

func TestEachRoundIsComparedWithItsOwnFloor(t *testing.T) {
	r := sampleReport()
	for name, want := range map[string]float64{"create": 1.5, "show": 3} {
		l := r.operation(name).Levels[0]
		direct := l.Ways[len(l.Ways)-2]
		if direct.Name != directWay || direct.Ratio != want || l.Rounds != 3 || l.Requests != 10 {
			t.Errorf("%s: got %+v, want %v x floor", name, direct, want)
		}
	}
	floor := r.operation("show").Levels[0].Ways[0]
	if floor.P50 != 4 || floor.P99 != 10 || floor.PerSecond != 250 || floor.Ratio != 1 {
		t.Errorf("the floor is %+v", floor)
	}
}

func TestCPUIsSharedOutByFunction(t *testing.T) {
	got := sampleReport().operation("patch").Levels[1].CPU
	if want := (CPU{Answering: 1.5, Events: 4.5, Firestore: 6, PubSub: 7.5}); got != want || got.Functions() != 6 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestGoalsAreMetOrMissed(t *testing.T) {
	got := map[string]bool{}
	for _, g := range sampleReport().Goals {
		got[g.Name] = g.Met
	}
	for name, met := range map[string]bool{
		"create, 1 at once: p50, direct":           true,
		"create, 16 at once: p50, alone":           true,
		"show, 1 at once: p50, direct":             false,
		"show, 1 at once: CPU of the function":     false,
		"patch, 1 at once: CPU of the function":    true,
		"tickets: start to first answer":           true,
		"tickets: idle memory":                     false,
		"list, 16 at once: CPU of the function":    true,
		"list, 1 at once: p50, direct":             true,
		"comment, 16 at once: CPU of the function": true,
	} {
		if is, judged := got[name]; !judged || is != met {
			t.Errorf("%s: judged %v, met %v, want %v", name, judged, is, met)
		}
	}
	for name := range got {
		if strings.Contains(name, frontWay) {
			t.Errorf("%s: the front door is never deployed", name)
		}
	}
}

func TestAMissedGoalIsSaidAndNoError(t *testing.T) {
	r := sampleReport()
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":     func(b *bytes.Buffer) error { return r.Text(b) },
		"markdown": func(b *bytes.Buffer) error { return r.Markdown(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"MISSED", "met", "show, 1 at once: p50, direct (3.00 x floor, goal 1.50)", "tickets: idle memory (41.0 MB, goal 40.0)", r.Machine.Processor} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, &b)
			}
		}
	}
}

func TestTablesAreComplete(t *testing.T) {
	for _, table := range sampleReport().tables() {
		for i, row := range table.rows {
			if len(row) != len(table.rows[0]) {
				t.Errorf("%s, row %d: %d cells under %d heads", table.title, i, len(row), len(table.rows[0]))
			}
		}
	}
}
